"""Trees, flowers and what grows in between."""

import numpy as np

from runtz_sim.art.shapes import TAU, Rng, Shape, area, disc, leaf, pick, stroke


def tree(rng: Rng) -> list[Shape]:
    """An old tree with a rounded crown."""
    shapes = [
        area(
            "bark",
            [
                (-0.2, 1),
                (-0.09, 0.3),
                (-0.42, -0.26),
                (-0.04, 0.04),
                (0.06, -0.4),
                (0.12, 0.02),
                (0.44, -0.3),
                (0.13, 0.34),
                (0.24, 1),
            ],
            0,
            1,
        )
    ]
    ink = "leaf" if rng.random() < 0.6 else "a"
    for k in range(34):
        angle, reach = rng.random() * TAU, rng.random() ** 0.5
        x, y = float(np.cos(angle) * reach * 0.7), float(-0.42 + np.sin(angle) * reach * 0.44)
        shapes.append(disc(ink, x, y, 0.27 - k * 0.005, 0.22 - k * 0.004, -0.42 + 0.62 * k / 34 - 0.2 * x))
    return shapes


def flower(rng: Rng) -> list[Shape]:
    """A few blooms on their stems."""
    shapes: list[Shape] = []
    count = int(rng.integers(3, 6))
    for k in rng.permutation(count).tolist():
        x = (k - (count - 1) / 2) * 1.5 / count + float(rng.uniform(-0.08, 0.08))
        y, radius = float(rng.uniform(-0.66, -0.1)), float(rng.uniform(0.28, 0.4))
        shapes.append(stroke("leaf", [(x * 0.3, 1), (x * 0.62, 0.5), (x, y)], 0.035, -0.15))
        shapes += [
            leaf("leaf", (x * 0.5, 0.62), 0.46, angle, 0.17, tone)
            for angle, tone in ((-0.7, 0.05), (-2.4, -0.2))
        ]
        shapes += _bloom(rng, x, y, radius)
    return shapes


def _bloom(rng: Rng, x: float, y: float, radius: float) -> list[Shape]:
    ink, petals, turn = pick(rng, ("a", "a", "b", "c")), int(rng.integers(8, 14)), float(rng.random() * TAU)
    shapes: list[Shape] = []
    for ring, tone in ((1.0, -0.22), (0.78, -0.04), (0.54, 0.16)):
        for k in range(petals):
            angle = turn + ring * 2 + k * TAU / petals
            shapes.append(leaf(ink, (x, y), radius * ring, angle, 0.24, tone - 0.12 * (k % 2)))
    return [*shapes, disc("cream", x, y, radius * 0.2, tone=-0.3), disc("bark", x, y, radius * 0.1, tone=0.1)]


def mushroom(rng: Rng) -> list[Shape]:
    """A small family of spotted mushrooms."""
    shapes: list[Shape] = []
    for x, foot, size in ((0.56, 1.0, 0.5), (-0.6, 1.0, 0.42), (0.0, 1.0, 1.0)):
        shapes += [
            area(
                "cream",
                [
                    (x - 0.16 * size, foot),
                    (x - 0.1 * size, foot - 0.9 * size),
                    (x + 0.1 * size, foot - 0.9 * size),
                    (x + 0.2 * size, foot),
                ],
                -0.06,
                1,
            )
        ]
        cap = [
            (-0.72, -0.8),
            (-0.6, -1.3),
            (-0.1, -1.66),
            (0.4, -1.5),
            (0.74, -0.84),
            (0.3, -0.72),
            (-0.3, -0.72),
        ]
        shapes += [
            area("a", [(x + px * size, foot + py * size) for px, py in cap], 0, 3),
            disc("cream", x, foot - 0.84 * size, 0.5 * size, 0.1 * size, -0.28),
        ]
        spots = zip(
            rng.uniform(-0.42, 0.42, 7), rng.uniform(-1.42, -1.0, 7), rng.uniform(0.04, 0.1, 7), strict=True
        )
        shapes += [
            disc(
                "pale", float(x + px * size), float(foot + py * size), float(r * size), float(r * size * 0.8)
            )
            for px, py, r in spots
        ]
    return shapes
