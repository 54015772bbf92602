"""Style words of a prompt, applied on top of a hand: watercolour, ink and pixel art."""

import numpy as np
from PIL import Image, ImageChops, ImageFilter, ImageOps

from runtz_sim.art.canvas import BICUBIC, BILINEAR, BOX, NEAREST, as_image, graded, noise
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import Rng

PAPER = (249, 245, 236)


def styled(image: Image.Image, scene: Scene, rng: Rng) -> Image.Image:
    """The image in the styles its prompt asks for."""
    styles = scene.reading.styles
    if "watercolour" in styles:
        image = _watercolour(image, rng)
    if "ink" in styles:
        grey = ImageOps.autocontrast(image.convert("L"), cutoff=1)
        image = ImageOps.colorize(grey, (22, 24, 32), (246, 240, 226), mid=(126, 124, 122))
    if "pixel" in styles:
        share = 112 / min(image.size)
        tiny = image.resize((max(1, round(image.width * share)), max(1, round(image.height * share))), BOX)
        image = tiny.quantize(32, dither=Image.Dither.NONE).convert("RGB").resize(image.size, NEAREST)
    return image


def _watercolour(image: Image.Image, rng: Rng) -> Image.Image:
    """Washes with darker rims on paper that shows at the edges."""
    width, height = image.size
    half = image.resize((max(8, width // 2), max(8, height // 2)), BOX).filter(ImageFilter.BoxBlur(1))
    rims = ImageOps.invert(
        ImageOps.posterize(half, 3).convert("L").filter(ImageFilter.FIND_EDGES).point(lambda v: min(80, v))
    )
    wash = ImageChops.screen(graded(half, 1.0, 1.15), Image.new("RGB", half.size, (44, 42, 38)))
    wash = ImageChops.multiply(wash, Image.merge("RGB", (rims, rims, rims))).resize((width, height), BICUBIC)
    w, h = max(16, width // 4), max(16, height // 4)
    grain = noise(rng, w, h, 5, 5, 6)
    y, x = np.linspace(-1, 1, h)[:, None], np.linspace(-1, 1, w)[None]
    inside = (1.1 - np.maximum(np.abs(x), np.abs(y)) - (grain - 0.5) * 0.55) * 1500 - np.clip(
        grain - 0.5, 0, 1
    ) * 300
    return Image.composite(
        wash, Image.new("RGB", (width, height), PAPER), as_image(inside).resize((width, height), BILINEAR)
    )
