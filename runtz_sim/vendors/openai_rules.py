"""What OpenAI's image models accept and count: sizes, parameters, tokens, end dates (facts of 2026-11-22)."""

import math
from dataclasses import dataclass
from typing import Any

from runtz_sim.inputs import NOTHING, Inputs

PROMPT_CHARS = 32_000
INPUT_TOKENS = 1_100  # of one picture put in; the vendor publishes none for these models
MAX_PIXELS = 3840 * 2160
_FIXED_SIZES = frozenset({"1024x1024", "1536x1024", "1024x1536"})
_DALLE_SIZES = frozenset({"1024x1024", "1792x1024", "1024x1792"})
_COMMON = frozenset(
    {
        "prompt", "model", "n", "size", "quality", "background", "output_format", "output_compression", "moderation",
        "stream", "partial_images", "safety_identifier", "user", "complexity",
        "image", "image[]", "images", "mask", "input_fidelity", "markup",
    }
)  # fmt: skip
_LEGACY = frozenset({"prompt", "model", "n", "size", "quality", "style", "response_format", "user"})
_THREE = {"low": 16, "medium": 48, "high": 96}
_FIVE = {"low": 16, "medium": 24, "high": 48, "xhigh": 64, "max": 96}
# 2.6 was measured, not published: low about four times 2.5's tokens, high and above alike.
_FIVE_OF_2_6 = {"low": 33, "medium": 40, "high": 48, "xhigh": 64, "max": 96}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One image model. `factors`: quality -> f of the output-token formula; empty means it reports no usage."""

    seconds: float  # at 1024x1024, as reported by users
    factors: dict[str, int]
    free_size: bool = False
    legacy: bool = False
    shutdown_date: str | None = None
    created: int = 1_767_225_600


MODELS: dict[str, Model] = {
    "gpt-image-2.6-sunburst": Model(seconds=14, factors=_FIVE_OF_2_6, free_size=True),
    "gpt-image-2.6-flare": Model(seconds=9, factors=_FIVE_OF_2_6, free_size=True),
    "gpt-image-2.5-sunburst": Model(seconds=18, factors=_FIVE, free_size=True),
    "gpt-image-2.5-sunburst-2026-09-08": Model(seconds=18, factors=_FIVE, free_size=True),
    "gpt-image-2.5-flare": Model(seconds=11, factors=_FIVE, free_size=True),
    "gpt-image-2.5-flare-2026-09-08": Model(seconds=11, factors=_FIVE, free_size=True),
    "gpt-image-2": Model(seconds=22, factors=_THREE, free_size=True),
    "gpt-image-2-2026-04-21": Model(seconds=22, factors=_THREE, free_size=True),
    "gpt-image-1.5": Model(seconds=20, factors=_THREE, shutdown_date="2026-12-01"),
    "gpt-image-1-mini": Model(seconds=12, factors=_THREE, shutdown_date="2026-12-01"),
    "chatgpt-image-latest": Model(seconds=20, factors=_THREE, shutdown_date="2026-12-01"),
    # Retired at the vendor since 2026-05-12; kept here because the product offers it simulated.
    "dall-e-3": Model(seconds=12, factors={}, legacy=True, shutdown_date="2026-05-12"),
}


class Invalid(ValueError):
    """A parameter the vendor refuses. Arguments: message, param, code."""

    def __init__(self, message: str, param: str, code: str) -> None:
        super().__init__(message, param, code)
        self.message, self.param, self.code = message, param, code


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOrder:
    """A validated request with every `auto` resolved."""

    model: str
    prompt: str
    n: int
    width: int
    height: int
    quality: str
    background: str
    output_format: str
    stream: bool
    partial_images: int
    as_url: bool
    inputs: Inputs = NOTHING

    @property
    def size(self) -> str:
        """Pixels as the vendor writes them: "1024x1024"."""
        return f"{self.width}x{self.height}"


def read(body: dict[str, Any]) -> ImageOrder:
    """Check a request body as the vendor does. Raises Invalid."""
    model_name = body.get("model")
    model = MODELS.get(model_name) if isinstance(model_name, str) else None
    if model is None or not isinstance(model_name, str):
        raise Invalid(f"The model '{model_name}' does not exist.", "model", "invalid_value")
    for name in body:
        if name not in (_LEGACY if model.legacy else _COMMON):
            raise Invalid(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
    prompt = body.get("prompt")
    limit = 4_000 if model.legacy else PROMPT_CHARS
    if not isinstance(prompt, str) or not prompt:
        raise Invalid("Missing required parameter: 'prompt'.", "prompt", "missing_required_parameter")
    if len(prompt) > limit:
        raise Invalid(f"Expected a string with maximum length {limit}.", "prompt", "string_above_max_length")
    width, height = _size(str(body.get("size") or "auto"), model)
    output_format = _one_of(body, "output_format", "png", ("png", "jpeg", "webp"))
    background = _one_of(body, "background", "auto", ("auto", "opaque", "transparent"))
    if background == "transparent" and output_format == "jpeg":
        raise Invalid("Transparent background needs png or webp.", "background", "invalid_value")
    return ImageOrder(
        model=model_name,
        prompt=prompt,
        n=_whole(body, "n", 1, 1, 1 if model.legacy else 10),
        width=width,
        height=height,
        quality=_quality(body, model),
        background="opaque" if background == "auto" else background,
        output_format=output_format,
        stream=bool(body.get("stream")),
        partial_images=_whole(body, "partial_images", 0, 0, 3),
        as_url=model.legacy and _one_of(body, "response_format", "url", ("url", "b64_json")) == "url",
    )


def output_tokens(model: Model, quality: str, width: int, height: int) -> int:
    """Tokens of one finished picture; reproduces the published price rows of gpt-image-2 and 2.5."""
    factor = model.factors[quality]
    long, short = max(width, height), min(width, height)
    return math.ceil(factor * round(factor * short / long) * (2_000_000 + width * height) / 4_000_000)


def usage(order: ImageOrder, made: int, partials: int) -> dict[str, Any]:
    """The usage block: text tokens in (about four characters each), picture tokens out, 100 a partial."""
    text = max(1, math.ceil(len(order.prompt) / 4))
    seen = INPUT_TOKENS * len(order.inputs.pictures)
    picture = (
        output_tokens(MODELS[order.model], order.quality, order.width, order.height) * made + 100 * partials
    )
    return {
        "input_tokens": text + seen,
        "input_tokens_details": {"text_tokens": text, "image_tokens": seen},
        "output_tokens": picture,
        "output_tokens_details": {"image_tokens": picture, "text_tokens": 0},
        "total_tokens": text + seen + picture,
    }


def _size(text: str, model: Model) -> tuple[int, int]:
    if text == "auto":
        return 1024, 1024
    wide, mark, high = text.partition("x")
    if not mark or not (wide.isdecimal() and high.isdecimal()):
        raise Invalid(f"Invalid size '{text}'.", "size", "invalid_size")
    width, height = int(wide), int(high)
    if not model.free_size:
        allowed = _DALLE_SIZES if model.legacy else _FIXED_SIZES
        if text not in allowed:
            raise Invalid(
                f"Invalid value: '{text}'. Supported values are: {', '.join(sorted(allowed))}.",
                "size",
                "invalid_value",
            )
        return width, height
    stepped = width % 16 == 0 and height % 16 == 0 and min(width, height) >= 16
    if not stepped or not width <= 3 * height <= 9 * width:
        raise Invalid(
            f"Invalid size '{text}': sides in steps of 16, ratio up to 3:1.", "size", "invalid_size"
        )
    if width * height > MAX_PIXELS or max(width, height) > 3840:
        raise Invalid(f"Invalid size '{text}': at most 3840x2160.", "size", "invalid_size")
    return width, height


def _quality(body: dict[str, Any], model: Model) -> str:
    if model.legacy:
        return _one_of(body, "quality", "standard", ("standard", "hd"))
    chosen = _one_of(body, "quality", "auto", ("auto", *model.factors))
    return "medium" if chosen == "auto" else chosen


def _one_of(body: dict[str, Any], name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = body.get(name)
    if value is None:
        return default
    if value not in allowed:
        listed = ", ".join(f"'{item}'" for item in allowed)
        raise Invalid(f"Invalid value: '{value}'. Supported values are: {listed}.", name, "invalid_value")
    return str(value)


def _whole(body: dict[str, Any], name: str, default: int, least: int, most: int) -> int:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Invalid(
            f"Invalid '{name}': expected a whole number from {least} to {most}.", name, "invalid_value"
        )
    return value
