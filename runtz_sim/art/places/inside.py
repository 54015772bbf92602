"""Places under a roof: a table, a bar lit by neon, a greenhouse."""

import numpy as np

from runtz_sim.art.palettes import mix, toned
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import (
    TAU,
    Beam,
    Dots,
    Layer,
    Mist,
    Part,
    Shape,
    Stand,
    Steam,
    Water,
    arc,
    area,
    bar,
    disc,
    leaf,
    pick,
    points,
    stroke,
)

HOT = ("bowl", "cup")


def bokeh(scene: Scene, low: float, high: float, count: int, inks: tuple[str, ...]) -> Dots:
    """Lamps far out of focus, between the heights `low` and `high`."""
    rng = scene.rng
    centres = np.stack((rng.uniform(0, scene.aspect, count), rng.uniform(low, high, count)), 1)
    palette = np.stack([scene.inks[ink] for ink in inks])
    colours = palette[rng.integers(len(inks), size=count)] * rng.uniform(0.25, 0.8, (count, 1))
    return Dots(centres=centres, radii=0.014 + 0.04 * rng.random(count) ** 2, colours=colours, soft=True)


def table(scene: Scene) -> Stand:
    """A table top: in a bar lit by neon, or before a plain warm backdrop."""
    scene.sky, u = "indoor", scene.unit
    y = 0.74 if scene.aspect > 0.7 else 0.66
    scene.horizon, x = y, (0.5 + (scene.focus - 0.5) * 0.4) * scene.aspect
    if "neon" in scene.reading.styles or scene.reading.time == "night":
        _neon_bar(scene, x, y)
    else:
        _backdrop(scene, x, y)
    scene.add(Layer(shapes=[bar("wood", 0, y, scene.aspect, 1.1)], depth=1))
    scene.add(Water(y=y, ripple=0.06, shine=0.55 if scene.dark else 0.25, ink="wood"))
    size, foot = 0.34 * u, y + 0.1
    shade = [disc("wood", x, foot - 0.006, size * 1.12, size * 0.13, -0.55)]
    scene.add(Layer(shapes=shade))
    front: tuple[Part, ...] = ()
    if scene.reading.thing in HOT:
        front = (Steam(x=x, y=foot - size * 1.0, width=size * 1.1, height=0.56),)
    return Stand(x=x, y=foot, size=size, front=front)


def _backdrop(scene: Scene, x: float, y: float) -> None:
    """A soft studio wall with a disc and a plinth."""
    rng, u = scene.rng, scene.unit
    scene.inks["wood"] = toned(mix(scene.inks["mid"], scene.inks["low"], 0.4), -0.1)
    side = pick(rng, (-1, 1))
    shapes = [disc("b", x + float(rng.uniform(-0.08, 0.08)) * u, y - 0.36 * u, 0.36 * u, tone=0.25)]
    shapes += [
        disc("c", x + side * 0.44 * u, y - 0.13 * u, 0.13 * u, tone=0.2),
        bar("a", x - side * 0.42 * u - 0.09 * u, y - 0.34 * u, x - side * 0.42 * u + 0.09 * u, y, 0.4),
    ]
    scene.add(Layer(shapes=shapes, depth=0.72, lit=0.5))


def _neon_bar(scene: Scene, x: float, y: float) -> None:
    """A dark room: blurred lamps, a ring and strokes of neon tube, a shelf of bottles."""
    u, a = scene.unit, scene.aspect
    scene.inks["wood"] = mix(scene.inks["black"], scene.inks["neon1"], 0.1)
    scene.inks["top"] = mix(scene.inks["black"], scene.inks["neon2"], 0.1)
    scene.inks["mid"] = mix(scene.inks["black"], scene.inks["neon1"], 0.2)
    scene.inks["low"] = scene.inks["haze"] = mix(scene.inks["black"], scene.inks["neon1"], 0.42)
    scene.add(bokeh(scene, 0.05, y - 0.06, int(26 * a) + 6, ("neon1", "neon2", "neon3", "glow")))
    _bottles(scene, y - 0.13, y)
    tubes = _tubes(x, y - 0.5 * min(1, u + 0.1), u)
    for widen, tone in ((3.2, -0.62), (1.7, -0.25), (1.0, 0.25), (0.4, 0.85)):  # halo, tube, light, core
        glow = [Shape(ink=s.ink, points=s.points, line=s.line * widen, tone=tone) for s in tubes]
        scene.add(Layer(shapes=glow))


def _bottles(scene: Scene, shelf: float, floor: float) -> None:
    """A row of dark bottles on a shelf, and the front of the bar below it."""
    rng, a = scene.rng, scene.aspect
    outline = points(
        [(-1, 0), (-1, -0.6), (-0.4, -0.75), (-0.4, -1), (0.4, -1), (0.4, -0.75), (1, -0.6), (1, 0)]
    )
    shapes: list[Shape] = []
    for left in np.arange(0.02, a, 0.052).tolist():
        tall, half = float(rng.uniform(0.06, 0.13)), float(rng.uniform(0.011, 0.018))
        ink = pick(rng, ("neon1", "neon2", "neon3", "leaf", "stone"))
        shapes.append(area(ink, outline * (half, tall) + np.array((left, shelf)), -0.6))
    shapes += [bar("black", 0, shelf, a, shelf + 0.012), bar("black", 0, shelf + 0.07, a, floor)]
    scene.add(Layer(shapes=shapes, depth=0.9))


def _tubes(x: float, ring: float, u: float) -> list[Shape]:
    """Neon tubes round (x, ring): an open ring, and on either side an upright with three bars."""
    tubes = [arc("neon1", (x, ring), (0.27 * u, 0.27 * u), (0.25, TAU - 0.35), 0.013 * u)]
    for side in (-1, 1):
        left = x + side * 0.4 * u
        tubes.append(stroke("neon2", [(left, ring - 0.18 * u), (left, ring + 0.12 * u)], 0.011 * u))
        for drop in (-0.12, -0.04, 0.06):
            line = points([(-0.05, drop), (0.05, drop)]) * u + np.array((left + side * 0.075 * u, ring))
            tubes.append(stroke("neon3", line, 0.009 * u))
    return tubes


def greenhouse(scene: Scene) -> Stand:
    """An iron and glass hall full of leaves, sun falling through the panes."""
    a = scene.aspect
    scene.horizon, x = 0.72, scene.focus * a
    scene.inks["leaf"] = mix(scene.inks["leaf"], scene.inks["near"], 0.2)
    scene.inks["haze"] = mix(
        mix(scene.inks["low"], np.array((196.0, 222.0, 170.0)), 0.6), scene.inks["mid"], 0.2
    )
    scene.inks["iron"] = mix(scene.inks["near"], scene.inks["stone"], 0.25)
    scene.add(Mist(y=0.5, height=0.3, strength=0.4), Layer(shapes=_iron(scene, a / 2), depth=0.62))
    for rank in range(3):
        count, tone = int((15 - 3 * rank) * a) + 6, -0.1 - 0.12 * rank
        leaves = _foliage(scene, 0.6 + 0.13 * rank, 0.2 + 0.05 * rank, count, tone)
        scene.add(Layer(shapes=leaves, depth=0.36 + 0.26 * rank, fade=0.4))
        scene.add(Mist(y=0.62 + 0.1 * rank, height=0.1, strength=0.35))
    sun = (scene.sun[0], -0.05)
    for reach in (-0.35, 0.1, 0.5):
        end = (sun[0] + (a / 2 - sun[0]) * 1.3 + reach, 1.1)
        scene.add(Beam(start=sun, end=end, width=0.2, ink="sun", strength=0.34))
    close = scene.reading.close or scene.reading.thing in ("astronaut", "person")
    size, y = (0.44, 1.02) if close else (0.3, 0.95)
    return Stand(x=x, y=y, size=size * scene.unit, front=_undergrowth(scene, x))


def _undergrowth(scene: Scene, x: float) -> tuple[Part, ...]:
    """Leaves and blossom before the subject at `x`, and dust in the light."""
    rng, a = scene.rng, scene.aspect
    near = _foliage(scene, 1.02, 0.3, int(5 * a) + 3, -0.55, clear=(x, 0.24 * scene.unit))
    blooms = [s for k in rng.uniform(0, a, int(7 * a) + 3).tolist() for s in _blossom(scene, k)]
    motes, radii = rng.random((60, 2)) * (a, 0.8), 0.001 + 0.0025 * rng.random(60)
    dust = Dots(
        centres=motes, radii=radii, colours=np.repeat(scene.inks["sun"][None] * 0.8, 60, 0), soft=True
    )
    return Layer(shapes=[*near, *blooms], lit=0.3), dust


def _iron(scene: Scene, x: float) -> list[Shape]:
    """Ribs and glazing bars of a vaulted hall in one-point perspective."""
    shapes: list[Shape] = []
    for k, width in ((0.16, 0.004), (0.25, 0.005), (0.38, 0.007), (0.58, 0.01), (0.9, 0.016)):
        y = 0.56 - 0.14 * k
        shapes.append(arc("iron", (x, y), (k, k * 0.8), (np.pi, TAU), width))
        shapes += [stroke("iron", [(x + s * k, y), (x + s * k, 1.0)], width) for s in (-1, 1)]
    for angle in np.linspace(np.pi, TAU, 13).tolist():
        inner = (x + 0.16 * np.cos(angle), 0.54 + 0.128 * np.sin(angle))
        outer = (x + 1.7 * np.cos(angle), 0.4 + 1.36 * np.sin(angle))
        shapes.append(stroke("iron", [inner, outer], 0.004))
    return [*shapes, bar("leaf", -0.1, 0.62, scene.aspect + 0.1, 1.1, -0.45)]


def _foliage(
    scene: Scene, y: float, length: float, count: int, tone: float, clear: tuple[float, float] = (-9, 0)
) -> list[Shape]:
    """Plants of several habits along a line; `clear` keeps (x, half width) free."""
    rng, shapes = scene.rng, list[Shape]()
    for x in rng.uniform(-0.05, scene.aspect + 0.05, count).tolist():
        if abs(x - clear[0]) < clear[1]:
            continue
        size, habit = length * float(rng.uniform(0.6, 1.15)), int(rng.integers(3))
        foot = (x, y + float(rng.uniform(-0.02, 0.05)))
        if habit == 0:
            shapes += _frond(scene, foot, size * 1.25, float(rng.uniform(-2.3, -0.85)), tone)
        else:
            plump = 0.2 if habit == 1 else 0.09
            fan = np.linspace(-2.7, -0.45, 6 if habit == 1 else 8) + rng.uniform(-0.15, 0.15)
            shapes += [
                leaf(
                    "leaf",
                    foot,
                    size * float(rng.uniform(0.7, 1.1)),
                    float(t),
                    plump,
                    tone + float(rng.uniform(-0.16, 0.24)),
                )
                for t in fan
            ]
    return shapes


def _frond(scene: Scene, foot: tuple[float, float], length: float, angle: float, tone: float) -> list[Shape]:
    """A palm frond that bends over."""
    side = 1 if np.cos(angle) > 0 else -1
    t = np.linspace(0, 1, 12)
    bend = angle + side * 0.9 * t
    line = np.stack(
        (foot[0] + np.cumsum(np.cos(bend)) * length / 12, foot[1] + np.cumsum(np.sin(bend)) * length / 12), 1
    )
    shapes = [stroke("leaf", line, 0.005, tone - 0.1)]
    for k in range(2, 12, 2):
        for turn in (-0.75, 0.75):
            leaflet = length * (0.36 - 0.02 * k)
            shapes.append(
                leaf(
                    "leaf",
                    (float(line[k, 0]), float(line[k, 1])),
                    leaflet,
                    float(bend[k]) + turn,
                    0.13,
                    tone + (0.16 if turn * side < 0 else -0.04),
                )
            )
    return shapes


def _blossom(scene: Scene, x: float) -> list[Shape]:
    y, size, ink = (
        float(scene.rng.uniform(0.84, 1.0)),
        float(scene.rng.uniform(0.014, 0.028)),
        pick(scene.rng, ("a", "b", "c", "pale")),
    )
    petals = [leaf(ink, (x, y), size, k * TAU / 7, 0.3, 0.1 * (k % 2)) for k in range(7)]
    return [*petals, disc("glow", x, y, size * 0.24)]
