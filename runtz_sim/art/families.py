"""Which hand stands for a model name, and the manner that tells two models of one hand apart."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """The five hands."""

    OPENAI = "openai"
    GEMINI = "gemini"
    IDEOGRAM = "ideogram"
    FLUX = "flux"
    LOCAL = "local"


@dataclass(frozen=True, kw_only=True)
class Manner:
    """A model's taste: which `sky` of the palette, contrast and saturation, a tint per channel, a poster scheme."""

    sky: int
    contrast: float = 1.0
    saturation: float = 1.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    scheme: int = 0


SKY_SHIFT = {Family.FLUX: 2, Family.LOCAL: 1}  # keeps hands apart that would share a sky
KEYS = {
    Family.OPENAI: "openai gpt dall",
    Family.GEMINI: "gemini imagen google nano",
    Family.IDEOGRAM: "ideogram recraft",
    Family.FLUX: "flux bfl stability sd3 kontext",
    Family.LOCAL: "local comfy sdxl stable geometric",
}
MANNERS = (
    Manner(sky=0, contrast=1.12, saturation=1.04, scheme=0),
    Manner(sky=1, contrast=1.05, saturation=1.16, tint=(1.03, 0.99, 1.0), scheme=1),
    Manner(sky=2, contrast=1.2, saturation=0.9, tint=(1.02, 1.0, 0.97), scheme=2),
    Manner(sky=1, contrast=1.0, saturation=1.25, tint=(0.98, 1.0, 1.04), scheme=3),
)
# The models the product knows, by what their names contain; first match counts.
KNOWN = {
    "2.6-flare": 0, "2.6-sunburst": 1, "2.5": 2, "dall-e": 3, "nano-banana": 1, "3-pro-image": 0,
    "2-max": 1, "klein": 2, "flux-3": 3, "flux-2": 0, "4-5": 0, "4.5": 0, "ideogram-3": 1, "v3": 1,
}  # fmt: skip


def family(model: str) -> Family:
    """The hand for a model name; names nobody knows are spread over the five by digest."""
    low = model.lower()
    for name, keys in KEYS.items():
        if any(key in low for key in keys.split()):
            return name
    return list(Family)[_digest(low) % len(Family)]


def manner(model: str) -> Manner:
    """The manner of a model."""
    low = model.lower()
    for part, index in KNOWN.items():
        if part in low:
            return MANNERS[index]
    return MANNERS[_digest(low) // 7 % len(MANNERS)]


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:4], "big")
