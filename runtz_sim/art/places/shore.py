"""By and under the water: coasts, open seas and the deep."""

import numpy as np

from runtz_sim.art.palettes import mix, toned
from runtz_sim.art.places.nature import peak
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import (
    Beam,
    Dots,
    Layer,
    Mist,
    Part,
    Shape,
    Stand,
    Water,
    area,
    leaf,
    pick,
    placed,
    points,
    ridge,
    rolling,
)
from runtz_sim.art.things.vehicles import sailboat


def _waves(scene: Scene, y: float, count: int) -> list[Part]:
    """Crests with foam, larger towards the viewer."""
    rng, parts = scene.rng, list[Part]()
    rough = 1.0 if scene.weather == "storm" else 0.4
    for t in np.linspace(0.12, 1, count).tolist():
        at, swell = y + (1 - y) * t, (0.012 + 0.06 * t) * rough
        x = np.linspace(-0.02, scene.aspect + 0.02, 160)
        crest = at - swell * rolling(rng, 160, 3, max(3, int(9 / (t + 0.2)))) ** 2
        below = [(x[-1], 1.1), (x[0], 1.1)]
        body = Shape(ink="deep", points=np.concatenate((np.stack((x, crest), 1), below)), tone=0.2 - 0.34 * t)
        band = (0.002 + 0.012 * t * rough) * rolling(rng, 160, 4, 7)[:, None] ** 2
        foam = np.concatenate((np.stack((x, crest), 1), (np.stack((x, crest), 1) + band * (0, 1))[::-1]))
        parts.append(Layer(shapes=[body, Shape(ink="snow", points=foam, tone=-0.12)], depth=0.66 + 0.34 * t))
    return parts


def coast(scene: Scene) -> Stand:
    """A cliff above a heavy sea."""
    rng, a = scene.rng, scene.aspect
    scene.horizon = h = 0.6 + float(rng.uniform(-0.02, 0.03))
    side = 1 if scene.focus > 0.5 else -1
    scene.inks["deep"] = mix(scene.inks["deep"], scene.inks["far"], 0.35)
    scene.inks["cliff"] = mix(mix(scene.inks["bark"], scene.inks["stone"], 0.6), scene.inks["near"], 0.3)
    scene.add(Layer(shapes=[ridge(rng, a, "far", h + 0.01, 0.06)], depth=0.25, fade=0.8))
    scene.add(
        Water(y=h, ripple=0.9, shine=0.55), Mist(y=h, height=0.04, strength=0.6), *_waves(scene, h, 4)[:2]
    )
    top, edge = h - 0.1, a * (0.5 - side * 0.06)
    scene.add(*_cliff(scene, edge, top, side))
    scene.add(*_waves(scene, h + 0.2, 3))
    foot, count = points((edge - side * 0.06, h + 0.2)), 420
    burst = rng.normal(0, 1, (count, 2)) * (0.07, 0.06)
    burst[:, 1] = -np.abs(burst[:, 1]) * np.exp(-np.abs(burst[:, 0]) * 9) * 1.5 + 0.03
    colours = scene.inks["snow"] * rng.uniform(0.55, 1.0, (count, 1))
    scene.add(Dots(centres=foot + burst, radii=rng.random(count) ** 4 * 0.0045 + 0.0008, colours=colours))
    scene.add(
        Dots(
            centres=foot + burst[:40] * 0.9, radii=np.full(40, 0.016), colours=colours[:40] * 0.28, soft=True
        )
    )
    scene.add(Mist(y=h + 0.3, height=0.05, strength=0.35, ink="snow"))
    return Stand(x=edge + side * 0.24 * scene.unit, y=top + 0.012, size=0.23 * scene.unit)


def _cliff(scene: Scene, edge: float, top: float, side: int) -> list[Part]:
    """Rock that falls to the sea in facets, grass on its top; `side` is where the land lies."""
    rng = scene.rng
    far = scene.aspect * (0.5 + 0.5 * side) + side * 0.1
    steps = np.linspace(0, 1, 12)
    face = np.stack(
        (edge - side * (0.12 * steps**1.4 + rng.uniform(-0.02, 0.025, 12)), top + (1.02 - top) * steps), 1
    )
    face[0] = (edge, top)
    crown = [(far, top - 0.03), (edge + side * 0.42, top - 0.012), (edge + side * 0.2, top + 0.01)]
    shapes = [area("cliff", [*crown, *face.tolist(), (far, 1.02)], -0.1)]
    for k in range(34):
        t, across = float(rng.random()), float(rng.random()) ** 1.3
        x = edge - side * 0.12 * t**1.4 + side * (0.01 + across * abs(far - edge) * 0.9)
        y, size = top + 0.03 + (1 - top) * t, float(rng.uniform(0.03, 0.085))
        facet = (
            points([(0, -1), (0.5, -0.3), (0.32, 0.9), (-0.1, 1.2), (-0.4, 0.3)]) * (size * 0.6, size)
            + rng.uniform(-0.3, 0.3, (5, 2)) * size
        )
        shapes.append(
            area("cliff", facet + np.array((x, y)), float(rng.uniform(-0.5, 0.1)) + 0.26 * (k % 3 == 0))
        )
    turf = [
        (far, top - 0.035),
        (edge + side * 0.42, top - 0.018),
        (edge + side * 0.2, top + 0.004),
        (edge - side * 0.004, top - 0.004),
        (edge + side * 0.05, top + 0.022),
        (edge + side * 0.24, top + 0.03),
        (far, top + 0.012),
    ]
    return [Layer(shapes=[*shapes, area("leaf", turf, -0.5)], depth=0.97, lit=0.25)]


def sea(scene: Scene) -> Stand:
    """Open water under a wide sky, an island far off."""
    rng, u = scene.rng, scene.unit
    scene.horizon = h = 0.58 + float(rng.uniform(-0.03, 0.04))
    scene.add(
        Layer(
            shapes=[ridge(rng, scene.aspect, "far", h + 0.01, float(rng.uniform(0.03, 0.1)))],
            depth=0.2,
            fade=0.6,
        )
    )
    x = (0.12 if scene.focus > 0.5 else 0.88) * scene.aspect
    scene.add(Layer(shapes=peak(scene, x, h + 0.005, 0.16, 0.24, "far")[:2], depth=0.45, fade=0.6))
    scene.add(Water(y=h, ripple=0.5, shine=0.9), Mist(y=h, height=0.02, strength=0.6))
    if not scene.reading.thing:
        scene.add(Layer(shapes=placed(sailboat(rng), scene.focus * scene.aspect, h + 0.1, 0.11 * u), lit=0.6))
    floating = scene.reading.thing in ("sailboat", "ferry")
    front: tuple[Part, ...] = (
        () if floating else (Layer(shapes=[ridge(rng, scene.aspect, "sand", 1.0, 0.05, 2, -0.1)]),)
    )
    return Stand(
        x=scene.focus * scene.aspect,
        y=h + 0.17 if floating else 0.97,
        size=(0.24 if floating else 0.27) * u,
        front=front,
    )


def underwater(scene: Scene) -> Stand:
    """Blue depth: light from above, weed and coral below, bubbles."""
    rng, a = scene.rng, scene.aspect
    scene.sky, scene.horizon = "deep", 0.8
    blue = mix(scene.inks["mid"], np.array((14.0, 110.0, 150.0)), 0.7)
    scene.inks.update(
        low=toned(blue, -0.6),
        haze=toned(blue, -0.25),
        mid=blue,
        top=toned(blue, 0.45),
        far=toned(blue, -0.4),
        near=toned(blue, -0.82),
    )
    for x in np.linspace(0.1, 0.9, 5).tolist():
        scene.add(Beam(start=(x * a, -0.1), end=(x * a + 0.15, 0.95), width=0.14, ink="sun", strength=0.3))
    scene.add(
        Layer(shapes=[ridge(rng, a, "far", 0.86, 0.14)], depth=0.4), Mist(y=0.8, height=0.1, strength=0.4)
    )
    reef: list[Shape] = [ridge(rng, a, "near", 0.98, 0.1, 5)]
    for x in rng.uniform(0, a, int(16 * a) + 3).tolist():
        ink, foot = pick(rng, ("a", "b", "c", "leaf")), 0.95 + float(rng.uniform(-0.03, 0.04))
        reef += [
            leaf(ink, (x, foot), float(rng.uniform(0.06, 0.16)), float(t), 0.07, -0.35)
            for t in np.linspace(-2.4, -0.7, 6)
        ]
    count = int(70 * a)
    bubbles = Dots(
        centres=rng.random((count, 2)) * (a, 0.9),
        radii=0.0015 + 0.006 * rng.random(count) ** 3,
        colours=np.repeat(scene.inks["top"][None] * 0.7, count, 0),
        soft=True,
    )
    return Stand(
        x=scene.focus * a, y=0.78, size=0.32 * scene.unit, front=(Layer(shapes=reef, lit=0.3), bubbles)
    )
