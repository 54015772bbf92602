"""The quick hand: a flat cut-paper version of a scene that is cheap to draw and to compress."""

import numpy as np
from PIL import Image, ImageDraw

from runtz_sim.art.canvas import Look, graded
from runtz_sim.art.families import Family, Manner
from runtz_sim.art.hands.ideogram import separated
from runtz_sim.art.paint import hazed
from runtz_sim.art.palettes import mix, solid, toned
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import Boxes, Dots, Layer, Water

LOOK = Look(haze=0.75, clouds=0.0, relief=0.0, rim=0.0)
BANDS = {Family.OPENAI: 9, Family.GEMINI: 14, Family.IDEOGRAM: 4, Family.FLUX: 6, Family.LOCAL: 5}
MOST_BOXES, MOST_DOTS = 260, 60  # windows and flakes cost more to compress than to draw


def sketch(scene: Scene, hand: Family, manner: Manner, width: int, height: int) -> Image.Image:
    """The scene in flat areas, its sky in bands whose number tells the hand."""
    image = Image.new("RGB", (width, height))
    pen = ImageDraw.Draw(image)
    _sky(pen, scene, hand, width, height)
    for part in scene.parts:
        match part:
            case Layer():
                _layer(pen, part, scene, height)
            case Boxes():
                _boxes(pen, part, height)
            case Dots() if not part.soft:
                _dots(pen, part, height)
            case Water():
                _water(pen, part, scene, width, height)
    return _toned(image, scene, hand, manner)


def _sky(pen: ImageDraw.ImageDraw, scene: Scene, hand: Family, width: int, height: int) -> None:
    """Level bands, or slanted ones for the faceted hand."""
    bands, reach = BANDS[hand], scene.horizon * height
    slant = height * 0.16 if hand is Family.LOCAL else 0.0
    stops = [scene.inks[name] for name in ("top", "mid", "low")]
    pen.rectangle((0, 0, width, height), fill=solid(stops[0]))
    for k in range(1, bands):
        share = k / (bands - 1)
        ink = mix(stops[0], stops[1], share * 2) if share < 0.5 else mix(stops[1], stops[2], share * 2 - 1)
        y = reach * k / bands
        pen.polygon((0, y - slant, width, y + slant, width, height, 0, height), fill=solid(ink))


def _layer(pen: ImageDraw.ImageDraw, layer: Layer, scene: Scene, height: int) -> None:
    for shape in layer.shapes:
        ink = solid(hazed(scene, toned(scene.inks[shape.ink], shape.tone), layer.depth, LOOK))
        outline = (shape.points * height).ravel().tolist()
        if shape.line:
            pen.line(outline, fill=ink, width=max(1, round(shape.line * height)))
        else:
            pen.polygon(outline, fill=ink)


def _boxes(pen: ImageDraw.ImageDraw, boxes: Boxes, height: int) -> None:
    step = max(1, len(boxes.corners) // MOST_BOXES)
    corners = (boxes.corners[::step] * height).round().astype(int)
    corners[:, 2:] = np.maximum(corners[:, 2:], corners[:, :2])
    for corner, ink in zip(corners.tolist(), boxes.colours[::step], strict=True):
        pen.rectangle(corner, fill=solid(ink))


def _dots(pen: ImageDraw.ImageDraw, dots: Dots, height: int) -> None:
    step = max(1, len(dots.centres) // MOST_DOTS)
    rows = zip(
        (dots.centres[::step] * height).tolist(),
        (dots.radii[::step] * height).tolist(),
        dots.colours[::step],
        strict=True,
    )
    for (x, y), r, ink in rows:
        pen.ellipse((x - r, y - r, x + r, y + r), fill=solid(ink))


def _water(pen: ImageDraw.ImageDraw, water: Water, scene: Scene, width: int, height: int) -> None:
    """A plain sheet with a few bars of sky colour, further apart towards the viewer."""
    top = int(water.y * height)
    pen.rectangle((0, top, width, height), fill=solid(scene.inks[water.ink]))
    for k in range(1, 9):
        y = top + (height - top) * (k / 9) ** 1.7
        thick = max(1.0, height * 0.0012 * k)
        shade = mix(scene.inks[water.ink], scene.inks["low"], 0.4 * (1 - k / 10) * min(1.0, water.ripple * 2))
        pen.rectangle((0, y, width, y + thick), fill=solid(shade))


def _toned(image: Image.Image, scene: Scene, hand: Family, manner: Manner) -> Image.Image:
    """The hand's colour: poster inks, film stock, or the model's own tint."""
    match hand:
        case Family.IDEOGRAM:
            return separated(image, manner, scene.dark)
        case Family.FLUX:
            return graded(image, 1.3, 0.25, np.asarray((1.04, 0.98, 0.9)) * manner.tint)
        case Family.GEMINI:
            return graded(image, manner.contrast, 1.0, np.asarray((1.06, 0.97, 0.92)) * manner.tint)
        case _:
            return graded(image, manner.contrast, 1.0, np.asarray(manner.tint))
