"""Forests, mountains, coasts, seas, deserts and fields."""

import numpy as np

from runtz_sim.art.palettes import mix
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import (
    Array,
    Dots,
    Layer,
    Mist,
    Part,
    Rng,
    Shape,
    Stand,
    Water,
    area,
    disc,
    pick,
    placed,
    points,
    ridge,
    rolling,
    stroke,
)
from runtz_sim.art.things.vehicles import sailboat


def _conifer(rng: Rng, ink: str, x: float, foot: float, tall: float, tone: float) -> Shape:
    """A fir with ragged boughs."""
    tiers = 9
    t = np.repeat(np.linspace(0, 1, tiers), 2)[1:]
    jag = np.tile([1.0, 0.5], tiers)[: len(t)]
    half = tall * 0.21 * t * jag
    left = np.stack((x - half * rng.uniform(0.8, 1.2, len(t)), foot - tall * (1 - t)), 1)
    right = np.stack((x + half * rng.uniform(0.8, 1.2, len(t)), foot - tall * (1 - t)), 1)
    return Shape(ink=ink, points=np.concatenate((left, right[::-1])), tone=tone)


def _firs(scene: Scene, ink: str, foot: float, tall: float, count: int) -> list[Shape]:
    """A row of firs, `count` for each unit of width."""
    rng, shapes = scene.rng, list[Shape]()
    for x in rng.uniform(-0.05, scene.aspect + 0.05, int(count * scene.aspect) + 3).tolist():
        height = tall * float(rng.uniform(0.55, 1.15))
        shapes.append(_conifer(rng, ink, x, foot + float(rng.uniform(-0.01, 0.02)), height, float(rng.uniform(-0.1, 0.06))))
    return shapes


def _trunks(scene: Scene, ink: str, foot: float, width: float, count: int, snow: bool) -> list[Shape]:
    """Upright bare trunks that leave the picture at the top, snow on their windward side."""
    rng, shapes = scene.rng, list[Shape]()
    for k in range(count):
        x = (k + float(rng.uniform(0.15, 0.85))) * scene.aspect / count
        if abs(x / scene.aspect - scene.focus) < 0.14 and width > 0.03:
            continue
        w, lean = width * float(rng.uniform(0.6, 1.3)) * scene.unit, float(rng.uniform(-0.03, 0.03))
        base = foot + float(rng.uniform(-0.01, 0.02))
        shapes.append(area(ink, [(x + lean - w * 0.6, -0.05), (x + lean + w * 0.6, -0.05), (x + w * 0.9, base - 0.04), (x + w * 1.7, base), (x - w * 1.7, base), (x - w * 0.9, base - 0.04)], float(rng.uniform(-0.08, 0.05))))
        if snow:
            shapes.append(area("snow", [(x + lean - w * 0.6, -0.05), (x + lean - w * 0.34, -0.05), (x - w * 0.55, base - 0.03), (x - w * 0.9, base - 0.03)], -0.12))
        for _ in range(int(rng.integers(2, 5))):
            y, reach, side = float(rng.uniform(0.05, 0.5)), float(rng.uniform(0.05, 0.16)), pick(rng, (-1, 1))
            limb = [(x + lean * (1 - y), y), (x + side * reach * 0.6, y - reach * 0.3), (x + side * reach, y - reach * 0.85)]
            shapes.append(stroke(ink, limb, max(0.003, w * 0.24)))
    return shapes


def forest(scene: Scene) -> Stand:
    """Rows of trees that sink into haze, a clearing in front."""
    rng, snow = scene.rng, scene.weather == "snow"
    scene.horizon = h = 0.62 + float(rng.uniform(-0.03, 0.03))
    ground, u = "snow" if snow else "leaf", scene.unit
    if not snow:
        scene.inks["leaf"] = mix(scene.inks["leaf"], scene.inks["near"], 0.45)
    scene.add(Layer(shapes=_firs(scene, "far", h, 0.42, 16), depth=0.14, fade=0.8), Mist(y=h - 0.03, height=0.12, strength=0.7))
    scene.add(Layer(shapes=_trunks(scene, "far", h + 0.02, 0.009, int(12 * scene.aspect) + 2, False), depth=0.34, fade=0.5))
    scene.add(Layer(shapes=_firs(scene, "far", h + 0.03, 0.36, 9), depth=0.42, fade=0.7))
    scene.add(Layer(shapes=[ridge(rng, scene.aspect, ground, h + 0.05, 0.03, tone=-0.1)], depth=0.55), Mist(y=h + 0.02, height=0.07, strength=0.65))
    scene.add(Layer(shapes=_trunks(scene, "near", h + 0.09, 0.02, int(6 * scene.aspect) + 2, snow), depth=0.66, fade=0.4))
    scene.add(Layer(shapes=[ridge(rng, scene.aspect, ground, h + 0.1, 0.03, tone=-0.05)], depth=0.75), Mist(y=h + 0.09, height=0.05, strength=0.4))
    scene.add(Layer(shapes=_trunks(scene, "near", h + 0.2, 0.036, int(4 * scene.aspect) + 1, snow), depth=0.94))
    scene.add(Layer(shapes=[ridge(rng, scene.aspect, ground, h + 0.2, 0.05, tone=0.04)], depth=0.93), *_shade(scene, h + 0.2))
    front: list[Part] = [Layer(shapes=[ridge(rng, scene.aspect, ground, 1.0, 0.05, tone=0.1 if snow else -0.3)])]
    if not snow:
        front.append(Layer(shapes=_blades(rng, scene.aspect, 0.98, 0.07)))
    return Stand(x=scene.focus * scene.aspect, y=0.955, size=0.26 * u, front=tuple(front))


def _shade(scene: Scene, y: float) -> list[Part]:
    """Long blue shadows that fall from the trunks towards the viewer."""
    rng, shapes = scene.rng, list[Shape]()
    for x in rng.uniform(0, scene.aspect, int(5 * scene.aspect) + 2).tolist():
        drift = (x - scene.sun[0]) * 0.55
        shapes.append(area("far", [(x, y - 0.02), (x + 0.02, y - 0.02), (x + drift + 0.09, 1.05), (x + drift, 1.05)], 0.12))
    return [Layer(shapes=shapes, depth=0.62)] if scene.weather == "snow" and scene.time != "night" else []


def _blades(rng: Rng, aspect: float, y: float, tall: float) -> list[Shape]:
    """Grass along the bottom edge."""
    count = int(70 * aspect) + 10
    rows = zip(rng.uniform(-0.02, aspect, count), rng.uniform(0.4, 1, count) * tall, rng.uniform(-0.03, 0.03, count), strict=True)
    return [area("near", [(x - 0.005, y + 0.05), (x + 0.005, y + 0.05), (x + lean, y - height)]) for x, height, lean in rows]


def _peak(scene: Scene, x: float, base: float, tall: float, half: float, ink: str) -> list[Shape]:
    """A mountain: shaded flank, sunlit flank and a ragged snow cap."""
    rng, side = scene.rng, 1 if scene.sun[0] > x else -1
    t = np.linspace(0, 1, 14)
    rough = rng.uniform(-0.035, 0.035, (2, 14)) * np.minimum(t * 6, 1) * tall
    left = np.stack((x - half * t, base - tall * (1 - t**0.85) + rough[0]), 1)
    right = np.stack((x + half * t, base - tall * (1 - t**0.85) + rough[1]), 1)
    spine = np.stack((x - side * half * 0.22 * t + rng.uniform(-0.05, 0.05, 14) * half * t * 2, base - tall * (1 - t)), 1)
    bright = right if side > 0 else left
    shapes = [Shape(ink=ink, points=np.concatenate((left[::-1], right, [(x + half, 1.1), (x - half, 1.1)])), tone=-0.08)]
    shapes.append(Shape(ink=ink, points=np.concatenate((bright, spine[::-1])), tone=0.16))
    jag = [(x + half * k, base - tall * (1 - d)) for k, d in ((0.17, 0.3), (0.1, 0.24), (0.05, 0.36), (-0.02, 0.27), (-0.09, 0.4), (-0.13, 0.26), (-0.2, 0.33))]
    shapes.append(area("snow", [*left[5:0:-1].tolist(), (x, base - tall), *right[1:6].tolist(), *jag], -0.16))
    lit = [p for p in jag if (p[0] - x) * side > -0.02]
    lit = lit if side > 0 else lit[::-1]
    return [*shapes, area("snow", [(x, base - tall), *bright[1:6].tolist(), *lit], 0.06)]


def mountain(scene: Scene) -> Stand:
    """Ranges behind a lake or a meadow, firs in front."""
    rng, u = scene.rng, scene.unit
    scene.horizon = h = 0.6 + float(rng.uniform(-0.03, 0.04))
    for k in range(3):
        shapes: list[Shape] = []
        step = (0.5 - 0.09 * k) * max(u, 0.6)
        for x in np.arange(float(rng.uniform(-0.1, 0.15)), scene.aspect + 0.2, step).tolist():
            tall = float(rng.uniform(0.6, 1)) * (0.46 - 0.13 * k)
            shapes += _peak(scene, x + float(rng.uniform(-0.07, 0.07)), h + 0.02, tall, tall * float(rng.uniform(0.85, 1.2)), "far" if k < 2 else "near")
        scene.add(Layer(shapes=shapes, depth=(0.2, 0.45, 0.66)[k], fade=0.7), Mist(y=h - 0.02 - 0.05 * (2 - k), height=0.06, strength=0.5))
    scene.add(Layer(shapes=[*_firs(scene, "near", h + 0.015, 0.07, 40), ridge(rng, scene.aspect, "near", h + 0.02, 0.012)], depth=0.72, fade=0.3))
    scene.add(Water(y=h + 0.012, ripple=0.22, shine=0.95), Mist(y=h + 0.015, height=0.025, strength=0.6))
    scene.add(Layer(shapes=[*_firs(scene, "near", 0.95, 0.2, 13), ridge(rng, scene.aspect, "near", 0.98, 0.06)], depth=0.97))
    return Stand(x=scene.focus * scene.aspect, y=0.97, size=0.24 * u)


def _waves(scene: Scene, y: float, count: int) -> list[Part]:
    """Crests with foam, larger towards the viewer."""
    rng, parts = scene.rng, list[Part]()
    rough = 1.0 if scene.weather == "storm" else 0.4
    for t in np.linspace(0.12, 1, count).tolist():
        at, swell = y + (1 - y) * t, (0.012 + 0.06 * t) * rough
        x = np.linspace(-0.02, scene.aspect + 0.02, 160)
        crest = at - swell * rolling(rng, 160, 3, max(3, int(9 / (t + 0.2)))) ** 2
        below = np.stack((x[::-1], np.full(160, at + 0.14 * t + 0.02)), 1)
        body = Shape(ink="deep", points=np.concatenate((np.stack((x, crest), 1), below)), tone=0.16 - 0.26 * t)
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
    scene.inks["cliff"] = mix(mix(scene.inks["bark"], scene.inks["stone"], 0.5), scene.inks["near"], 0.55)
    scene.add(Layer(shapes=[ridge(rng, a, "far", h + 0.01, 0.06)], depth=0.25, fade=0.8))
    scene.add(Water(y=h, ripple=0.9, shine=0.55), Mist(y=h, height=0.04, strength=0.6), *_waves(scene, h, 3)[:2])
    top, edge = h - 0.1, a * (0.5 - side * 0.06)
    scene.add(*_cliff(scene, edge, top, side))
    scene.add(*_waves(scene, h + 0.13, 3))
    foot = points((edge + side * 0.03, h + 0.27))
    spray = rng.normal(0, 1, (170, 2)) * (0.075, 0.05) + foot
    scene.add(Dots(centres=spray, radii=rng.random(170) ** 3 * 0.007 + 0.0012, colours=np.repeat(scene.inks["snow"][None], 170, 0)))
    scene.add(Mist(y=h + 0.3, height=0.05, strength=0.35, ink="snow"))
    return Stand(x=edge + side * 0.24 * scene.unit, y=top + 0.012, size=0.23 * scene.unit)


def _cliff(scene: Scene, edge: float, top: float, side: int) -> list[Part]:
    """Rock that falls to the sea in facets, grass on its top; `side` is where the land lies."""
    rng = scene.rng
    far = scene.aspect * (0.5 + 0.5 * side) + side * 0.1
    steps = np.linspace(0, 1, 12)
    face = np.stack((edge - side * (0.12 * steps**1.4 + rng.uniform(-0.02, 0.025, 12)), top + (1.02 - top) * steps), 1)
    face[0] = (edge, top)
    crown = [(far, top - 0.03), (edge + side * 0.42, top - 0.012), (edge + side * 0.2, top + 0.01)]
    shapes = [area("cliff", [*crown, *face.tolist(), (far, 1.02)], -0.1)]
    for k in range(34):
        t, across = float(rng.random()), float(rng.random()) ** 1.3
        x = edge - side * 0.12 * t**1.4 + side * (0.01 + across * abs(far - edge) * 0.9)
        y, size = top + 0.03 + (1 - top) * t, float(rng.uniform(0.03, 0.085))
        facet = points([(0, -1), (0.5, -0.3), (0.32, 0.9), (-0.1, 1.2), (-0.4, 0.3)]) * (size * 0.6, size) + rng.uniform(-0.3, 0.3, (5, 2)) * size
        shapes.append(area("cliff", facet + (x, y), float(rng.uniform(-0.4, 0.16)) + 0.18 * (k % 3 == 0)))
    turf = [(far, top - 0.035), (edge + side * 0.42, top - 0.018), (edge + side * 0.2, top + 0.004), (edge - side * 0.004, top - 0.004), (edge + side * 0.05, top + 0.022), (edge + side * 0.24, top + 0.03), (far, top + 0.012)]
    return [Layer(shapes=[*shapes, area("leaf", turf, -0.5)], depth=0.97, lit=0.25)]


def sea(scene: Scene) -> Stand:
    """Open water under a wide sky, an island far off."""
    rng, u = scene.rng, scene.unit
    scene.horizon = h = 0.58 + float(rng.uniform(-0.03, 0.04))
    scene.add(Layer(shapes=[ridge(rng, scene.aspect, "far", h + 0.01, float(rng.uniform(0.03, 0.1)))], depth=0.2, fade=0.6))
    x = (0.12 if scene.focus > 0.5 else 0.88) * scene.aspect
    scene.add(Layer(shapes=_peak(scene, x, h + 0.005, 0.16, 0.24, "far")[:2], depth=0.45, fade=0.6))
    scene.add(Water(y=h, ripple=0.5, shine=0.9), Mist(y=h, height=0.02, strength=0.6))
    if not scene.reading.thing:
        scene.add(Layer(shapes=placed(sailboat(rng), scene.focus * scene.aspect, h + 0.1, 0.11 * u), lit=0.6))
    floating = scene.reading.thing in ("sailboat", "ferry")
    front: tuple[Part, ...] = () if floating else (Layer(shapes=[ridge(rng, scene.aspect, "sand", 1.0, 0.05, 2, -0.1)]),)
    return Stand(x=scene.focus * scene.aspect, y=h + 0.17 if floating else 0.97, size=(0.24 if floating else 0.27) * u, front=front)


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
        scene.add(Layer(shapes=[Shape(ink="sand", points=body, tone=0.1 - 0.06 * k), Shape(ink="sand", points=np.concatenate((line, shade[::-1])), tone=-0.28 - 0.05 * k)], depth=0.4 + 0.15 * k))
    if not scene.reading.thing:
        x0 = pick(rng, (0.16, 0.84)) * scene.aspect
        arms = [stroke("near", p, w) for p, w in (([(0, 1), (0, -0.9)], 0.2), ([(-0.5, -0.3), (-0.5, 0.15), (0, 0.25)], 0.14), ([(0.5, -0.6), (0.5, 0), (0, 0.1)], 0.14))]
        scene.add(Layer(shapes=placed(arms, x0, 0.94, 0.13 * scene.unit), lit=0.5))
    return Stand(x=scene.focus * scene.aspect, y=0.94, size=0.25 * scene.unit)


def field(scene: Scene) -> Stand:
    """Meadow hills, hedges far off and flowers in front."""
    rng, a = scene.rng, scene.aspect
    scene.horizon = h = 0.56 + float(rng.uniform(-0.03, 0.04))
    scene.add(Layer(shapes=[ridge(rng, a, "far", h + 0.01, 0.15)], depth=0.22, fade=0.5))
    hedge = [disc("leaf", float(x), h + 0.04, 0.03, 0.026, -0.4) for x in rng.uniform(0, a, int(26 * a))]
    scene.add(Layer(shapes=[*hedge, ridge(rng, a, "leaf", h + 0.07, 0.03, tone=-0.2)], depth=0.5, fade=0.3), Mist(y=h + 0.02, height=0.04, strength=0.5))
    for k in range(3):
        scene.add(Layer(shapes=[ridge(rng, a, "leaf", h + 0.17 + 0.11 * k, 0.07, 2, 0.08 - 0.16 * k)], depth=0.66 + 0.15 * k))
    scene.add(*_petals(scene, h + 0.14, int(420 * a)))
    front = (Layer(shapes=_blades(rng, a, 0.99, 0.09)), *_petals(scene, 0.93, int(50 * a)))
    return Stand(x=scene.focus * a, y=0.96, size=0.26 * scene.unit, front=front)


def _petals(scene: Scene, y: float, count: int) -> list[Part]:
    rng, near = scene.rng, scene.rng.random(count) ** 0.7
    centres: Array = np.stack((rng.uniform(0, scene.aspect, count), y + (0.99 - y) * near), 1)
    inks = np.stack([scene.inks[ink] for ink in ("a", "b", "c", "pale")])
    depth = 0.2 + 0.8 * (centres[:, 1] - y + 0.1) / (1.1 - y)
    colours = inks[rng.integers(4, size=count)] * rng.uniform(0.75, 1, (count, 1))
    return [Dots(centres=centres, radii=(0.0016 + 0.0075 * depth**2) * rng.uniform(0.6, 1.2, count), colours=colours)]

