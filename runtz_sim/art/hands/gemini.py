"""Luminous painting: dabs of the brush along the forms, finer where there is detail."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from runtz_sim.art.canvas import BICUBIC, BOX, Look, as_image, bloom, graded, noise
from runtz_sim.art.families import Manner
from runtz_sim.art.paint import paint
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import Array, Rng

LOOK = Look(haze=0.66, clouds=1.0, relief=0.9, rim=0.5)
GUIDE = 400  # pixels of the short side on which forms are measured
BRUSHES = (
    (0.036, 0.1, 0.032, 0.0),
    (0.019, 0.055, 0.015, 1.5),
    (0.0105, 0.028, 0.0074, 3.2),
    (0.0062, 0.015, 0.0042, 6.0),
    (0.0042, 0.0085, 0.0032, 13.0),
)
ALONG = np.array((-1, -0.82, -0.2, 0.5, 0.9, 1, 0.86, 0.2, -0.5, -0.9))
ACROSS = np.array((0.15, 0.8, 1, 0.85, 0.5, 0, -0.6, -1, -0.85, -0.5))


def draw(scene: Scene, rng: Rng, width: int, height: int, manner: Manner) -> Image.Image:
    """The scene as an oil sketch."""
    share = min(1.0, 600 / min(width, height))
    image = paint(scene, rng, max(48, int(width * share)), max(48, int(height * share)), LOOK)
    image = bloom(image, 150 if scene.lamplit else 205, 0.7)
    image = ImageEnhance.Color(graded(image, manner.contrast, 1.0, np.asarray(manner.tint))).enhance(
        1.12 * manner.saturation
    )
    return brushed(image, rng, (width, height))


def _flow(rng: Rng, grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """The way the brush goes: along edges, and in long swirls where there are none."""
    height, width = grey.shape
    down, across = np.gradient(grey)
    swirl = (noise(rng, width, height, 3, 3, 2) - 0.5) * 5
    return np.where(np.hypot(down, across) > 1.1, np.arctan2(across, -down), swirl).astype(np.float32)


def brushed(image: Image.Image, rng: Rng, size: tuple[int, int]) -> Image.Image:
    """The image painted again in dabs at the given size, coarse brushes first."""
    width, height = size
    unit = min(width, height)
    scale = GUIDE / unit
    guide = image.resize((max(8, int(width * scale)), max(8, int(height * scale))), BOX)
    colours = np.asarray(guide, np.float32)
    grey = as_image(colours.mean(2))
    flow = _flow(rng, np.asarray(grey.filter(ImageFilter.GaussianBlur(3.2)), np.float32))
    detail = np.hypot(*np.gradient(np.asarray(grey.filter(ImageFilter.GaussianBlur(1.1)), np.float32)))
    canvas = image.filter(ImageFilter.BoxBlur(image.height / 200)).resize(size, BICUBIC)
    pen = ImageDraw.Draw(canvas)
    for gap, length, thick, need in BRUSHES:
        grid = np.stack(
            np.meshgrid(np.arange(0, width / unit, gap), np.arange(0, height / unit, gap)), 2
        ).reshape(-1, 2)
        at = grid + rng.uniform(-gap, gap, grid.shape)
        column = np.clip(at[:, 0] * GUIDE, 0, guide.width - 1).astype(int)
        row = np.clip(at[:, 1] * GUIDE, 0, guide.height - 1).astype(int)
        keep = rng.permutation(np.flatnonzero(detail[row, column] >= need))
        column, row = column[keep], row[keep]
        inks = colours[row, column] + rng.normal(0, 7, (len(keep), 1)) + rng.normal(0, 3.5, (len(keep), 3))
        _dabs(pen, rng, at[keep] * unit, flow[row, column], inks, length * unit, thick * unit)
    clear = as_image(np.clip(detail - 2.5, 0, 11) * 16).filter(ImageFilter.BoxBlur(1)).resize(size, BICUBIC)
    canvas.paste(image.resize(size, BICUBIC), (0, 0), clear)  # keeps eyes, windows and letters readable
    return _impasto(canvas)


def _dabs(
    pen: ImageDraw.ImageDraw,
    rng: Rng,
    at: Array,
    angle: NDArray[np.float32],
    inks: Array,
    length: float,
    thick: float,
) -> None:
    """Tapered, slightly bent strokes centred on the points, in pixels."""
    count = len(at)
    reach = length * rng.uniform(0.5, 1.1, (count, 1)) / 2
    half = np.maximum(0.7, thick * rng.uniform(0.35, 0.6, (count, 1)))
    bend = rng.uniform(-0.22, 0.22, (count, 1)) * reach
    along, across = ALONG * reach, ACROSS * half + bend * (1 - ALONG**2)
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
    outlines = np.stack((c * along - s * across, s * along + c * across), 2) + at[:, None]
    ink = np.clip(inks, 0, 255).astype(int)
    packed = (ink[:, 0] | ink[:, 1] << 8 | ink[:, 2] << 16).tolist()
    for outline, colour in zip(outlines.reshape(count, 2 * len(ALONG)).tolist(), packed, strict=True):
        pen.polygon(outline, fill=colour)


def _impasto(canvas: Image.Image) -> Image.Image:
    """Light on the ridges of the paint."""
    grey, reach = canvas.convert("L"), max(1, min(canvas.size) // 620)
    relief = ImageChops.subtract(grey, ImageChops.offset(grey, -reach, -reach), scale=2.0, offset=128)
    return ImageChops.overlay(canvas, Image.merge("RGB", (relief, relief, relief)))
