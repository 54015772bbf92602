"""Wide open country: dunes and meadows."""

import numpy as np

from runtz_sim.art.places.nature import blades
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import (
    Array,
    Dots,
    Layer,
    Mist,
    Part,
    Shape,
    Stand,
    disc,
    pick,
    placed,
    ridge,
    rolling,
    stroke,
)


def desert(scene: Scene) -> Stand:
    """Dunes with sharp crests, light on one flank."""
    rng = scene.rng
    scene.horizon = h = 0.56 + float(rng.uniform(-0.03, 0.05))
    scene.add(Layer(shapes=[ridge(rng, scene.aspect, "far", h + 0.02, 0.1, 5)], depth=0.2, fade=0.5))
    side = 1 if scene.sun[0] > scene.aspect / 2 else -1
    for k in range(5):
        y, x = h + 0.05 + 0.1 * k, np.linspace(-0.05, scene.aspect + 0.05, 90)
        crest = y - (0.05 + 0.035 * k) * rolling(rng, 90, 2, 2)
        line = np.stack((x, crest), 1)
        shade = np.stack((x + side * 0.03, crest + 0.03 + 0.12 * rolling(rng, 90, 1, 3)), 1)
        body = np.concatenate((line, [(x[-1], 1.1), (x[0], 1.1)]))
        scene.add(
            Layer(
                shapes=[
                    Shape(ink="sand", points=body, tone=0.1 - 0.06 * k),
                    Shape(ink="sand", points=np.concatenate((line, shade[::-1])), tone=-0.28 - 0.05 * k),
                ],
                depth=0.4 + 0.15 * k,
            )
        )
    if not scene.reading.thing:
        x0 = pick(rng, (0.16, 0.84)) * scene.aspect
        arms = [
            stroke("near", p, w)
            for p, w in (
                ([(0, 1), (0, -0.9)], 0.2),
                ([(-0.5, -0.3), (-0.5, 0.15), (0, 0.25)], 0.14),
                ([(0.5, -0.6), (0.5, 0), (0, 0.1)], 0.14),
            )
        ]
        scene.add(Layer(shapes=placed(arms, x0, 0.94, 0.13 * scene.unit), lit=0.5))
    return Stand(x=scene.focus * scene.aspect, y=0.94, size=0.25 * scene.unit)


def field(scene: Scene) -> Stand:
    """Meadow hills, hedges far off and flowers in front."""
    rng, a = scene.rng, scene.aspect
    scene.horizon = h = 0.56 + float(rng.uniform(-0.03, 0.04))
    scene.add(Layer(shapes=[ridge(rng, a, "far", h + 0.01, 0.15)], depth=0.22, fade=0.5))
    hedge = [disc("leaf", float(x), h + 0.04, 0.03, 0.026, -0.4) for x in rng.uniform(0, a, int(26 * a))]
    scene.add(
        Layer(shapes=[*hedge, ridge(rng, a, "leaf", h + 0.07, 0.03, tone=-0.2)], depth=0.5, fade=0.3),
        Mist(y=h + 0.02, height=0.04, strength=0.5),
    )
    for k in range(3):
        scene.add(
            Layer(
                shapes=[ridge(rng, a, "leaf", h + 0.17 + 0.11 * k, 0.07, 2, 0.08 - 0.16 * k)],
                depth=0.66 + 0.15 * k,
            )
        )
    scene.add(*_petals(scene, h + 0.14, int(420 * a)))
    front = (Layer(shapes=blades(rng, a, 0.99, 0.09)), *_petals(scene, 0.93, int(50 * a)))
    return Stand(x=scene.focus * a, y=0.96, size=0.26 * scene.unit, front=front)


def _petals(scene: Scene, y: float, count: int) -> list[Part]:
    rng, near = scene.rng, scene.rng.random(count) ** 0.7
    centres: Array = np.stack((rng.uniform(0, scene.aspect, count), y + (0.99 - y) * near), 1)
    inks = np.stack([scene.inks[ink] for ink in ("a", "b", "c", "pale")])
    depth = 0.2 + 0.8 * (centres[:, 1] - y + 0.1) / (1.1 - y)
    colours = inks[rng.integers(4, size=count)] * rng.uniform(0.75, 1, (count, 1))
    return [
        Dots(
            centres=centres,
            radii=(0.0016 + 0.0075 * depth**2) * rng.uniform(0.6, 1.2, count),
            colours=colours,
        )
    ]
