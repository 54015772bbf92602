"""Google's Gemini image models: their exact pixel tables and token prices."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil

from runtz_core.providers.base import ModelSpec, Size
from runtz_core.providers.sizes import sizes

# The vendor's table for one "K"; 2K and 4K are twice and four times each edge.
_ONE_K = sizes(
    "1:1 1024x1024, 2:3 848x1264, 3:2 1264x848, 3:4 896x1200, 4:3 1200x896, 4:5 928x1152, 5:4 1152x928, "
    "9:16 768x1376, 16:9 1376x768, 21:9 1584x672"
)
_ONE_K_EXTREMES = sizes("1:4 512x2048, 4:1 2048x512, 1:8 384x3072, 8:1 3072x384")
_FLASH_2_5 = sizes(
    "1:1 1024x1024, 2:3 832x1248, 3:2 1248x832, 3:4 864x1184, 4:3 1184x864, 4:5 896x1152, 5:4 1152x896, "
    "9:16 768x1344, 16:9 1344x768, 21:9 1536x672"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Micro-dollars a token (dollars a million), and the picture tokens of each tier."""

    text_in: Fraction
    text_out: Fraction
    image_out: int
    picture_tokens: Mapping[str, int]

    def picture_price(self, tier: str, _size: Size) -> int:
        """Micro-dollars of one picture's own tokens, the same at every ratio."""
        return self.picture_tokens[tier] * self.image_out


RATES: Mapping[str, Rates] = {
    "gemini-nano-banana-2.1": Rates(
        text_in=Fraction("1.5"),
        text_out=Fraction("7.5"),
        image_out=30,
        picture_tokens={"1K": 1120, "2K": 1680, "4K": 2520},
    ),
    "gemini-3-pro-image": Rates(
        text_in=Fraction("2"),
        text_out=Fraction("12"),
        image_out=120,
        picture_tokens={"1K": 1120, "2K": 1120, "4K": 2000},
    ),
    "gemini-2.5-flash-image": Rates(
        text_in=Fraction("0.3"), text_out=Fraction("2.5"), image_out=30, picture_tokens={"1K": 1290}
    ),
}


def _times(table: Mapping[str, Size], factor: int) -> dict[str, Size]:
    return {ratio: Size(size.width * factor, size.height * factor) for ratio, size in table.items()}


_INPUT_TOKENS = 1_120  # of one picture put in, at the resolution the vendor reads it in


def _input_price(rates: Rates) -> Callable[[Sequence[Size]], int]:
    return lambda put_in: ceil(len(put_in) * _INPUT_TOKENS * rates.text_in)


def _gemini(
    model: str,
    label: str,
    one_k: Mapping[str, Size],
    *,
    usual_seconds: float,
    ends_on: date | None = None,
    successor: str | None = None,
) -> ModelSpec:
    rates = RATES[model]
    factors = {"1K": 1, "2K": 2, "4K": 4}
    return ModelSpec(
        provider="gemini",
        model=model,
        label=label,
        tiers=tuple(rates.picture_tokens),
        default_tier="1K",
        sizes={tier: _times(one_k, factors[tier]) for tier in rates.picture_tokens},
        price=rates.picture_price,
        price_source="Google's token prices and litellm's price table, read 2026-11-22",
        usual_seconds=usual_seconds,
        prompt_chars=32_000,
        media_type="image/png",
        max_seed=2**31 - 1,
        max_references=14,
        input_price=_input_price(rates),
        ends_on=ends_on,
        successor=successor,
    )


GEMINI_MODELS: tuple[ModelSpec, ...] = (
    _gemini("gemini-nano-banana-2.1", "Nano Banana 2.1", _ONE_K | _ONE_K_EXTREMES, usual_seconds=20),
    _gemini("gemini-3-pro-image", "Gemini 3 Pro Image", _ONE_K, usual_seconds=30),
    _gemini(
        "gemini-2.5-flash-image",
        "Gemini 2.5 Flash Image",
        _FLASH_2_5,
        usual_seconds=10,
        ends_on=date(2027, 3, 15),
        successor="gemini-nano-banana-2.1",
    ),
)
