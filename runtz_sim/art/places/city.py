"""Skylines: a harbour across its water, and a street of towers on wet ground."""

from dataclasses import dataclass

import numpy as np

from runtz_sim.art.palettes import mix
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import (
    Array,
    Boxes,
    Layer,
    Mist,
    Rng,
    Shape,
    Stand,
    Water,
    area,
    bar,
    disc,
    pick,
    points,
    ridge,
    stroke,
)

LIT = {"night": 0.62, "dusk": 0.44, "storm": 0.46, "dawn": 0.2, "day": 0.07}
WARM = ((255, 206, 128), (255, 184, 104), (255, 226, 170), (250, 240, 214))
COOL = ((150, 230, 244), (92, 214, 226), (196, 236, 255), (140, 190, 255))


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of towers: `tall` is (low, high) in picture heights, `wide` likewise, `lit` 0..1."""

    base: float
    tall: tuple[float, float]
    wide: tuple[float, float]
    depth: float
    lit: float
    ink: str
    gap: float = 0.0


def _crown(rng: Rng, ink: str, x: float, w: float, top: float, tall: float) -> list[Shape]:
    """What stands on a tower: nothing, steps, a slope, a mast or a dome."""
    match int(rng.integers(7)):
        case 0:
            return [
                bar(ink, x + w * 0.18, top - tall * 0.08, x + w * 0.82, top),
                bar(ink, x + w * 0.34, top - tall * 0.15, x + w * 0.66, top),
            ]
        case 1:
            return [area(ink, [(x, top + 0.002), (x + w, top - w * 0.62), (x + w, top + 0.002)])]
        case 2:
            return [area(ink, [(x, top - w * 0.55), (x, top + 0.002), (x + w, top + 0.002)])]
        case 3:
            return [
                bar(ink, x + w * 0.3, top - tall * 0.05, x + w * 0.7, top),
                stroke(ink, [(x + w / 2, top - tall * 0.3), (x + w / 2, top)], 0.004),
            ]
        case 4:
            return [disc(ink, x + w / 2, top, w * 0.42, w * 0.3)]
        case _:
            return [stroke(ink, [(x + w * 0.7, top - tall * 0.12), (x + w * 0.7, top)], 0.003)]


def _windows(rng: Rng, x: float, w: float, top: float, base: float, lit: float) -> tuple[Array, Array]:
    """The lit windows of one tower: corners [N, 4] and colours [N, 3]."""
    column, row = float(rng.uniform(0.0066, 0.0102)), float(rng.uniform(0.0092, 0.0135))
    columns, rows = max(1, int((w - 0.01) / column)), max(1, int((base - top - 0.02) / row))
    style = int(rng.integers(5))
    chance = rng.random((rows, columns))
    if style == 0:  # whole floors alight
        on = np.repeat(rng.random((rows, 1)) < lit * 0.8, columns, 1)
    elif style == 1:  # a few busy columns
        on = chance < lit * (0.25 + 1.3 * (rng.random((1, columns)) < 0.4))
    else:
        on = chance < lit * float(rng.uniform(0.5, 1.1))
    at_row, at_column = np.nonzero(on)
    left = x + 0.006 + at_column * (w - 0.012) / columns
    upper = top + 0.012 + at_row * row
    across = (w - 0.012) / columns * (1.0 if style == 0 else 0.56)
    corners = np.stack((left, upper, left + across, upper + row * (0.34 if style == 0 else 0.5)), 1)
    family = WARM if rng.random() < 0.62 else COOL
    base_colours = np.asarray(family, dtype=np.float64)[rng.integers(len(family), size=len(left))]
    return corners, base_colours * rng.uniform(0.45, 1.0, (len(left), 1))


def towers(scene: Scene, row: Row) -> None:
    """Add one row of towers, their windows and, when it is dark and near, a few signs."""
    rng, shapes = scene.rng, list[Shape]()
    corners: list[Array] = [np.zeros((0, 4))]
    colours: list[Array] = [np.zeros((0, 3))]
    x = -0.05 + float(rng.uniform(-0.05, 0))
    while x < scene.aspect + 0.04:
        w = float(rng.uniform(*row.wide)) * (0.6 + 0.4 * scene.unit)
        centre = float(np.exp(-((((x + w / 2) / scene.aspect - scene.focus) / 0.3) ** 2)))
        tall = float(rng.uniform(*row.tall)) * (0.74 + 0.42 * centre)
        top = row.base - tall
        tone = float(rng.uniform(-0.07, 0.07))
        shapes += [
            bar(row.ink, x, top, x + w, row.base + 0.01, tone),
            bar(row.ink, x + w * 0.7, top, x + w, row.base + 0.01, tone - 0.13),
        ]
        shapes += _crown(rng, row.ink, x, w, top, tall)
        if row.lit > 0:
            found = _windows(rng, x, w, top, row.base, row.lit)
            corners.append(found[0])
            colours.append(found[1])
        if row.depth > 0.5 and scene.dark and rng.random() < 0.45:
            sign, code = _sign(scene, x, w, top, tall)
            corners.append(sign)
            colours.append(np.repeat(code[None], len(sign), 0))
        x += w * float(rng.uniform(1.0, 1.06 + row.gap))
    scene.add(Layer(shapes=shapes, depth=row.depth, fade=0.9 * (1.05 - row.depth), crisp=True))
    scene.add(Boxes(corners=np.concatenate(corners), colours=np.concatenate(colours), depth=row.depth))


def _sign(scene: Scene, x: float, w: float, top: float, tall: float) -> tuple[Array, Array]:
    """An upright or roof-line sign on a tower."""
    rng = scene.rng
    code = scene.inks[pick(rng, ("neon1", "neon2", "neon3"))]
    if rng.random() < 0.3:
        return points([(x, top, x + w, top + 0.005)]), code
    left, upper, cells = (
        x + w * float(rng.uniform(0.15, 0.7)),
        top + tall * float(rng.uniform(0.25, 0.55)),
        int(rng.integers(3, 7)),
    )
    return points(
        [(left, upper + k * 0.017, left + 0.016, upper + k * 0.017 + 0.013) for k in range(cells)]
    ), code


def _glints(scene: Scene, x: float, y: float, size: float) -> Boxes:
    """The broken reflection of a lit boat: bars that widen and dim as they near the viewer."""
    rng, rows = scene.rng, 15
    down = np.linspace(0.06, 1, rows)
    half = size * rng.uniform(0.3, 1.0, rows) * (1.05 - 0.5 * down)
    centre = x + size * rng.uniform(-0.16, 0.16, rows)
    upper = y + size * 2.3 * down**1.2
    corners = np.stack((centre - half, upper, centre + half, upper + size * 0.055), 1)
    shares = (0.85 * (1 - down) ** 1.1 + 0.06)[:, None]
    return Boxes(corners=corners, colours=scene.inks["deep"] * (1 - shares) + scene.inks["glow"] * shares)


def harbour(scene: Scene) -> Stand:
    """Towers across black water, low haze at their feet, a quay in front."""
    rng, h = scene.rng, 0.6 + float(scene.rng.uniform(-0.02, 0.03))
    scene.horizon, lit = h, LIT[scene.time]
    scene.inks["mid"] = mix(scene.inks["mid"], scene.inks["low"], 0.45)
    narrow = min(1.0, 0.55 + 0.45 * scene.aspect)
    scene.add(Mist(y=h - 0.16, height=0.26, strength=0.62))
    towers(
        scene, Row(base=h, tall=(0.2, 0.5), wide=(0.035, 0.08), depth=0.16, lit=lit * 0.3, ink="far", gap=0.5)
    )
    towers(
        scene,
        Row(
            base=h,
            tall=(0.14, 0.42),
            wide=(0.05 * narrow, 0.1),
            depth=0.45,
            lit=lit * 0.75,
            ink="far",
            gap=0.25,
        ),
    )
    scene.add(Mist(y=h - 0.03, height=0.1, strength=0.55))
    towers(
        scene,
        Row(
            base=h + 0.004,
            tall=(0.1, 0.34),
            wide=(0.06 * narrow, 0.12),
            depth=0.86,
            lit=lit,
            ink="near",
            gap=0.3,
        ),
    )
    scene.add(Mist(y=h, height=0.035, strength=0.85), Water(y=h + 0.004, ripple=0.62, shine=1.0))
    scene.add(Mist(y=h + 0.012, height=0.03, strength=0.5))
    x, y, size = scene.focus * scene.aspect, h + 0.125, 0.062 * scene.unit**0.5
    if scene.reading.thing in ("ferry", ""):
        scene.add(_glints(scene, x, y, size))
    return Stand(
        x=x, y=y, size=size if scene.reading.thing in ("ferry", "") else 0.13, front=tuple(_quay(scene, rng))
    )


def _quay(scene: Scene, rng: Rng) -> list[Layer]:
    """Dark stones and bollards along the bottom edge."""
    shapes = [ridge(rng, scene.aspect, "black", 0.985, 0.035, 6)]
    for x in np.arange(0.08, scene.aspect, 0.3).tolist():
        at = x + float(rng.uniform(-0.05, 0.05))
        shapes += [bar("black", at - 0.009, 0.925, at + 0.009, 1.0), disc("black", at, 0.925, 0.015, 0.007)]
    return [Layer(shapes=shapes)]


def city(scene: Scene) -> Stand:
    """A street of towers mirrored in the ground."""
    scene.horizon = h = 0.7 + float(scene.rng.uniform(-0.03, 0.03))
    lit, wet = LIT[scene.time], scene.weather in ("rain", "storm") or scene.dark
    towers(
        scene, Row(base=h, tall=(0.3, 0.62), wide=(0.05, 0.1), depth=0.2, lit=lit * 0.2, ink="far", gap=0.3)
    )
    towers(
        scene, Row(base=h, tall=(0.22, 0.56), wide=(0.07, 0.13), depth=0.5, lit=lit * 0.8, ink="far", gap=0.2)
    )
    scene.add(Mist(y=h - 0.05, height=0.12, strength=0.5))
    towers(
        scene,
        Row(base=h + 0.006, tall=(0.2, 0.44), wide=(0.1, 0.17), depth=0.9, lit=lit, ink="near", gap=0.9),
    )
    scene.add(Mist(y=h, height=0.05, strength=0.6))
    scene.inks["deep"] = mix(scene.inks["near"], scene.inks["mid"], 0.25)
    scene.add(
        Water(y=h + 0.006, ripple=0.24, shine=0.85 if wet else 0.4),
        Mist(y=h + 0.01, height=0.03, strength=0.4),
    )
    return Stand(x=scene.focus * scene.aspect, y=0.95, size=0.29 * scene.unit)
