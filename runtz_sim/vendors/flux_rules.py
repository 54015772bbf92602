"""What Black Forest Labs' endpoints accept: fields, pixels, prices, speeds (facts of 2026-11-22)."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from runtz_sim.inputs import NOTHING, BadInput, Inputs, from_base64
from runtz_sim.pictures import MediaType

PICTURE_BYTES = 20 * 2**20
MAX_PIXELS = 2048 * 2048
_MEDIA: dict[str, MediaType] = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
_FLUX_3_RATIOS = [
    "auto", "21:9", "2:1", "16:9", "3:2", "7:5", "4:3", "5:4", "1:1", "4:5", "3:4", "5:7", "2:3", "9:16", "1:2", "9:21",
]  # fmt: skip
# resolution -> (side of the square with that area, cents a picture); 1.5k's price was not published.
_FLUX_3_STEPS = {
    "768sq": (768, 4.1),
    "1k": (1024, 4.8),
    "1.5k": (1536, 7.0),
    "2k": (2048, 10.0),
    "4k": (4096, 60.7),
}
_FLUX_3_FIELDS = frozenset(
    {
        "prompt", "images", "aspect_ratio", "resolution", "grounding", "safety_tolerance",
        "webhook_url", "webhook_secret",
    }
)  # fmt: skip


class Invalid(ValueError):
    """A field the vendor refuses. Arguments: field, message, pydantic error type."""

    def __init__(self, field: str, message: str, kind: str) -> None:
        super().__init__(field, message, kind)
        self.field, self.message, self.kind = field, message, kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOrder:
    """A validated request. `cost` in cents, which this vendor calls credits."""

    prompt: str
    width: int
    height: int
    seed: int | None
    media_type: MediaType
    cost: float
    webhook_url: str | None
    inputs: Inputs = NOTHING
    cents_each_in: float = 0  # for every megapixel put in


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One model's endpoint. `reasons`: shows flux-3's extra states."""

    seconds: float
    read: Callable[[dict[str, Any]], ImageOrder]
    reasons: bool = False


def _flux_2(
    first: float, more: float, each_in: float, most_pictures: int = 8
) -> Callable[[dict[str, Any]], ImageOrder]:
    """FLUX.2: any size in steps of 16; cents are `first` for the first megapixel and `more` for each further one."""

    def read(body: dict[str, Any]) -> ImageOrder:
        width = _side(body, "width") or _side(body, "height") or 1024
        height = _side(body, "height") or width
        if width * height > MAX_PIXELS:
            raise Invalid("width", "Image size should be at most 4 megapixels", "value_error")
        _whole(body, "safety_tolerance", 0, 5)
        megapixels = math.ceil(width * height / 1024**2)
        order = _order(body, width, height, cost=first + (megapixels - 1) * more)
        return replace(order, inputs=_numbered(body, most_pictures), cents_each_in=each_in)

    return read


def _by_ratio(
    cents: float, default: str, most_pictures: int = 0, usual: str = "jpeg"
) -> Callable[[dict[str, Any]], ImageOrder]:
    """Kontext and Ultra: one megapixel at a ratio from 21:9 to 9:21."""

    def read(body: dict[str, Any]) -> ImageOrder:
        wide, _, high = str(body.get("aspect_ratio") or default).partition(":")
        if not (wide.isdecimal() and high.isdecimal() and 9 / 21 <= int(wide) / max(1, int(high)) <= 21 / 9):
            raise Invalid("aspect_ratio", "Aspect ratio should be between 21:9 and 9:21", "value_error")
        order = _order(body, *_area(1024, int(wide) / int(high)), cost=cents, usual=usual)
        return replace(order, inputs=_numbered(body, most_pictures))

    return read


def _flux_1(body: dict[str, Any]) -> ImageOrder:
    width = _whole(body, "width", 256, 1440) or 1024
    height = _whole(body, "height", 256, 1440) or 768
    if width % 32 or height % 32:
        raise Invalid("width", "Input should be a multiple of 32", "multiple_of")
    return _order(body, width, height, cost=4.0)


def _flux_3(body: dict[str, Any]) -> ImageOrder:
    for field in body:
        if field not in _FLUX_3_FIELDS:
            raise Invalid(field, "Extra inputs are not permitted", "extra_forbidden")
    ratio = _one_of(body, "aspect_ratio", "auto", _FLUX_3_RATIOS)
    side, cents = _FLUX_3_STEPS[_one_of(body, "resolution", "1k", list(_FLUX_3_STEPS))]
    _whole(body, "safety_tolerance", 0, 4)
    wide, high = (1, 1) if ratio == "auto" else (int(part) for part in ratio.split(":"))
    order = _order(body, *_area(side, wide / high), cost=cents, longest=15_000)
    images = body.get("images") or []
    if not isinstance(images, list) or len(images) > 10:
        raise Invalid("images", "List should have at most 10 items", "too_long")
    return replace(order, inputs=_read("images", images))


def _numbered(body: dict[str, Any], most: int) -> Inputs:
    """`input_image`, `input_image_2` and so on, as many as the model has."""
    names = ["input_image", *(f"input_image_{number}" for number in range(2, most + 1))][:most]
    return _read("input_image", [body.get(name) for name in names])


def _read(field: str, values: list[Any]) -> Inputs:
    try:
        return Inputs(pictures=from_base64(values, field), weight=35)
    except BadInput as bad:
        raise Invalid(field, f"Value error, {bad.why}", "value_error") from bad


def _order(
    body: dict[str, Any], width: int, height: int, *, cost: float, longest: int = 32_000, usual: str = "jpeg"
) -> ImageOrder:
    prompt = body.get("prompt")
    if prompt is None:
        raise Invalid("prompt", "Field required", "missing")
    if not isinstance(prompt, str):
        raise Invalid("prompt", "Input should be a valid string", "string_type")
    if len(prompt) > longest:
        raise Invalid("prompt", f"String should have at most {longest} characters", "string_too_long")
    seed = body.get("seed")
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        raise Invalid("seed", "Input should be a valid integer", "int_parsing")
    return ImageOrder(
        prompt=prompt,
        width=width,
        height=height,
        seed=None if seed is None else seed % 2**31,
        media_type=_MEDIA[_one_of(body, "output_format", usual, list(_MEDIA))],
        cost=cost,
        webhook_url=body.get("webhook_url"),
    )


def _area(side: int, ratio: float) -> tuple[int, int]:
    """Width and height of the area `side` squared at this ratio, in steps of 16."""
    return round(side * math.sqrt(ratio) / 16) * 16, round(side / math.sqrt(ratio) / 16) * 16


def _side(body: dict[str, Any], field: str) -> int:
    value = _whole(body, field, 0, 100_000)
    if value and value < 64:
        raise Invalid(field, "Input should be greater than or equal to 64", "greater_than_equal")
    if value % 16:
        raise Invalid(field, "Input should be a multiple of 16", "multiple_of")
    return value


def _whole(body: dict[str, Any], field: str, least: int, most: int) -> int:
    value = body.get(field)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid(field, "Input should be a valid integer", "int_parsing")
    if not least <= value <= most:
        raise Invalid(field, f"Input should be between {least} and {most}", "value_error")
    return value


def _one_of(body: dict[str, Any], field: str, default: str, allowed: list[str]) -> str:
    value = body.get(field)
    if value is None:
        return default
    if value not in allowed:
        raise Invalid(field, f"Input should be {', '.join(repr(item) for item in allowed)}", "enum")
    return str(value)


ENDPOINTS: dict[str, Endpoint] = {
    "flux-2-klein-4b": Endpoint(seconds=1.5, read=_flux_2(1.4, 0.1, 0.1, 4)),
    "flux-2-klein-9b": Endpoint(seconds=2, read=_flux_2(1.5, 0.2, 0.2, 4)),
    "flux-2-klein-9b-preview": Endpoint(seconds=2, read=_flux_2(1.5, 0.2, 0.2, 4)),
    "flux-2-pro": Endpoint(seconds=8, read=_flux_2(3, 1.5, 1.5)),
    "flux-2-pro-preview": Endpoint(seconds=8, read=_flux_2(3, 1.5, 1.5)),
    "flux-2-max": Endpoint(seconds=18, read=_flux_2(7, 3, 3)),
    "flux-2-flex": Endpoint(seconds=16, read=_flux_2(5, 5, 5)),
    "flux-3-image": Endpoint(seconds=14, read=_flux_3, reasons=True),
    "flux-kontext-pro": Endpoint(seconds=8, read=_by_ratio(4, "1:1", 4, usual="png")),
    "flux-kontext-max": Endpoint(seconds=12, read=_by_ratio(8, "1:1", 4, usual="png")),
    "flux-pro-1.1": Endpoint(seconds=6, read=_flux_1),
    "flux-pro-1.1-ultra": Endpoint(seconds=12, read=_by_ratio(6, "16:9")),
}
