"""A scene: what a prompt shows, laid out in the picture's own units with no pixel size in it."""

import hashlib
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from runtz_sim.art.palettes import Inks
from runtz_sim.art.shapes import Part, Rng
from runtz_sim.art.words import Reading

Sky = Literal["open", "space", "indoor", "deep"]


@dataclass(kw_only=True)
class Scene:
    """One layout in the making: places and things append their parts to it, far ones first."""

    aspect: float
    reading: Reading
    time: str
    weather: str
    inks: Inks
    rng: Rng
    horizon: float
    focus: float
    sun: tuple[float, float, float]
    sky: Sky = "open"
    parts: list[Part] = field(default_factory=list)
    subject_from: int = 0  # the subject's layers and what is before it start at this part

    @property
    def unit(self) -> float:
        """The shorter side, which sizes things."""
        return min(1.0, self.aspect)

    @property
    def dark(self) -> bool:
        """Whether lamps are on."""
        return self.time in ("night", "dusk", "storm")

    @property
    def lamplit(self) -> bool:
        """Whether lamps outshine the sky."""
        return self.time in ("night", "storm") or (self.sky == "indoor" and "neon" in self.reading.styles)

    def add(self, *parts: Part) -> None:
        """Put parts in front of what is there."""
        self.parts.extend(parts)


def generator(*keys: str | int | float) -> Rng:
    """A random stream that is the same in every process for the same keys."""
    text = "\x1f".join(str(key) for key in keys)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))
