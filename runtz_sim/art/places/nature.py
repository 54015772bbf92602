"""Forests, mountains, coasts, seas, deserts and fields."""

import numpy as np

from runtz_sim.art.palettes import mix
from runtz_sim.art.scene import Scene
from runtz_sim.art.shapes import (
    Layer,
    Mist,
    Part,
    Rng,
    Shape,
    Stand,
    Water,
    area,
    pick,
    ridge,
    stroke,
)


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
        shapes.append(
            _conifer(
                rng, ink, x, foot + float(rng.uniform(-0.01, 0.02)), height, float(rng.uniform(-0.1, 0.06))
            )
        )
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
        shapes.append(
            area(
                ink,
                [
                    (x + lean - w * 0.6, -0.05),
                    (x + lean + w * 0.6, -0.05),
                    (x + w * 0.9, base - 0.04),
                    (x + w * 1.7, base),
                    (x - w * 1.7, base),
                    (x - w * 0.9, base - 0.04),
                ],
                float(rng.uniform(-0.08, 0.05)),
            )
        )
        if snow:
            shapes.append(
                area(
                    "snow",
                    [
                        (x + lean - w * 0.6, -0.05),
                        (x + lean - w * 0.34, -0.05),
                        (x - w * 0.55, base - 0.03),
                        (x - w * 0.9, base - 0.03),
                    ],
                    -0.12,
                )
            )
        for _ in range(int(rng.integers(2, 5))):
            y, reach, side = float(rng.uniform(0.05, 0.5)), float(rng.uniform(0.05, 0.16)), pick(rng, (-1, 1))
            limb = [
                (x + lean * (1 - y), y),
                (x + side * reach * 0.6, y - reach * 0.3),
                (x + side * reach, y - reach * 0.85),
            ]
            shapes.append(stroke(ink, limb, max(0.003, w * 0.24)))
    return shapes


def forest(scene: Scene) -> Stand:
    """Rows of trees that sink into haze, a clearing in front."""
    rng, snow = scene.rng, scene.weather == "snow"
    scene.horizon = h = 0.62 + float(rng.uniform(-0.03, 0.03))
    ground, u = "snow" if snow else "leaf", scene.unit
    if not snow:
        scene.inks["leaf"] = mix(scene.inks["leaf"], scene.inks["near"], 0.45)
    scene.add(
        Layer(shapes=_firs(scene, "far", h, 0.42, 16), depth=0.14, fade=0.8),
        Mist(y=h - 0.03, height=0.12, strength=0.7),
    )
    scene.add(
        Layer(
            shapes=_trunks(scene, "far", h + 0.02, 0.009, int(12 * scene.aspect) + 2, False),
            depth=0.34,
            fade=0.5,
        )
    )
    scene.add(Layer(shapes=_firs(scene, "far", h + 0.03, 0.36, 9), depth=0.42, fade=0.7))
    scene.add(
        Layer(shapes=[ridge(rng, scene.aspect, ground, h + 0.05, 0.03, tone=-0.1)], depth=0.55),
        Mist(y=h + 0.02, height=0.07, strength=0.65),
    )
    scene.add(
        Layer(
            shapes=_trunks(scene, "near", h + 0.09, 0.02, int(6 * scene.aspect) + 2, snow),
            depth=0.66,
            fade=0.4,
        )
    )
    scene.add(
        Layer(shapes=[ridge(rng, scene.aspect, ground, h + 0.1, 0.03, tone=-0.05)], depth=0.75),
        Mist(y=h + 0.09, height=0.05, strength=0.4),
    )
    scene.add(
        Layer(shapes=_trunks(scene, "near", h + 0.2, 0.036, int(4 * scene.aspect) + 1, snow), depth=0.94)
    )
    scene.add(
        Layer(shapes=[ridge(rng, scene.aspect, ground, h + 0.2, 0.05, tone=0.04)], depth=0.93),
        *_shade(scene, h + 0.2),
    )
    front: list[Part] = [
        Layer(shapes=[ridge(rng, scene.aspect, ground, 1.0, 0.05, tone=0.1 if snow else -0.3)])
    ]
    if not snow:
        front.append(Layer(shapes=blades(rng, scene.aspect, 0.98, 0.07)))
    return Stand(x=scene.focus * scene.aspect, y=0.955, size=0.26 * u, front=tuple(front))


def _shade(scene: Scene, y: float) -> list[Part]:
    """Long blue shadows that fall from the trunks towards the viewer."""
    rng, shapes = scene.rng, list[Shape]()
    for x in rng.uniform(0, scene.aspect, int(5 * scene.aspect) + 2).tolist():
        drift = (x - scene.sun[0]) * 0.55
        shapes.append(
            area(
                "snow",
                [(x, y - 0.02), (x + 0.014, y - 0.02), (x + drift + 0.05, 1.05), (x + drift, 1.05)],
                -0.07,
            )
        )
    return [Layer(shapes=shapes, depth=0.9)] if scene.weather == "snow" and scene.time != "night" else []


def blades(rng: Rng, aspect: float, y: float, tall: float) -> list[Shape]:
    """Grass along the bottom edge."""
    count = int(70 * aspect) + 10
    rows = zip(
        rng.uniform(-0.02, aspect, count),
        rng.uniform(0.4, 1, count) * tall,
        rng.uniform(-0.03, 0.03, count),
        strict=True,
    )
    return [
        area("near", [(x - 0.005, y + 0.05), (x + 0.005, y + 0.05), (x + lean, y - height)])
        for x, height, lean in rows
    ]


def peak(scene: Scene, x: float, base: float, tall: float, half: float, ink: str) -> list[Shape]:
    """A mountain: shaded flank, sunlit flank and a ragged snow cap."""
    rng, side = scene.rng, 1 if scene.sun[0] > x else -1
    t = np.linspace(0, 1, 14)
    rough = rng.uniform(-0.035, 0.035, (2, 14)) * np.minimum(t * 6, 1) * tall
    left = np.stack((x - half * t, base - tall * (1 - t**0.85) + rough[0]), 1)
    right = np.stack((x + half * t, base - tall * (1 - t**0.85) + rough[1]), 1)
    spine = np.stack(
        (x - side * half * 0.22 * t + rng.uniform(-0.05, 0.05, 14) * half * t * 2, base - tall * (1 - t)), 1
    )
    bright = right if side > 0 else left
    shapes = [
        Shape(
            ink=ink,
            points=np.concatenate((left[::-1], right, [(x + half, 1.1), (x - half, 1.1)])),
            tone=-0.08,
        )
    ]
    shapes.append(Shape(ink=ink, points=np.concatenate((bright, spine[::-1])), tone=0.16))
    jag = [
        (x + half * k, base - tall * (1 - d))
        for k, d in (
            (0.17, 0.3),
            (0.1, 0.24),
            (0.05, 0.36),
            (-0.02, 0.27),
            (-0.09, 0.4),
            (-0.13, 0.26),
            (-0.2, 0.33),
        )
    ]
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
            shapes += peak(
                scene,
                x + float(rng.uniform(-0.07, 0.07)),
                h + 0.02,
                tall,
                tall * float(rng.uniform(0.85, 1.2)),
                "far" if k < 2 else "near",
            )
        scene.add(
            Layer(shapes=shapes, depth=(0.2, 0.45, 0.66)[k], fade=0.7),
            Mist(y=h - 0.02 - 0.05 * (2 - k), height=0.06, strength=0.5),
        )
    scene.add(
        Layer(
            shapes=[
                *_firs(scene, "near", h + 0.015, 0.07, 40),
                ridge(rng, scene.aspect, "near", h + 0.02, 0.012),
            ],
            depth=0.72,
            fade=0.3,
        )
    )
    scene.add(Water(y=h + 0.012, ripple=0.22, shine=0.95), Mist(y=h + 0.015, height=0.025, strength=0.6))
    scene.add(
        Layer(
            shapes=[*_firs(scene, "near", 0.95, 0.2, 13), ridge(rng, scene.aspect, "near", 0.98, 0.06)],
            depth=0.97,
        )
    )
    return Stand(x=scene.focus * scene.aspect, y=0.97, size=0.24 * u)
