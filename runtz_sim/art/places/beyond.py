"""Space, and the abstract compositions for prompts that name nothing drawable."""

import numpy as np

from runtz_sim.art.places.city import LIT, Row, towers
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import (
    TAU,
    Dots,
    Layer,
    Mist,
    Shape,
    Stand,
    arc,
    area,
    bar,
    disc,
    pick,
    placed,
    ridge,
    rolling,
    stroke,
)
from runtz_sim.art.things.vehicles import planet


def space(scene: Scene) -> Stand:
    """A planet before a nebula, a barren ground below."""
    rng, a, u = scene.rng, scene.aspect, scene.unit
    scene.sky, scene.horizon = "space", 0.86
    alone = not scene.reading.thing
    x = (0.5 if alone else 1.02 - scene.focus) * a
    if scene.reading.thing != "planet":
        scene.add(
            Layer(shapes=placed(planet(rng), x, 0.42 + 0.36 * u, (0.42 if alone else 0.26) * u), lit=1.2)
        )
    scene.add(Layer(shapes=[disc("metal", 0.14 * a, 0.16, 0.03 * u, tone=-0.3)], depth=0.8, lit=1.0))
    if scene.reading.thing in ("planet", "rocket", ""):
        return Stand(x=0.5 * a, y=0.48 + 0.42 * u, size=0.42 * u)
    scene.add(
        Layer(shapes=[ridge(rng, a, "far", 0.86, 0.1, 5)], depth=0.5), Mist(y=0.84, height=0.06, strength=0.5)
    )
    craters = [
        disc("near", float(cx), float(cy), float(k) * 0.05, float(k) * 0.012, -0.4)
        for cx, cy, k in zip(
            rng.uniform(0, a, 9), rng.uniform(0.93, 1, 9), rng.uniform(0.4, 1.4, 9), strict=True
        )
    ]
    scene.add(Layer(shapes=[ridge(rng, a, "near", 0.94, 0.05, 3, 0.2), *craters]))
    return Stand(x=scene.focus * a, y=0.97, size=0.3 * u)


def rings(scene: Scene) -> Stand:
    """Waves that spread from the subject, above a far skyline."""
    a, u = scene.aspect, scene.unit
    x, y = 0.5 * a, 0.62
    scene.horizon = 0.8
    for k in range(9, 0, -1):
        ink = ("mid", "a", "b")[k % 3]
        scene.add(
            Layer(
                shapes=[
                    arc(ink, (x, y), (k * 0.1 * u, k * 0.1 * u), (0, TAU), 0.012 * u, -0.28 if k > 4 else 0.1)
                ],
                depth=0.45 + 0.05 * (9 - k),
            )
        )
    lit = LIT[scene.time]
    towers(
        scene,
        Row(base=0.9, tall=(0.04, 0.16), wide=(0.04, 0.08), depth=0.5, lit=lit * 0.4, ink="far", gap=0.3),
    )
    scene.add(Mist(y=0.88, height=0.06, strength=0.6))
    towers(
        scene, Row(base=0.94, tall=(0.03, 0.11), wide=(0.05, 0.09), depth=0.9, lit=lit, ink="near", gap=0.4)
    )
    scene.add(
        Layer(
            shapes=[bar("black", -0.1, 0.915, a + 0.1, 1.1), bar("stone", -0.1, 0.912, a + 0.1, 0.918, -0.3)]
        )
    )
    return Stand(x=x, y=0.915, size=(0.25 if scene.reading.lettering else 0.31) * u)


def abstract(scene: Scene) -> Stand:
    """Flowing ribbons with a body of light among them, or a set of circles in balance."""
    scene.sky, scene.horizon = "indoor", 0.78
    (_ribbons if scene.rng.random() < 0.5 else _circles)(scene)
    return Stand(x=scene.focus * scene.aspect, y=0.82, size=0.32 * scene.unit)


def _ribbons(scene: Scene) -> None:
    rng, a, u = scene.rng, scene.aspect, scene.unit
    x = np.linspace(-0.05, a + 0.05, 90)
    for k in range(9):
        depth = k / 8
        middle = 0.18 + 0.09 * k + 0.1 * np.sin(x * float(rng.uniform(1.6, 3.6)) + float(rng.random()) * TAU)
        half = 0.012 + (0.04 + 0.06 * depth) * rolling(rng, 90, 2)
        outline = np.concatenate((np.stack((x, middle - half), 1), np.stack((x, middle + half), 1)[::-1]))
        ink = ("a", "mid", "b", "far", "c")[k % 5]
        scene.add(
            Layer(
                shapes=[Shape(ink=ink, points=outline, tone=0.15 - 0.1 * (k % 3))],
                depth=0.4 + 0.6 * depth,
                lit=0.9,
            )
        )
        edge = np.stack((x, middle - half), 1)
        scene.add(Layer(shapes=[stroke("sun", edge, 0.0018)], depth=0.3 + 0.7 * depth))
        if k == 4:
            ball = disc("sun", scene.focus * a, 0.4, 0.15 * u)
            scene.add(Mist(y=0.5, height=0.12, strength=0.5), Layer(shapes=[ball], depth=0.9, lit=0.9))
    _motes(scene, 90)


def _circles(scene: Scene) -> None:
    rng, a, u = scene.rng, scene.aspect, scene.unit
    x, y, big = scene.focus * a, 0.46, 0.3 * u
    scene.add(
        Layer(shapes=[disc("b", x, y, big * 1.12, tone=-0.1)], depth=0.55),
        Layer(shapes=[disc("a", x, y, big)], lit=1.3),
    )
    for k in range(7):
        angle, reach = float(rng.random()) * TAU, big * float(rng.uniform(0.9, 1.7))
        cx, cy, radius = (
            x + reach * np.cos(angle),
            y + reach * np.sin(angle) * 0.9,
            float(rng.uniform(0.025, 0.12)) * u,
        )
        scene.add(
            Layer(
                shapes=[disc(pick(rng, ("a", "b", "c", "sun", "far")), cx, cy, radius)],
                depth=0.75 + 0.04 * k,
                lit=1.2,
            )
        )
    for k in range(4):
        radius = big * (1.25 + 0.22 * k)
        start = float(rng.random()) * TAU
        scene.add(
            Layer(
                shapes=[
                    arc(
                        pick(rng, ("c", "sun", "pale")),
                        (x, y),
                        (radius, radius),
                        (start, start + float(rng.uniform(0.8, 3.0))),
                        0.004 + 0.002 * k,
                    )
                ],
                depth=0.9,
            )
        )
    floor = area("near", [(-0.05, 0.86), (a + 0.05, 0.82), (a + 0.05, 1.1), (-0.05, 1.1)], 0.08)
    scene.add(Layer(shapes=[floor], depth=0.85), Mist(y=0.83, height=0.05, strength=0.4))
    _motes(scene, 60)


def _motes(scene: Scene, count: int) -> None:
    rng = scene.rng
    colours = np.repeat(scene.inks["sun"][None], count, 0) * rng.uniform(0.3, 0.9, (count, 1))
    radii = 0.001 + 0.006 * rng.random(count) ** 4
    scene.add(
        Dots(centres=rng.random((count, 2)) * (scene.aspect, 1), radii=radii, colours=colours, soft=True)
    )
