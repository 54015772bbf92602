"""OpenAI's image models: sizes, tiers and the token arithmetic behind their prices."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import ceil

from runtz_core.providers.base import ModelSpec, Size
from runtz_core.providers.sizes import both_ways, sizes

PARTIALS = 2  # early pictures asked for while a picture is made
_PARTIAL_TOKENS = 100  # output tokens billed for each of them

# Micro-dollars a token: $5 text in, $8 image in, $30 image out per million (gpt-image-2, 2.5 and 2.6 alike).
TEXT_IN, IMAGE_IN, IMAGE_OUT = 5, 8, 30

# The vendor's per-tier factors of its token formula. They reproduce its published tables for 2 and 2.5.
FACTORS_2: Mapping[str, int] = {"low": 16, "medium": 48, "high": 96}
FACTORS_2_5: Mapping[str, int] = {"low": 16, "medium": 24, "high": 48, "xhigh": 64, "max": 96}

# 2.6 was measured, not published: high as 2.5, medium three to four times 2.5's tokens, low as in
# 1536x1024 at 664 against 158 (2026-11-05). The bill is settled by the usage it reports.
_MORE_2_6: Mapping[str, Fraction] = {"low": Fraction(664, 158), "medium": Fraction(7, 2), "high": Fraction(1)}


def output_tokens(factor: int, size: Size) -> int:
    """Image tokens of one picture: the formula behind the vendor's price tables."""
    short, long = sorted((size.width, size.height))
    side = round(Fraction(factor * short, long))
    return ceil(Fraction(factor * side * (2_000_000 + size.width * size.height), 4_000_000))


def picture_price(factor: int, size: Size) -> int:
    """Micro-dollars of one picture's own tokens, without the prompt and without partials."""
    return output_tokens(factor, size) * IMAGE_OUT


def _streamed(micros: int) -> int:
    return micros + PARTIALS * _PARTIAL_TOKENS * IMAGE_OUT


def _price_2(tier: str, size: Size) -> int:
    return _streamed(picture_price(FACTORS_2[tier], size))


def _price_2_5(tier: str, size: Size) -> int:
    return _streamed(picture_price(FACTORS_2_5[tier], size))


def _price_2_6(tier: str, size: Size) -> int:
    high = output_tokens(FACTORS_2_5["high"], size)
    likely = ceil(_MORE_2_6[tier] * output_tokens(FACTORS_2_5[tier], size))
    return _streamed(min(likely, high) * IMAGE_OUT)


# Unpublished for 2 and later; the bill is settled by the usage the vendor reports.
_INPUT_TOKENS = 1_100


def _input_price(put_in: Sequence[Size]) -> int:
    return len(put_in) * _INPUT_TOKENS * IMAGE_IN


_DALL_E_3 = {
    ("standard", False): 40_000,
    ("standard", True): 80_000,
    ("hd", False): 80_000,
    ("hd", True): 120_000,
}


def _price_dall_e_3(tier: str, size: Size) -> int:
    return _DALL_E_3[tier, size.width != size.height]


# Any multiple of 16 within 1:3 and 3:1 is made; 1024x1024, 1536x1024 and 1024x1536 are every model's own.
_SIZES = sizes("1:1 1024x1024") | both_ways(
    sizes(
        "5:4 1280x1024, 4:3 1280x960, 3:2 1536x1024, 16:9 1536x864, 21:9 1568x672, 2:1 1536x768, 3:1 1536x512"
    )
)
_DALL_E_3_SIZES = sizes("1:1 1024x1024, 4:7 1024x1792, 7:4 1792x1024")

_PRICES = "OpenAI's price per token and litellm's price table, read 2026-11-22"


def _gpt_image(
    model: str, label: str, factors: Mapping[str, int], *, usual_seconds: float, default_tier: str = "medium"
) -> ModelSpec:
    measured = "-2.6-" in model
    return ModelSpec(
        provider="openai",
        model=model,
        label=label,
        tiers=tuple(factors),
        default_tier=default_tier,
        sizes=dict.fromkeys(factors, _SIZES),
        price=_price_2_6 if measured else _price_2 if factors is FACTORS_2 else _price_2_5,
        price_source=_PRICES + ("; low and medium estimated from measured tokens" if measured else ""),
        usual_seconds=usual_seconds,
        prompt_chars=32_000,
        media_type="image/png",
        max_references=16,
        takes_mask=True,
        input_price=_input_price,
        streams_partials=True,
    )


_THREE_TIERS = {tier: FACTORS_2_5[tier] for tier in ("low", "medium", "high")}

OPENAI_MODELS: tuple[ModelSpec, ...] = (
    _gpt_image("gpt-image-2.6-flare", "GPT Image 2.6 Flare", _THREE_TIERS, usual_seconds=10),
    _gpt_image("gpt-image-2.6-sunburst", "GPT Image 2.6 Sunburst", _THREE_TIERS, usual_seconds=20),
    _gpt_image(
        "gpt-image-2.5-flare", "GPT Image 2.5 Flare", FACTORS_2_5, usual_seconds=12, default_tier="high"
    ),
    _gpt_image(
        "gpt-image-2.5-sunburst", "GPT Image 2.5 Sunburst", FACTORS_2_5, usual_seconds=25, default_tier="high"
    ),
    _gpt_image("gpt-image-2", "GPT Image 2", FACTORS_2, usual_seconds=25),
    ModelSpec(
        provider="openai",
        model="dall-e-3",
        label="DALL·E 3",
        tiers=("standard", "hd"),
        default_tier="standard",
        sizes=dict.fromkeys(("standard", "hd"), _DALL_E_3_SIZES),
        price=_price_dall_e_3,
        price_source="OpenAI's price list before the model ended",
        usual_seconds=15,
        prompt_chars=4_000,
        media_type="image/png",
        ends_on=date(2026, 5, 12),
        successor="gpt-image-2.6-flare",
        gone_at_vendor="OpenAI ended DALL·E 3 on 12 May 2026; it runs simulated or behind your own base URL.",
    ),
)
