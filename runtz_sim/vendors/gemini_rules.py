"""What Gemini's image models accept: ratios, sizes, exact pixels, tokens (facts of 2026-11-22)."""

from dataclasses import dataclass
from typing import Any

from runtz_sim.inputs import NOTHING, BadInput, Inputs, from_base64

MOST_PICTURES, PICTURE_BYTES = 14, 20 * 2**20
INPUT_TOKENS = 1_120  # of one picture put in
_SCALES = {"512": 0.5, "1K": 1.0, "2K": 2.0, "4K": 4.0}
_OLD_PIXELS = {
    "1:1": (1024, 1024), "2:3": (832, 1248), "3:2": (1248, 832), "3:4": (864, 1184), "4:3": (1184, 864),
    "4:5": (896, 1152), "5:4": (1152, 896), "9:16": (768, 1344), "16:9": (1344, 768), "21:9": (1536, 672),
}  # fmt: skip
_PIXELS = {
    "1:1": (1024, 1024), "2:3": (848, 1264), "3:2": (1264, 848), "3:4": (896, 1200), "4:3": (1200, 896),
    "4:5": (928, 1152), "5:4": (1152, 928), "9:16": (768, 1376), "16:9": (1376, 768), "21:9": (1584, 672),
}  # fmt: skip
_LONG_PIXELS = {"1:4": (512, 2048), "4:1": (2048, 512), "1:8": (384, 3072), "8:1": (3072, 384)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One image model. `tokens`: image size -> output tokens of a picture; `sized` False takes no imageSize."""

    label: str
    seconds: float  # at 1K, as reported by users
    pixels: dict[str, tuple[int, int]]
    tokens: dict[str, int]
    sized: bool = True
    thoughts: int = 0  # tokens spent thinking
    drafts: bool = False  # shows a draft picture among its thoughts


MODELS: dict[str, Model] = {
    "gemini-nano-banana-2.1": Model(
        label="Nano Banana 2.1",
        seconds=20,
        pixels=_PIXELS | _LONG_PIXELS,
        tokens={"1K": 1120, "2K": 1680, "4K": 2520},
        thoughts=40,
    ),
    "gemini-3-pro-image": Model(
        label="Nano Banana Pro",
        seconds=24,
        pixels=_PIXELS,
        tokens={"1K": 1120, "2K": 1120, "4K": 2000},
        thoughts=120,
        drafts=True,
    ),
    "gemini-3.1-flash-image": Model(
        label="Nano Banana 2",
        seconds=12,
        pixels=_PIXELS | _LONG_PIXELS,
        tokens={"512": 747, "1K": 1120, "2K": 1680, "4K": 2520},
    ),
    "gemini-3.1-flash-lite-image": Model(
        label="Gemini 3.1 Flash-Lite Image", seconds=6, pixels=_PIXELS, tokens={"1K": 1120}
    ),
    "gemini-2.5-flash-image": Model(
        label="Nano Banana", seconds=8, pixels=_OLD_PIXELS, tokens={"1K": 1290}, sized=False
    ),
}
ALIASES = {"nano-banana-pro-preview": "gemini-3-pro-image"}


class Invalid(ValueError):
    """A field the vendor refuses; the message is the vendor's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOrder:
    """A validated generateContent request for a picture."""

    model: str
    prompt: str
    width: int
    height: int
    image_size: str
    seed: int | None
    wants_image: bool
    inputs: Inputs = NOTHING


def read(model_name: str, body: dict[str, Any]) -> ImageOrder:
    """Check a generateContent body, camelCase or snake_case. Raises Invalid."""
    found = _camel_cased(body)
    model = MODELS[model_name]
    config = found.get("generationConfig") or {}
    image = config.get("imageConfig") or {}
    if config.get("candidateCount", 1) != 1:
        raise Invalid("Multiple candidates is not enabled for this model")
    ratio, image_size = image.get("aspectRatio") or "1:1", image.get("imageSize") or "1K"
    if ratio not in model.pixels:
        raise Invalid(f"aspect_ratio must be one of {sorted(model.pixels)}.")
    if image_size not in model.tokens or (image.get("imageSize") and not model.sized):
        raise Invalid(f"image_size '{image_size}' is not supported by model {model_name}.")
    seed = config.get("seed")
    if seed is not None and not (isinstance(seed, int) and -(2**31) <= seed < 2**31):
        raise Invalid(f"Invalid value at 'generation_config.seed' (TYPE_INT32), {seed}")
    width, height = model.pixels[ratio]
    scale = _SCALES[image_size]
    return ImageOrder(
        model=model_name,
        prompt=_prompt(found),
        inputs=_inputs(found),
        width=int(width * scale),
        height=int(height * scale),
        image_size=image_size,
        seed=None if seed is None else seed % 2**31,
        wants_image="IMAGE"
        in [str(item).upper() for item in config.get("responseModalities") or ["TEXT", "IMAGE"]],
    )


def usage(order: ImageOrder, *, images: int) -> dict[str, Any]:
    """usageMetadata: about four characters a token in, the model's fixed tokens for a picture out."""
    model = MODELS[order.model]
    text = max(1, len(order.prompt) // 4)
    seen = INPUT_TOKENS * len(order.inputs.pictures)
    made = model.tokens[order.image_size] * images
    counted: dict[str, Any] = {
        "promptTokenCount": text + seen,
        "candidatesTokenCount": made or 12,
        "totalTokenCount": text + seen + (made or 12) + model.thoughts,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": text}],
    }
    if seen:
        counted["promptTokensDetails"].append({"modality": "IMAGE", "tokenCount": seen})
    if images:
        counted["candidatesTokensDetails"] = [{"modality": "IMAGE", "tokenCount": made}]
    if model.thoughts:
        counted["thoughtsTokenCount"] = model.thoughts
    return counted


def _inputs(body: dict[str, Any]) -> Inputs:
    """The pictures among the parts of the last turn."""
    contents = body.get("contents")
    last = contents[-1] if isinstance(contents, list) and contents else None
    parts = last.get("parts") if isinstance(last, dict) else None
    inline = [
        part["inlineData"].get("data")
        for part in (parts if isinstance(parts, list) else [])
        if isinstance(part, dict) and isinstance(part.get("inlineData"), dict)
    ]
    try:
        return Inputs(pictures=from_base64([one.translate(_TO_PLAIN) for one in inline], "inline_data"))
    except (BadInput, AttributeError) as bad:
        raise Invalid("Invalid value at 'contents.parts.inline_data.data' (TYPE_BYTES)") from bad


# Google reads both alphabets of base64 and writes the one of addresses.
_TO_PLAIN = str.maketrans("-_", "+/")


def _prompt(body: dict[str, Any]) -> str:
    contents = body.get("contents")
    if not isinstance(contents, list) or not contents:
        raise Invalid("* GenerateContentRequest.contents: contents is not specified")
    last = contents[-1]
    parts = last.get("parts") if isinstance(last, dict) else None
    if not isinstance(parts, list) or not parts:
        raise Invalid("* GenerateContentRequest.contents: contents.parts must not be empty.")
    return "\n".join(
        part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)
    )


def _camel_cased(value: Any) -> Any:
    """The same JSON with snake_case keys in camelCase, as Google's servers read it."""
    if isinstance(value, dict):
        return {_camel(name): _camel_cased(item) for name, item in value.items()}
    return [_camel_cased(item) for item in value] if isinstance(value, list) else value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
