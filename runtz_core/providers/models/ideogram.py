"""Ideogram's image models: size presets and flat prices."""

from collections.abc import Mapping

from runtz_core.providers.base import ModelSpec, Size
from runtz_core.providers.sizes import both_ways, sizes

_LINK_SECONDS = 24 * 3600
_PRICES = "ideogram.ai/blog/ideogram-api-pricing, 2026-11-16"

_SQUARE = sizes("1:1 1024x1024")
_SIZES_4_5 = _SQUARE | both_ways(
    sizes(
        "5:4 1120x896, 4:3 1152x864, 3:2 1248x832, 16:9 1280x720, 16:10 1280x800, 2:1 1440x720, 3:1 1536x512"
    )
)
# Of the 69 resolutions of 3.0, the one nearest to each ratio.
_SIZES_3 = _SQUARE | both_ways(
    sizes(
        "5:4 1120x896, 4:3 1152x864, 3:2 1248x832, 16:9 1312x736, 16:10 1280x800, 2:1 1408x704, "
        "21:9 1472x640, 3:1 1536x512"
    )
)

# Micro-dollars a picture.
PRICES_4_5: Mapping[str, int] = {"low": 30_000, "medium": 60_000, "high": 100_000}
PRICES_3: Mapping[str, int] = {"FLASH": 30_000, "TURBO": 30_000, "DEFAULT": 60_000, "QUALITY": 90_000}


def _price_4_5(tier: str, _size: Size) -> int:
    return PRICES_4_5[tier]


def _price_3(tier: str, _size: Size) -> int:
    return PRICES_3[tier]


IDEOGRAM_MODELS: tuple[ModelSpec, ...] = (
    ModelSpec(
        provider="ideogram",
        model="ideogram-4-5",
        label="Ideogram 4.5",
        tiers=tuple(PRICES_4_5),
        default_tier="medium",
        sizes=dict.fromkeys(PRICES_4_5, _SIZES_4_5),
        price=_price_4_5,
        price_source=_PRICES,
        usual_seconds=26,
        prompt_chars=10_000,
        media_type="image/png",
        max_seed=2**31 - 1,
        max_references=5,
        takes_mask=True,
        takes_strength=True,
        link_seconds=_LINK_SECONDS,
    ),
    ModelSpec(
        provider="ideogram",
        model="ideogram-3",
        label="Ideogram 3",
        tiers=tuple(PRICES_3),
        default_tier="DEFAULT",
        sizes=dict.fromkeys(PRICES_3, _SIZES_3),
        price=_price_3,
        price_source=_PRICES,
        usual_seconds=12,
        prompt_chars=10_000,
        media_type="image/png",
        max_seed=2**31 - 1,
        takes_negative=True,
        max_references=4,
        takes_mask=True,
        takes_strength=True,
        link_seconds=_LINK_SECONDS,
    ),
)
