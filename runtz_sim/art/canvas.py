"""Pixels: conversions, noise, blends and light effects shared by every hand."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

from runtz_sim.art.shapes import Array, Rng

BICUBIC, BILINEAR = Image.Resampling.BICUBIC, Image.Resampling.BILINEAR
BOX, NEAREST = Image.Resampling.BOX, Image.Resampling.NEAREST


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a hand paints a scene: amounts 0..1 of `haze`, `clouds` and `relief`; `rim` of light on edges."""

    haze: float = 0.8
    clouds: float = 0.7
    relief: float = 1.0
    rim: float = 0.5


def as_image(values: NDArray[Any]) -> Image.Image:
    """Numbers 0..255 as an image, grey or colour by their shape."""
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def noise(
    rng: Rng, width: int, height: int, across: float, down: float, octaves: int = 4
) -> NDArray[np.float32]:
    """Fractal noise [height, width], about 0..1, with so many cells in its first octave."""
    out, total = np.zeros((height, width), np.float32), 0.0
    for octave in range(octaves):
        cells = (max(2, int(down * 2**octave)), max(2, int(across * 2**octave)))
        if cells[0] > 2 * height or cells[1] > 2 * width:
            break
        grid = Image.fromarray(rng.random(cells, dtype=np.float32))
        out += np.asarray(grid.resize((width, height), BICUBIC)) * 0.5**octave
        total += 0.5**octave
    return out / max(total, 1e-6)


def ramp(size: tuple[int, int], stops: list[float]) -> Image.Image:
    """A vertical grey gradient through the stops, 0..255."""
    return as_image(np.asarray(stops)[:, None]).resize(size, BILINEAR)


def small(image: Image.Image, share: float) -> Image.Image:
    """The image at a share of its size, at least 8 pixels either way."""
    return image.resize((max(8, round(image.width * share)), max(8, round(image.height * share))), BOX)


def graded(
    image: Image.Image, contrast: float = 1.0, saturation: float = 1.0, tint: Array | None = None
) -> Image.Image:
    """Contrast as an S-curve round the middle, saturation, and a tint multiplied in (1.0: none)."""
    x = np.arange(256) / 255
    curve = x + (contrast - 1) * (x - 0.5) * (1 - np.abs(2 * x - 1)) * 1.6
    gains = np.ones(3) if tint is None else tint
    table = np.concatenate([np.clip(curve * gain * 255, 0, 255) for gain in gains]).astype(int).tolist()
    out = image.point(table)
    if saturation == 1.0:
        return out
    grey = out.convert("L").convert("RGB")
    return Image.blend(grey, out, saturation)


def bloom(
    image: Image.Image, threshold: float, gain: float, sun: tuple[float, float] | None = None
) -> Image.Image:
    """Glow round what is brighter than the threshold (0..255); shafts away from `sun` (picture heights)."""
    values = np.asarray(small(image, 0.25), np.float32)  # lit windows would be lost in a coarser average
    peak = values.max(2, keepdims=True)
    tiny = small(as_image(values * np.clip((peak - threshold) / 60, 0, 1)), 0.5)
    bright = tiny
    unit = min(tiny.size)
    glow = ImageChops.screen(
        bright.filter(ImageFilter.GaussianBlur(unit / 60)), bright.filter(ImageFilter.GaussianBlur(unit / 14))
    )
    if sun is not None:
        x, y, shafts = sun[0] * tiny.height, sun[1] * tiny.height, bright
        for step in (1.07, 1.15, 1.32, 1.7):
            matrix = (1 / step, 0, x * (1 - 1 / step), 0, 1 / step, y * (1 - 1 / step))
            shafts = Image.blend(
                shafts, shafts.transform(tiny.size, Image.Transform.AFFINE, matrix, BILINEAR), 0.5
            )
        glow = ImageChops.screen(glow, shafts.point(lambda v: v * 0.5))
    return ImageChops.screen(image, glow.point(lambda v: v * gain).resize(image.size, BICUBIC))


def vignette(image: Image.Image, power: float) -> Image.Image:
    """The image with its corners darkened by up to `power` 0..1."""
    y, x = np.linspace(-1, 1, 40)[:, None], np.linspace(-1, 1, 40)[None]
    shade = as_image(255 * (1 - power * np.clip((x * x + y * y) / 2, 0, 1) ** 1.3)).resize(
        image.size, BICUBIC
    )
    return ImageChops.multiply(image, Image.merge("RGB", (shade, shade, shade)))


def grained(image: Image.Image, rng: Rng, amount: float) -> Image.Image:
    """Fine film grain, `amount` in 8-bit levels of standard deviation; one tile is repeated."""
    if amount <= 0:
        return image
    side = 256
    tile = as_image(rng.normal(128, amount, (side, side)))
    sheet = Image.new("L", image.size)
    for y in range(0, image.height, side):
        for x in range(0, image.width, side):
            sheet.paste(tile, (x, y))
    return ImageChops.add(image, Image.merge("RGB", (sheet, sheet, sheet)), 1, -128)
