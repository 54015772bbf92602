"""What Ideogram's models accept: fields, size presets, prices, speeds (facts of 2026-11-22)."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from runtz_sim.inputs import NOTHING, Inputs, Measured

MAX_SEED = 2_147_483_647
_PRESETS = [
    "1024x1024", "896x1120", "1120x896", "864x1152", "1152x864", "832x1248", "1248x832", "720x1280", "1280x720",
    "800x1280", "1280x800", "720x1440", "1440x720", "512x1536", "1536x512",
]  # fmt: skip
V2_SIZES = frozenset(_PRESETS) | {
    "x".join(str(2 * int(side)) for side in preset.split("x")) for preset in _PRESETS
}
V3_SIZES = frozenset(
    {
        "512x1536", "576x1408", "576x1472", "576x1536", "640x1344", "640x1408", "640x1472", "640x1536", "704x1152",
        "704x1216", "704x1280", "704x1344", "704x1408", "704x1472", "736x1312", "768x1088", "768x1216", "768x1280",
        "768x1344", "800x1280", "832x960", "832x1024", "832x1088", "832x1152", "832x1216", "832x1248", "864x1152",
        "896x960", "896x1024", "896x1088", "896x1120", "896x1152", "960x832", "960x896", "960x1024", "960x1088",
        "1024x832", "1024x896", "1024x960", "1024x1024", "1088x768", "1088x832", "1088x896", "1088x960", "1120x896",
        "1152x704", "1152x832", "1152x864", "1152x896", "1216x704", "1216x768", "1216x832", "1248x832", "1280x704",
        "1280x768", "1280x800", "1312x736", "1344x640", "1344x704", "1344x768", "1408x576", "1408x640", "1408x704",
        "1472x576", "1472x640", "1472x704", "1536x512", "1536x576", "1536x640",
    }
)  # fmt: skip
V3_RATIOS = {
    "1x3": "512x1536", "3x1": "1536x512", "1x2": "704x1408", "2x1": "1408x704", "9x16": "736x1312",
    "16x9": "1312x736", "10x16": "800x1280", "16x10": "1280x800", "2x3": "832x1248", "3x2": "1248x832",
    "3x4": "864x1152", "4x3": "1152x864", "4x5": "896x1120", "5x4": "1120x896", "1x1": "1024x1024",
}  # fmt: skip
_V3_FIELDS = frozenset(
    {
        "prompt", "seed", "resolution", "aspect_ratio", "rendering_speed", "magic_prompt", "negative_prompt",
        "num_images", "color_palette", "style_codes", "style_type", "style_preset", "style_reference_images",
        "character_reference_images", "character_reference_images_mask", "custom_model_uri",
    }
)  # fmt: skip
_V2_FIELDS = frozenset(
    {
        "prompt", "magic_prompt", "quality", "size", "seed", "num_images", "images", "mask",
        "enable_copyright_detection", "async", "webhook_url",
    }
)  # fmt: skip
_V2_4_FIELDS = _V2_FIELDS - {"quality", "size"} | {"resolution", "rendering_speed"}
_STYLES = ("AUTO", "GENERAL", "REALISTIC", "DESIGN", "FICTION", "CUSTOM", "STYLIZED")


class Invalid(ValueError):
    """A field the vendor refuses; the message is the vendor's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model at one API version. `prices` in micro-dollars and `seconds` both per step (quality or speed)."""

    name: str
    fields: frozenset[str]
    step_field: str
    default_step: str
    prices: Mapping[str, int]
    seconds: Mapping[str, float]
    upper: bool = False  # steps are written in upper case


_4_5 = Model(
    name="ideogram-4-5",
    fields=_V2_FIELDS,
    step_field="quality",
    default_step="high",
    prices={"low": 30_000, "medium": 60_000, "high": 100_000},
    seconds={"low": 9, "medium": 16, "high": 26},
)
_4 = Model(
    name="ideogram-4",
    fields=_V2_4_FIELDS,
    step_field="rendering_speed",
    default_step="default",
    prices={"turbo": 30_000, "default": 60_000, "quality": 100_000},
    seconds={"turbo": 7, "default": 13, "quality": 22},
)
_3_PRICES = {"flash": 30_000, "turbo": 30_000, "default": 60_000, "balanced": 60_000, "quality": 90_000}
_3_SECONDS = {"flash": 3, "turbo": 6, "default": 12, "balanced": 12, "quality": 20}
_3 = Model(
    name="ideogram-3",
    fields=_V3_FIELDS | {"async", "webhook_url"},
    step_field="rendering_speed",
    default_step="default",
    prices=_3_PRICES,
    seconds=_3_SECONDS,
)
V2_MODELS = {"ideogram-4-5": _4_5, "auto": _4_5, "ideogram-4": _4, "ideogram-3": _3}
V1_MODEL = Model(
    name="ideogram-3",
    fields=_V3_FIELDS,
    step_field="rendering_speed",
    default_step="default",
    prices=_3_PRICES,
    seconds=_3_SECONDS,
    upper=True,
)
USUAL_SECONDS = {model.name: float(model.seconds[model.default_step]) for model in (_4_5, _4, _3)} | {
    "topaz-standard-2": 12.0
}


REMIX_4_5 = replace(_4_5, fields=_V2_FIELDS | {"image", "image_weight"})
REMIX_3 = replace(V1_MODEL, fields=_V3_FIELDS | {"image", "image_weight"})
EDIT_3 = replace(
    V1_MODEL, fields=_V3_FIELDS - {"resolution", "aspect_ratio", "negative_prompt"} | {"image", "mask"}
)
UPSCALERS = ("auto", "topaz-standard-2", "topaz-text-refine")
FACTORS = {"x2": 2, "x4": 4, "x8": 8}
UPSCALE_MICROS = 60_000  # for every megapixel that comes out, begun ones counted whole
UPSCALE_SECONDS = 12.0
_UPSCALE_FIELDS = frozenset({"image", "upscale_factor", "async", "webhook_url"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOrder:
    """A validated request."""

    model: str
    prompt: str
    width: int
    height: int
    seed: int | None
    n: int
    seconds: float  # usual, for the chosen step
    usd_micros: int  # for all its pictures
    style_type: str
    background: bool  # answer at once, let the client poll
    inputs: Inputs = NOTHING

    @property
    def resolution(self) -> str:
        """Pixels as the vendor writes them: "1024x1024"."""
        return f"{self.width}x{self.height}"


def read(model: Model, body: dict[str, Any]) -> ImageOrder:
    """Check a request body. Raises Invalid."""
    unknown = sorted(set(body) - model.fields)
    if unknown:
        raise Invalid(f"Additional properties are not allowed ('{unknown[0]}' was unexpected)")
    prompt = body.get("prompt")
    if prompt is None:
        raise Invalid("'prompt' is a required property")
    if not isinstance(prompt, str) or not 1 <= len(prompt) <= 10_000:
        raise Invalid("The prompt must be 1 to 10000 characters long - 'prompt'")
    step = _step(model, body)
    n = _whole(body, "num_images", 1, 8, 1)
    width, height = (int(side) for side in _resolution(model, body).split("x"))
    return ImageOrder(
        model=model.name,
        prompt=prompt,
        width=width,
        height=height,
        seed=None if body.get("seed") is None else _whole(body, "seed", 0, MAX_SEED, 0),
        n=n,
        seconds=model.seconds[step],
        usd_micros=model.prices[step] * n,
        style_type=_one_of(str(body.get("style_type", "GENERAL")).upper(), _STYLES, "style_type"),
        background=bool(body.get("async")),
    )


def weight(body: dict[str, Any]) -> int:
    """Percent of the picture put in that stay. Raises Invalid."""
    return _whole(body, "image_weight", 1, 100, 50)


def nearest_size(measured: Measured) -> tuple[int, int]:
    """The size of 3.0 whose shape is nearest to a picture's."""
    sizes = [(int(wide), int(high)) for wide, high in (size.split("x") for size in sorted(V3_SIZES))]
    shape = math.log(measured.width / measured.height)
    return min(sizes, key=lambda size: abs(math.log(size[0] / size[1]) - shape))


def upscale_factor(body: dict[str, Any]) -> int:
    """How many times the sides. Raises Invalid for this and for fields that an upscale does not take."""
    unknown = sorted(set(body) - _UPSCALE_FIELDS)
    if unknown:
        raise Invalid(f"Additional properties are not allowed ('{unknown[0]}' was unexpected)")
    return FACTORS[_one_of(body.get("upscale_factor", "x2"), FACTORS, "upscale_factor")]


def upscaled(model: str, put_in: Inputs, measured: Measured, factor: int, *, background: bool) -> ImageOrder:
    """The order of an upscale."""
    width, height = measured.width * factor, measured.height * factor
    return ImageOrder(
        model=model,
        prompt="",
        width=width,
        height=height,
        seed=None,
        n=1,
        seconds=UPSCALE_SECONDS,
        usd_micros=math.ceil(width * height / 1_000_000) * UPSCALE_MICROS,
        style_type="GENERAL",
        background=background,
        inputs=put_in,
    )


def _step(model: Model, body: dict[str, Any]) -> str:
    written = body.get(model.step_field)
    if written is None:
        return model.default_step
    allowed = [step.upper() if model.upper else step for step in model.prices]
    return _one_of(written, allowed, model.step_field).lower()


def _resolution(model: Model, body: dict[str, Any]) -> str:
    if not {"size", "resolution"} & model.fields:
        return "1024x1024"  # an edit keeps the size of its picture
    if "size" in model.fields:
        size = str(body.get("size", "auto"))
        return "1024x1024" if size in ("auto", "source") else _one_of(size, V2_SIZES, "size")
    resolution, ratio = body.get("resolution"), body.get("aspect_ratio")
    if "aspect_ratio" not in model.fields:
        return _one_of(resolution or "1024x1024", V2_SIZES, "resolution")
    if resolution is not None and ratio is not None:
        raise Invalid("Only one of resolution and aspect_ratio may be set - 'resolution'")
    if resolution is not None:
        return _one_of(resolution, V3_SIZES, "resolution")
    return V3_RATIOS[_one_of(ratio or "1x1", V3_RATIOS, "aspect_ratio")]


def _one_of(value: Any, allowed: Iterable[str], field: str) -> str:
    if value not in allowed:
        raise Invalid(f"'{value}' is not one of {sorted(allowed)} - '{field}'")
    return str(value)


def _whole(body: dict[str, Any], field: str, least: int, most: int, default: int) -> int:
    value = body.get(field, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid(f"{value!r} is not of type 'integer' - '{field}'")
    if not least <= value <= most:
        raise Invalid(f"{value} is not between {least} and {most} - '{field}'")
    return value
