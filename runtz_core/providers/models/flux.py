"""Black Forest Labs' FLUX models: sizes on their grid, prices by the megapixel or by the resolution."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import ceil

from runtz_core.providers.base import ModelSpec, Size
from runtz_core.providers.sizes import exact_sizes, near_sizes

_CENT = 10_000  # micro-dollars; also one credit at the vendor
_MEGAPIXEL = 1024 * 1024  # the vendor counts a 1024x1024 picture as one

# FLUX.2: any multiple of 16, at most 4 MP. Four million pixels stay below every reading of that.
_STEP = 16
_TIERS: Mapping[str, int] = {"1 MP": _MEGAPIXEL, "2 MP": 2 * _MEGAPIXEL, "4 MP": 4_000_000}
_SIZES_2 = {tier: exact_sizes(step=_STEP, max_pixels=pixels) for tier, pixels in _TIERS.items()}

# Cents: the first megapixel of the picture, each further one, each megapixel put in.
CENTS_2: Mapping[str, tuple[str, str, str]] = {
    "flux-2-pro": ("3", "1.5", "1.5"),
    "flux-2-max": ("7", "3", "3"),
    "flux-2-klein-9b": ("1.5", "0.2", "0.2"),
}

# FLUX 3 takes a ratio and a resolution by name. 1.5k exists too, but its price is not published.
FLUX_3_MICROS: Mapping[str, int] = {"768sq": 41_000, "1k": 48_000, "2k": 100_000, "4k": 607_000}
FLUX_3_RATIOS = (
    *("21:9", "2:1", "16:9", "3:2", "7:5", "4:3", "5:4", "1:1"),
    *("4:5", "3:4", "5:7", "2:3", "9:16", "1:2", "9:21"),
)
_KONTEXT_RATIOS = tuple(ratio for ratio in FLUX_3_RATIOS if ratio not in ("7:5", "5:7"))
_FLUX_3_EDGE: Mapping[str, int] = {"768sq": 768, "1k": 1024, "2k": 2048, "4k": 4096}
# Expected, not promised: the vendor publishes no pixel table, so these are ratios of the named area.
_SIZES_3 = {
    tier: near_sizes(step=_STEP, edge=edge, ratios=FLUX_3_RATIOS) for tier, edge in _FLUX_3_EDGE.items()
}


def megapixel_price(model: str, out: Size, put_in: tuple[Size, ...] = ()) -> int:
    """Micro-dollars of one FLUX.2 picture: megapixels are counted whole, rounded up."""
    first, further, each_in = (Fraction(cents) * _CENT for cents in CENTS_2[model])
    more = max(_megapixels(out) - 1, 0)
    return ceil(first + more * further + sum(map(_megapixels, put_in)) * each_in)


def _megapixels(size: Size) -> int:
    return ceil(Fraction(size.width * size.height, _MEGAPIXEL))


def _flux_2_price(model: str) -> Callable[[str, Size], int]:
    return lambda _tier, size: megapixel_price(model, size)


def _flux_2_input_price(model: str) -> Callable[[Sequence[Size]], int]:
    each_in = Fraction(CENTS_2[model][2]) * _CENT
    return lambda put_in: ceil(sum(map(_megapixels, put_in)) * each_in)


KONTEXT_MICROS = 40_000  # a picture, whatever goes in


def _flat(micros: int) -> Callable[[str, Size], int]:
    return lambda _tier, _size: micros


def _flux_3_price(tier: str, _size: Size) -> int:
    return FLUX_3_MICROS[tier]


def _flux_2(model: str, label: str, *, usual_seconds: float, max_references: int = 8) -> ModelSpec:
    return ModelSpec(
        provider="flux",
        model=model,
        label=label,
        tiers=tuple(_TIERS),
        default_tier="1 MP",
        sizes=_SIZES_2,
        price=_flux_2_price(model),
        price_source="Black Forest Labs' price per megapixel, read 2026-11-22",
        usual_seconds=usual_seconds,
        prompt_chars=32_000,
        media_type="image/jpeg",
        max_seed=2**31 - 1,
        max_references=max_references,
        input_price=_flux_2_input_price(model),
        link_seconds=600,
    )


FLUX_MODELS: tuple[ModelSpec, ...] = (
    _flux_2("flux-2-pro", "FLUX.2 pro", usual_seconds=9),
    _flux_2("flux-2-max", "FLUX.2 max", usual_seconds=15),
    _flux_2("flux-2-klein-9b", "FLUX.2 klein 9B", usual_seconds=3, max_references=4),
    ModelSpec(
        provider="flux",
        model="flux-3-image",
        label="FLUX 3",
        tiers=tuple(FLUX_3_MICROS),
        default_tier="1k",
        sizes=_SIZES_3,
        price=_flux_3_price,
        price_source="prices of 2026-10-01 by third parties who quote docs.bfl.ai",
        usual_seconds=20,
        prompt_chars=15_000,
        media_type="image/jpeg",
        max_references=10,
        link_seconds=600,
    ),
    ModelSpec(
        provider="flux",
        model="flux-kontext-pro",
        label="FLUX.1 Kontext pro",
        tiers=("1 MP",),
        default_tier="1 MP",
        sizes={"1 MP": near_sizes(step=_STEP, edge=1024, ratios=_KONTEXT_RATIOS)},
        price=_flat(KONTEXT_MICROS),
        price_source="Black Forest Labs' price list, read 2026-11-22",
        usual_seconds=8,
        prompt_chars=32_000,
        media_type="image/png",
        max_seed=2**31 - 1,
        max_references=4,
        link_seconds=600,
    ),
)
