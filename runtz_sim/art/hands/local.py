"""Low polygons: a mesh of triangles, smaller where the picture is busy, each lit as one facet."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from runtz_sim.art.canvas import BILINEAR, BOX, Look, as_image, bloom, graded, vignette
from runtz_sim.art.families import Manner
from runtz_sim.art.paint import paint
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import Array, Rng

LOOK = Look(haze=0.6, clouds=0.6, relief=1.1, rim=0.4)
GUIDE = 400  # pixels of the short side on which triangles take their colour
CELLS = 14  # triangles across the short side before any is split
SPLIT_FROM = (4.0, 10.0, 24.0, 62.0)  # how busy a triangle must be to be split, one number a round
FACET = (0.13, 0.11, 0.08, 0.05, 0.02)  # how much facets differ in light, by how often they were split


def draw(scene: Scene, rng: Rng, width: int, height: int, manner: Manner) -> Image.Image:
    """The scene in facets."""
    share = min(1.0, 460 / min(width, height))
    image = paint(scene, rng, max(48, int(width * share)), max(48, int(height * share)), LOOK)
    image = bloom(image, 160 if scene.lamplit else 210, 0.55)
    image = ImageEnhance.Color(graded(image, manner.contrast, 1.0, np.asarray(manner.tint))).enhance(
        1.2 * manner.saturation
    )
    return vignette(faceted(image, rng, (width, height)), 0.3)


def _mesh(rng: Rng, width: float, height: float) -> Array:
    """Jittered triangles [N, 3, 2] that cover width by height, in short sides."""
    step = 1 / CELLS
    columns, rows = int(width / step) + 3, int(height / step) + 3
    grid = np.stack(np.meshgrid(np.arange(columns) - 0.6, np.arange(rows) - 0.6), 2) * step
    grid[1::2, :, 0] += step * 0.5
    grid += rng.uniform(-0.24, 0.24, grid.shape) * step
    a, b, c, d = grid[:-1, :-1], grid[:-1, 1:], grid[1:, :-1], grid[1:, 1:]
    return np.concatenate([np.stack(corners, 2).reshape(-1, 3, 2) for corners in ((a, b, c), (b, d, c))])


def _split(triangles: Array) -> Array:
    """Every triangle in four, by the middles of its sides."""
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
    return np.concatenate(
        [np.stack(corners, 1) for corners in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))]
    )


def faceted(image: Image.Image, rng: Rng, size: tuple[int, int]) -> Image.Image:
    """The image as facets at the given size."""
    width, height = size
    unit = min(width, height)
    guide = image.resize((max(8, round(width * GUIDE / unit)), max(8, round(height * GUIDE / unit))), BOX)
    colours = np.asarray(guide, np.float32)
    soft = np.asarray(guide.filter(ImageFilter.BoxBlur(2.5)), np.float32)
    slope = np.hypot(*np.gradient(colours.mean(2)))
    edges = as_image(slope * 8)
    busy = np.asarray(edges.filter(ImageFilter.BoxBlur(2)), np.float32)
    near = np.asarray(edges.filter(ImageFilter.BoxBlur(9)), np.float32)  # large triangles look further round
    canvas = image.resize(size, BILINEAR)
    pen, triangles = ImageDraw.Draw(canvas), _mesh(rng, width / unit, height / unit)
    for level in range(len(FACET)):
        row, column = _cells(triangles, guide.size)
        inks = (soft if level < 2 else colours)[row, column]
        light = 1 + rng.uniform(-1, 1, (len(triangles), 1)) * FACET[level]
        _fill(pen, triangles * unit, inks * light)
        if level < len(SPLIT_FROM):
            triangles = _split(triangles[(near if level < 3 else busy)[row, column] > SPLIT_FROM[level]])
        if not len(triangles):
            break
    return canvas


def _cells(triangles: Array, size: tuple[int, int]) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Row and column of each triangle's middle on the guide."""
    middle = triangles.mean(1) * GUIDE
    return np.clip(middle[:, 1], 0, size[1] - 1).astype(int), np.clip(middle[:, 0], 0, size[0] - 1).astype(
        int
    )


def _fill(pen: ImageDraw.ImageDraw, triangles: Array, inks: Array) -> None:
    ink = np.clip(inks, 0, 255).astype(int)
    packed = (ink[:, 0] | ink[:, 1] << 8 | ink[:, 2] << 16).tolist()
    for corners, colour in zip(triangles.reshape(-1, 6).tolist(), packed, strict=True):
        pen.polygon(corners, fill=colour)
