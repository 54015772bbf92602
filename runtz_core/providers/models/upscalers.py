"""What enlarges pictures: this computer, which costs nothing, and vendors that do it by the megapixel."""

from math import ceil

from runtz_core.providers.base import ModelSpec, Size

LOCAL = "local"  # the provider id of this computer
LOCAL_MODEL = "local-upscale"
TOPAZ = "topaz-standard-2"
_TOPAZ_MICROS = 60_000  # for each megapixel that comes out, begun ones counted whole


def factor_of(tier: str) -> int:
    """How many times the sides: 2 of "x2". Raises ValueError."""
    return int(tier.removeprefix("x"))


def enlarged(size: Size, tier: str) -> Size:
    """The size that comes out. Raises ValueError for what is no factor."""
    factor = factor_of(tier)
    return Size(size.width * factor, size.height * factor)


def _nothing(_tier: str, _size: Size) -> int:
    return 0


def _by_megapixel(_tier: str, size: Size) -> int:
    return ceil(size.megapixels) * _TOPAZ_MICROS


def _upscaler(provider: str, model: str, label: str, *, here: bool, usual_seconds: float) -> ModelSpec:
    tiers = ("x2", "x4")
    return ModelSpec(
        provider=provider,
        model=model,
        label=label,
        tiers=tiers,
        default_tier="x2",
        sizes={tier: {"1:1": Size(2048, 2048)} for tier in tiers},
        price=_nothing if here else _by_megapixel,
        price_source="nothing is bought" if here else "third parties' list, read 2026-11-22",
        usual_seconds=usual_seconds,
        prompt_chars=32_000,
        media_type="image/png",
        max_references=1,
        upscales=True,
        link_seconds=None if here else 24 * 3600,
    )


UPSCALERS: tuple[ModelSpec, ...] = (
    _upscaler(LOCAL, LOCAL_MODEL, "Upscale here", here=True, usual_seconds=12),
    _upscaler("ideogram", TOPAZ, "Topaz Standard 2", here=False, usual_seconds=12),
)
