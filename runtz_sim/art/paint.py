"""Paints a scene part by part, far to near, the same way for every hand that wants depth and light."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from runtz_sim.art.canvas import BICUBIC, BILINEAR, Look, as_image, noise, ramp
from runtz_sim.art.palettes import mix, solid, toned
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import (
    Array,
    Beam,
    Boxes,
    Dots,
    Layer,
    Mist,
    Part,
    Rng,
    Shape,
    Steam,
    Streaks,
    Water,
)
from runtz_sim.art.sky import paint_sky
from runtz_sim.art.water import mirror

LUMINOUS = ("glow", "sun", "neon1", "neon2", "neon3")  # inks that shine through haze
THICK = {"fog": 1.3, "rain": 1.15, "snow": 1.15, "storm": 1.15}


def hazed(scene: Scene, ink: Array, depth: float, look: Look, luminous: bool = False) -> Array:
    """The ink as it looks at that depth: the further, the more it takes the colour of the haze."""
    share = look.haze * THICK.get(scene.weather, 1.0) * (1 - depth) * (0.4 if luminous else 1.0)
    return mix(ink, scene.inks["haze"], min(0.94, share))


def _ink(scene: Scene, shape: Shape, depth: float, look: Look) -> tuple[int, int, int]:
    ink = toned(scene.inks[shape.ink], shape.tone)
    return solid(hazed(scene, ink, depth, look, shape.ink in LUMINOUS))


def _trace(
    pen: ImageDraw.ImageDraw,
    shape: Shape,
    scale: float,
    origin: tuple[int, int],
    fill: int | tuple[int, int, int],
) -> None:
    """One shape with a pen, in pixels of `scale` a unit from `origin`."""
    outline = (shape.points * scale - np.asarray(origin)).ravel().tolist()
    if shape.line:
        width = max(1, round(shape.line * scale))
        pen.line(outline, fill=fill, width=width, joint="curve")
        return
    pen.polygon(outline, fill=fill)


def _extent(layer: Layer, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """The pixels a layer can touch, or nothing when it lies outside."""
    width, height = size
    every = np.concatenate([shape.points for shape in layer.shapes]) * height
    margin = 3 + height * max(shape.line for shape in layer.shapes)
    low, high = every.min(0) - margin, every.max(0) + margin
    box = (
        max(0, int(low[0])),
        max(0, int(low[1])),
        min(width, int(high[0]) + 1),
        min(height, int(high[1]) + 1),
    )
    return box if box[2] > box[0] and box[3] > box[1] else None


def paint_layer(image: Image.Image, layer: Layer, scene: Scene, look: Look) -> None:
    """One layer: its shapes, then relief and rim light, then the haze at its foot."""
    box = _extent(layer, image.size) if layer.shapes else None
    if box is None:
        return
    inks = [_ink(scene, shape, layer.depth, look) for shape in layer.shapes]
    factor = 1 if layer.crisp else 2
    scale, origin = float(image.height * factor), (box[0] * factor, box[1] * factor)
    size = ((box[2] - box[0]) * factor, (box[3] - box[1]) * factor)
    plain = len(set(inks)) == 1
    mask, colours = Image.new("L", size), Image.new("RGB", (1, 1) if plain else size, inks[0])
    mask_pen, colour_pen = ImageDraw.Draw(mask), ImageDraw.Draw(colours)
    for shape, ink in zip(layer.shapes, inks, strict=True):
        _trace(mask_pen, shape, scale, origin, 255)
        if not plain:
            _trace(colour_pen, shape, scale, origin, ink)
    if factor == 2:
        mask = mask.reduce(2)
        colours = colours if plain else colours.reduce(2)
    image.paste(inks[0] if plain else colours, box, mask)
    if layer.lit and look.relief:
        _light(image, box, mask, scene, layer.lit, look)
    if layer.fade and look.haze:
        foot = ramp(mask.size, [0, 0, 60 * look.haze * layer.fade, 225 * look.haze * layer.fade])
        image.paste(solid(scene.inks["haze"]), box, ImageChops.multiply(mask, foot))


def _light(
    image: Image.Image,
    box: tuple[int, int, int, int],
    mask: Image.Image,
    scene: Scene,
    strength: float,
    look: Look,
) -> None:
    """Relief from the slope of the blurred mask towards the sun, and a rim where the light comes from."""
    width, height = mask.size
    tiny = mask.resize((max(8, width // 6), max(8, height // 6)), BILINEAR)
    blur = max(2.0, min(tiny.size) / 11)
    slope = np.asarray(tiny.filter(ImageFilter.GaussianBlur(blur)), np.float32) / 255
    down, across = np.gradient(slope)
    side = -1 if scene.sun[0] * image.height < box[0] + width / 2 else 1
    facing = -(across * side + down * 0.55) * blur * 2.1
    sun, shade = scene.inks["sun"], mix(scene.inks["top"], scene.inks["near"], 0.5) * 0.45
    for sign, ink, power in ((1, sun, 0.42), (-1, shade, 0.85)):
        amount = np.power(np.clip(facing * sign, 0, 1), 1.15) * (255 * power * strength * look.relief)
        soft = as_image(amount).filter(ImageFilter.GaussianBlur(1.6))  # hides the 8-bit steps of the slope
        image.paste(solid(ink), box, ImageChops.multiply(soft.resize((width, height), BICUBIC), mask))
    reach = max(1, round(image.height * 0.0035))
    edge = ImageChops.subtract(mask, ImageChops.offset(mask, -side * reach, reach))
    edge = edge.filter(ImageFilter.BoxBlur(reach * 0.5)).point(lambda v: v * look.rim * min(1.0, strength))
    image.paste(solid(sun), box, ImageChops.multiply(edge, mask))


def paint_boxes(image: Image.Image, boxes: Boxes, scene: Scene, look: Look) -> None:
    """Every rectangle, at least one pixel either way."""
    if not len(boxes.corners):
        return
    pen = ImageDraw.Draw(image)
    share = min(0.9, look.haze * THICK.get(scene.weather, 1.0) * (1 - boxes.depth) * 0.6)
    colours = np.clip(boxes.colours + (scene.inks["haze"] - boxes.colours) * share, 0, 255).astype(int)
    corners = boxes.corners * image.height
    corners[:, 2:] = np.maximum(corners[:, 2:] - 1, corners[:, :2])
    packed = (colours[:, 0] | colours[:, 1] << 8 | colours[:, 2] << 16).tolist()
    for corner, ink in zip(corners.round().astype(int).tolist(), packed, strict=True):
        pen.rectangle(corner, fill=ink)


def paint_dots(image: Image.Image, dots: Dots) -> None:
    """Crisp discs straight on; soft ones as added light, blurred."""
    share = 0.25 if dots.soft else 1.0
    target = image
    if dots.soft:
        target = Image.new("RGB", (max(8, round(image.width * share)), max(8, round(image.height * share))))
    pen, scale = ImageDraw.Draw(target), image.height * share
    rows = zip((dots.centres * scale).tolist(), (dots.radii * scale).tolist(), dots.colours, strict=True)
    for (x, y), r, ink in rows:
        pen.ellipse((x - r, y - r, x + r, y + r), fill=solid(ink * dots.alpha))
    if dots.soft:
        target = target.filter(ImageFilter.GaussianBlur(max(0.6, scale * 0.004)))
        image.paste(ImageChops.screen(image, target.resize(image.size, BILINEAR)))


def paint_mist(image: Image.Image, mist: Mist, scene: Scene, rng: Rng, look: Look) -> None:
    """A bank of haze with soft, drifting edges; thicker in fog."""
    width, height = image.size
    top, bottom = (
        max(0, int((mist.y - 2.4 * mist.height) * height)),
        min(height, int((mist.y + 2.4 * mist.height) * height)),
    )
    if bottom - top < 2 or not look.haze:
        return
    w, h = max(8, width // 8), max(4, (bottom - top) // 8)
    y = np.linspace(top / height, bottom / height, h, dtype=np.float32)[:, None]
    drift = noise(rng, w, h, 2.5 * scene.aspect + 1, 3, 3)
    bank = np.exp(-(((y - mist.y + (drift - 0.5) * mist.height * 0.8) / mist.height) ** 2))
    power = 255 * min(0.97, mist.strength * look.haze * THICK.get(scene.weather, 0.85))
    veil = as_image(bank * (0.62 + 0.6 * drift) * power).resize((width, bottom - top), BICUBIC)
    image.paste(solid(scene.inks[mist.ink]), (0, top), veil)


def paint_beams(image: Image.Image, beams: Sequence[Beam], scene: Scene) -> None:
    """Wedges of light, brightest at their start and along their middle, added to what is there."""
    w, h = max(8, image.width // 4), max(8, image.height // 4)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32) / h
    lit = np.zeros((h, w, 3), np.float32)
    for beam in beams:
        start, end = np.asarray(beam.start), np.asarray(beam.end)
        length = float(np.hypot(*(end - start)))
        ahead = ((end - start) / max(length, 1e-6)).astype(np.float32)
        along = (x - np.float32(start[0])) * ahead[0] + (y - np.float32(start[1])) * ahead[1]
        across = (x - np.float32(start[0])) * ahead[1] - (y - np.float32(start[1])) * ahead[0]
        t = np.clip(along / np.float32(length), 0, 1)
        level = np.exp(-1.6 * (across / (0.006 + beam.width * 0.5 * t)) ** 2) * (1 - t) ** 1.2 * (along > 0)
        lit += level[..., None] * (beam.strength * scene.inks[beam.ink]).astype(np.float32)
    image.paste(ImageChops.screen(image, as_image(lit).resize(image.size, BICUBIC)))


def paint_steam(image: Image.Image, steam: Steam, scene: Scene, rng: Rng) -> None:
    """Three wisps that sway and widen as they rise."""
    w, h = max(8, image.width // 4), max(8, image.height // 4)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32) / h
    t = np.clip((steam.y - y) / steam.height, 0, 1)
    drift = noise(rng, w, h, 6 * scene.aspect, 5, 3) - 0.5
    level = np.zeros((h, w), np.float32)
    for k in range(3):
        centre = (
            steam.x
            + (k - 1) * steam.width * 0.3
            + np.sin(t * 7 + k * 2.1) * 0.03 * (0.3 + t)
            + drift * 0.16 * t
        )
        spread = 0.012 + 0.05 * t
        level += (
            np.exp(-(((x - centre) / spread) ** 2))
            * np.clip(np.sin(np.pi * np.clip(t * 1.02, 0, 1)), 0, 1) ** 0.7
            * (1 - t) ** 0.8
            * 1.1
        )
    veil = as_image(np.clip(level * (0.5 + drift * 2.2), 0, 0.78) * (y < steam.y) * 255)
    ink = mix(np.full(3, 246.0), scene.inks["haze"], 0.25)
    image.paste(solid(ink), (0, 0), veil.resize(image.size, BICUBIC))


def paint_streaks(image: Image.Image, streaks: Streaks, scene: Scene) -> None:
    """Rain: fine lines of varied weight."""
    veil = Image.new("L", image.size)
    pen, width = ImageDraw.Draw(veil), max(1, round(image.height * 0.0015))
    levels = (
        (255 * streaks.strength * (0.35 + 0.65 * (np.arange(len(streaks.ends)) * 7 % 11) / 11))
        .astype(int)
        .tolist()
    )
    for ends, level in zip((streaks.ends * image.height).tolist(), levels, strict=True):
        pen.line(ends, fill=level, width=width)
    image.paste(solid(mix(scene.inks[streaks.ink], scene.inks["haze"], 0.4)), (0, 0), veil)


def paint_parts(image: Image.Image, parts: Sequence[Part], scene: Scene, rng: Rng, look: Look) -> None:
    """The parts in order, painted into the image; neighbouring beams go in one pass."""
    for kind, run in groupby(parts, key=type):
        if kind is Beam:
            paint_beams(image, [part for part in run if isinstance(part, Beam)], scene)
            continue
        for part in run:
            paint_part(image, part, scene, rng, look)


def paint_part(image: Image.Image, part: Part, scene: Scene, rng: Rng, look: Look) -> None:
    """One part of a scene."""
    match part:
        case Layer():
            paint_layer(image, part, scene, look)
        case Boxes():
            paint_boxes(image, part, scene, look)
        case Dots():
            paint_dots(image, part)
        case Water():
            mirror(image, part, scene, rng)
        case Mist():
            paint_mist(image, part, scene, rng, look)
        case Beam():
            paint_beams(image, [part], scene)
        case Steam():
            paint_steam(image, part, scene, rng)
        case Streaks():
            paint_streaks(image, part, scene)


def paint(scene: Scene, rng: Rng, width: int, height: int, look: Look) -> Image.Image:
    """The whole scene on a canvas of that many pixels."""
    image = paint_sky(scene, rng, width, height, look)
    paint_parts(image, scene.parts, scene, rng, look)
    return image
