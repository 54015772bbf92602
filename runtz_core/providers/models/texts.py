"""Text models that write and judge: what they cost by the token, the default of each vendor first."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from runtz_core.providers.base import Cost

CHARS_A_TOKEN = 3  # rather too few: English has four, many languages two
PICTURE_TOKENS = 1_600  # of a picture 1024 pixels wide, the dearest vendor's count
FORM_TOKENS = 400  # the schema and the envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSpec:
    """What a text model can do and costs. Micro-dollars a token are dollars a million tokens."""

    provider: str
    model: str
    label: str
    text_in: Fraction
    text_out: Fraction
    words_chars: int = 100_000
    sees_pictures: bool = True
    usual_seconds: float = 4.0
    price_source: str = "litellm's price table, read 2026-11-22"

    def price(self, *, chars: int, pictures: int, max_tokens: int) -> int:
        """Micro-dollars a question may cost at most, by characters sent and tokens allowed."""
        put_in = ceil(chars / CHARS_A_TOKEN) + PICTURE_TOKENS * pictures + FORM_TOKENS
        return ceil(put_in * self.text_in + max_tokens * self.text_out)

    def cost(self, put_in: int | None, out: int | None) -> Cost | None:
        """The cost of reported tokens, None when the vendor reported none."""
        if put_in is None or out is None:
            return None
        return Cost(usd_micros=max(ceil(put_in * self.text_in + out * self.text_out), 0), basis="usage")


def _text(provider: str, model: str, label: str, put_in: str, out: str, seconds: float) -> TextSpec:
    return TextSpec(
        provider=provider,
        model=model,
        label=label,
        text_in=Fraction(put_in),
        text_out=Fraction(out),
        usual_seconds=seconds,
    )


TEXT_MODELS: Sequence[TextSpec] = (
    _text("anthropic", "claude-haiku-5-5", "Claude Haiku 5.5", "0.1", "0.5", 3),
    _text("anthropic", "claude-sonnet-5-5", "Claude Sonnet 5.5", "2", "10", 6),
    _text("openai", "gpt-6-luna", "GPT-6 Luna", "0.1", "0.5", 3),
    _text("openai", "gpt-6.1-terra", "GPT-6.1 Terra", "1", "5", 5),
    _text("gemini", "gemini-3.5-flash-lite", "Gemini 3.5 Flash-Lite", "0.3", "2.5", 3),
    _text("gemini", "gemini-3.8-flash", "Gemini 3.8 Flash", "0.75", "3.75", 5),
)

_BY_NAME = {spec.model: spec for spec in TEXT_MODELS}


def text_spec(model: str) -> TextSpec:
    """A text model. Raises KeyError for one this installation does not know."""
    return _BY_NAME[model]


def text_models(provider: str) -> list[TextSpec]:
    """A vendor's text models, its default first; empty for a vendor that has none."""
    return [spec for spec in TEXT_MODELS if spec.provider == provider]
