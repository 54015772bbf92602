"""Screen-printed poster: a few hard inks, one great disc, a cut-out subject, print dots and a paper edge."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from runtz_sim.art.canvas import Look, as_image, ramp
from runtz_sim.art.families import Manner
from runtz_sim.art.paint import paint_layer, paint_parts
from runtz_sim.art.palettes import colour, mix, solid
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import Layer, Rng

LOOK = Look(haze=0.7, clouds=0.0, relief=0.0, rim=0.0)
PLAIN = Look(haze=0.0, clouds=0.0, relief=0.0, rim=0.0)
# Dark to light: shadow, deep, middle, warm, hot, paper.
SCHEMES = (
    "1a0f45 4a1f86 9b2f92 f0556f ffb05c fff3cf",
    "07253a 0d5266 1f8a8c f2784b ffc15e fff1d6",
    "161616 3a2c35 8c2f39 d95f3b efb366 f7ead3",
    "0d1b4c 1f3fa0 3f7fe0 ff6f91 ffc857 fff6e0",
)
NIGHT, DAY = (
    (0.16, 0.3, 0.47, 0.63, 0.8),
    (0.22, 0.4, 0.56, 0.7, 0.86),
)  # where one ink ends, 0..1 of brightness


def inks_of(manner: Manner) -> list[tuple[int, int, int]]:
    """The six inks of a poster, dark to light."""
    return [solid(colour(code)) for code in SCHEMES[manner.scheme].split()]


def separated(image: Image.Image, manner: Manner, dark: bool) -> Image.Image:
    """The image by brightness alone, in the six inks with hard edges."""
    inks, edges = np.asarray(inks_of(manner)), np.asarray(NIGHT if dark else DAY) * 255
    table = inks[np.searchsorted(edges, np.arange(256))]
    grey = image.convert("L")
    return Image.merge("RGB", [grey.point(table[:, channel].tolist()) for channel in range(3)])


def draw(scene: Scene, rng: Rng, width: int, height: int, manner: Manner) -> Image.Image:
    """The scene as a poster."""
    image = _ground(scene, width, height)
    paint_parts(image, scene.parts[: scene.subject_from], scene, rng, LOOK)
    image = separated(image.filter(ImageFilter.BoxBlur(height / 900)), manner, scene.dark)
    _subject(image, scene, rng, manner)
    return _framed(_dotted(image, manner), manner)


def _ground(scene: Scene, width: int, height: int) -> Image.Image:
    """Rings of sky round a disc that stands behind the subject."""
    image = Image.new("RGB", (width, height), solid(scene.inks["top"] * 0.75))
    x, y = scene.focus * scene.aspect, scene.horizon - 0.16
    reach = 0.34 * scene.unit
    shades = (("top", 1.0), ("mid", 0.85), ("mid", 1.15), ("low", 1.0))
    for k, (ink, level) in enumerate(shades):
        radius = reach * (2.9 - 0.56 * k)
        tinted = {**scene.inks, "ring": np.clip(scene.inks[ink] * level, 0, 255)}
        _disc(image, x, y, radius, solid(tinted["ring"]))
    _disc(image, x, y, reach, solid(mix(scene.inks["sun"], np.full(3, 255.0), 0.35)))
    return image


def _disc(image: Image.Image, x: float, y: float, radius: float, ink: tuple[int, int, int]) -> None:
    height = image.height
    box = ((x - radius) * height, (y - radius) * height, (x + radius) * height, (y + radius) * height)
    ImageDraw.Draw(image).ellipse(box, fill=ink)


def _subject(image: Image.Image, scene: Scene, rng: Rng, manner: Manner) -> None:
    """The subject cut out in its own inks with a pale edge round it; what is before it is printed flat."""
    for part in scene.parts[scene.subject_from :]:
        if isinstance(part, Layer) and part.lit and scene.reading.thing:
            _edge(image, part, scene, inks_of(manner)[5])
            paint_layer(image, part, scene, PLAIN)
        else:
            paint_parts(image, [part], scene, rng, PLAIN)


def _edge(image: Image.Image, layer: Layer, scene: Scene, ink: tuple[int, int, int]) -> None:
    """A sticker edge: the silhouette grown by about a hundredth of the height."""
    width, height = image.size
    mask = Image.new("L", (width // 2, height // 2))
    pen = ImageDraw.Draw(mask)
    grow = max(2, round(0.011 * scene.unit * height / 2))
    for shape in layer.shapes:
        outline = (shape.points * height / 2).ravel().tolist()
        if not shape.line:
            pen.polygon(outline, fill=255)
        closed = outline if shape.line else [*outline, *outline[:4]]
        pen.line(closed, fill=255, width=max(1, round(shape.line * height / 2)) + grow, joint="curve")
    image.paste(ink, (0, 0), mask.resize((width, height)))


def _dotted(image: Image.Image, manner: Manner) -> Image.Image:
    """Print dots that grow towards the foot of the sheet."""
    width, height = image.size
    cell = max(3, round(min(width, height) * 0.0085))
    y, x = np.mgrid[0 : 2 * cell, 0 : 2 * cell]
    dot = as_image(128 + 62 * (np.cos((x + y) * np.pi / cell) + np.cos((x - y) * np.pi / cell)))
    sheet, row = Image.new("L", (width, height)), Image.new("L", (width, 2 * cell))
    for left in range(0, width, 2 * cell):
        row.paste(dot, (left, 0))
    for top in range(0, height, 2 * cell):
        sheet.paste(row, (0, top))
    veil = ImageChops.add(sheet, ramp((width, height), [0, 30, 120]), 1, -128).point(
        lambda v: min(60, max(0, v - 100) * 3)
    )
    image.paste(inks_of(manner)[0], (0, 0), veil)
    return image


def _framed(image: Image.Image, manner: Manner) -> Image.Image:
    """A paper margin all round."""
    edge = max(2, round(0.03 * min(image.size)))
    ImageDraw.Draw(image).rectangle(
        (0, 0, image.width - 1, image.height - 1), outline=inks_of(manner)[5], width=edge
    )
    return image
