"""The public calls: draw a picture, an early version of it, and encode it as a vendor would send it."""

import io
from typing import Literal

from PIL import Image, ImageFilter

from runtz_sim.art.canvas import BICUBIC
from runtz_sim.art.compose import VERSION, compose
from runtz_sim.art.families import SKY_SHIFT, family, manner
from runtz_sim.art.hands import HANDS
from runtz_sim.art.lettering import letter
from runtz_sim.art.mark import marked
from runtz_sim.art.quick import sketch
from runtz_sim.art.scene import generator
from runtz_sim.art.styles import styled

MediaType = Literal["image/png", "image/jpeg", "image/webp"]
MOST_PIXELS = 1_150_000  # larger pictures are enlarged from a canvas of this area
LEAST_SIDE = 192  # and smaller ones are reduced from a canvas with this short side
PREVIEW_SIDE = 256  # short side of the canvas a preview is painted on


def _canvas(width: int, height: int, least: int) -> tuple[int, int]:
    """The size to paint at for a picture of width x height pixels."""
    share = min(max(1.0, least / min(width, height)), (MOST_PIXELS / (width * height)) ** 0.5)
    return max(16, round(width * share)), max(16, round(height * share))


def _render(
    prompt: str, model: str, seed: int, aspect: float, canvas: tuple[int, int], fast: bool
) -> Image.Image:
    """The picture without its mark, of `canvas` pixels, laid out for `aspect` (width / height)."""
    hand, taste = family(model), manner(model)
    scene = compose(prompt, model, seed, aspect, taste.sky + SKY_SHIFT.get(hand, 0))
    if fast:
        return sketch(scene, hand, taste, *canvas)
    rng = generator(VERSION, "texture", prompt, model, seed)
    image = HANDS[hand](scene, rng, *canvas, taste)
    return letter(styled(image, scene, rng), scene, hand, taste)


def _sized(image: Image.Image, width: int, height: int) -> Image.Image:
    return image if image.size == (width, height) else image.resize((width, height), BICUBIC)


def draw(*, prompt: str, model: str, seed: int, width: int, height: int, fast: bool = False) -> Image.Image:
    """The picture of a prompt in a model's hand: RGB, exactly width x height pixels, marked as simulated.

    The same arguments give the same pixels in every process; any prompt is drawable. `fast` draws a
    flat version for load tests, which is cheap to compress as well.
    """
    image = _render(prompt, model, seed, width / height, _canvas(width, height, LEAST_SIDE), fast)
    return marked(_sized(image, width, height))


def preview(*, prompt: str, model: str, seed: int, width: int, height: int, done: float) -> Image.Image:
    """The same picture as it looks when `done` (0..1) of the work is: coarse and blurred, width x height."""
    left = 1 - min(1.0, max(0.0, done))
    share = min(1.0, PREVIEW_SIDE / min(width, height))
    canvas = _canvas(max(1, round(width * share)), max(1, round(height * share)), LEAST_SIDE)
    image = _render(prompt, model, seed, width / height, canvas, False)
    image = image.filter(ImageFilter.GaussianBlur(0.4 + 11 * left**1.4))
    return marked(_sized(image, width, height))


def encode(image: Image.Image, media_type: MediaType) -> bytes:
    """The image in that format, with settings that cost little time."""
    out = io.BytesIO()
    match media_type:
        case "image/png":
            image.save(out, "PNG", compress_level=1)
        case "image/jpeg":
            image.save(out, "JPEG", quality=88)
        case "image/webp":
            image.save(out, "WEBP", quality=82, method=0)
    return out.getvalue()
