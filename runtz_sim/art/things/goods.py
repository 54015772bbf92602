"""Food, drink and things that stand on a table."""

import numpy as np

from runtz_sim.art.shapes import TAU, Rng, Shape, arc, area, bar, disc, leaf, points, stroke


def bowl(rng: Rng) -> list[Shape]:
    """A bowl of noodles with egg, greens, seaweed and chopsticks."""
    side = [
        (-0.94, 0.06),
        (-0.88, 0.44),
        (-0.62, 0.8),
        (-0.34, 0.94),
        (0.34, 0.94),
        (0.62, 0.8),
        (0.88, 0.44),
        (0.94, 0.06),
    ]
    shapes = [area("dark", [(-0.36, 0.9), (0.36, 0.9), (0.4, 1), (-0.4, 1)], 0.05), area("a", side, -0.12, 2)]
    shapes += [
        area(
            "a",
            [(0.2, 0.1), (0.94, 0.06), (0.88, 0.44), (0.62, 0.8), (0.34, 0.94), (0.1, 0.94), (0.36, 0.6)],
            -0.3,
            2,
        )
    ]
    shapes += [area("a", [(-0.9, 0.14), (-0.84, 0.44), (-0.64, 0.72), (-0.72, 0.46), (-0.78, 0.16)], 0.25, 1)]
    wave = np.linspace(-0.86, 0.86, 40)
    shapes += [
        stroke("cream", np.stack((wave, 0.46 - 0.03 * np.cos(wave * 22) - 0.12 * wave**2), 1), 0.03, -0.1)
    ]
    shapes += [
        area("dark", [(-0.42, -0.1), (-0.66, -0.5), (-0.38, -0.6), (-0.16, -0.12)], 0.08),
        area("leaf", [(-0.42, -0.1), (-0.64, -0.48), (-0.57, -0.51), (-0.33, -0.12)], -0.66),
    ]
    shapes += [
        disc("a", 0, 0.06, 0.95, 0.27, 0.1),
        disc("dark", 0, 0.07, 0.88, 0.235, 0.08),
        disc("glow", 0, 0.09, 0.86, 0.215, -0.45),
    ]
    shapes += [*_noodles(rng), *_toppings(rng)]
    shapes += [
        stroke("bark", [(0.2, 0.0), (1.02, -0.66)], 0.04, 0.2),
        stroke("bark", [(0.34, 0.04), (1.12, -0.56)], 0.04, 0.35),
    ]
    return shapes


def _noodles(rng: Rng) -> list[Shape]:
    shapes: list[Shape] = []
    for k in range(22):
        x, y = float(rng.uniform(-0.5, 0.4)), float(rng.uniform(-0.04, 0.2))
        t = np.linspace(0, 1, 10)
        line = np.stack((x - 0.2 + 0.42 * t, y + 0.05 * np.sin(t * 5 + k) * (1 + t)), 1)
        shapes.append(stroke("cream", line, 0.028, -0.16 + 0.28 * ((k * 7) % 11) / 11))
    return shapes


def _toppings(rng: Rng) -> list[Shape]:
    shapes = [
        disc("lip", -0.46, 0.1, 0.23, 0.09, 0.1, -0.15),
        disc("cream", -0.47, 0.095, 0.18, 0.06, 0.1, -0.15),
        disc("lip", -0.46, 0.1, 0.1, 0.03, 0.35, -0.1),
    ]
    for x, y, turn in ((0.18, -0.03, -0.2), (0.44, 0.06, 0.15)):
        shapes += [
            disc("pale", x, y, 0.2, 0.11, 0.1, turn),
            disc("glow", x, y - 0.005, 0.11, 0.065, -0.18, turn),
            disc("yolk", x + 0.01, y - 0.01, 0.07, 0.04, -0.1, turn),
        ]
    for _ in range(16):
        spot = (float(rng.uniform(-0.6, 0.6)), float(rng.uniform(0.02, 0.22)))
        shapes.append(
            leaf("leaf", spot, 0.09, float(rng.random() * TAU), 0.3, float(rng.uniform(-0.1, 0.35)))
        )
    return shapes + [
        leaf("leaf", (-0.06, -0.02), 0.34, angle, 0.2, tone)
        for angle, tone in ((-1.9, -0.2), (-1.5, 0), (-1.1, -0.1))
    ]


def cup(_rng: Rng) -> list[Shape]:
    """A cup of coffee on its saucer."""
    shapes = [
        disc("pale", 0, 0.88, 0.96, 0.16, -0.24),
        disc("pale", 0, 0.85, 0.92, 0.13),
        disc("pale", 0.02, 0.86, 0.5, 0.06, -0.3),
    ]
    shapes += [arc("a", (0.6, 0.22), (0.28, 0.26), (-1.4, 1.6), 0.1, -0.2)]
    shapes += [
        area(
            "a", [(-0.62, -0.1), (-0.58, 0.36), (-0.36, 0.84), (0.36, 0.84), (0.58, 0.36), (0.62, -0.1)], 0, 1
        )
    ]
    shapes += [
        area("a", [(0.16, -0.06), (0.62, -0.1), (0.58, 0.36), (0.36, 0.84), (0.1, 0.84)], -0.22, 1),
        area("a", [(-0.54, 0), (-0.44, 0), (-0.38, 0.5), (-0.46, 0.46)], 0.35, 1),
    ]
    shapes += [
        disc("a", 0, -0.1, 0.62, 0.17, 0.2),
        disc("bark", 0, -0.08, 0.55, 0.13, 0.05),
        disc("cream", 0, -0.08, 0.34, 0.075, -0.1),
    ]
    return [
        *shapes,
        disc("bark", 0.02, -0.08, 0.2, 0.04, 0.15),
        leaf("cream", (-0.16, -0.08), 0.34, 0.0, 0.11, 0.1),
    ]


def cake(rng: Rng) -> list[Shape]:
    """A layered cake with berries and a candle."""
    shapes = [disc("metal", 0, 0.9, 1.0, 0.13, -0.15), disc("metal", 0, 0.86, 0.96, 0.11, 0.2)]
    for y, ink, tone in (
        (0.58, "bark", 0.22),
        (0.44, "cream", 0.1),
        (0.16, "bark", 0.3),
        (0.02, "cream", 0.2),
    ):
        shapes += [
            disc(ink, 0, y + 0.26, 0.76, 0.12, tone - 0.2),
            bar(ink, -0.76, y, 0.76, y + 0.26, tone),
            bar(ink, 0.2, y, 0.76, y + 0.27, tone - 0.18),
        ]
    drip = [
        (x, 0.06 + 0.1 * float(rng.random()) + 0.14 * (k % 2))
        for k, x in enumerate(np.linspace(0.76, -0.76, 13).tolist())
    ]
    shapes += [
        area("a", [(-0.76, -0.06), (0.76, -0.06), *drip], -0.08, 2),
        disc("a", 0, -0.06, 0.76, 0.15, 0.12),
    ]
    shapes += [
        disc("lip", float(x), -0.14 + 0.06 * (k % 2), 0.1, 0.1, 0.1 * (k % 2))
        for k, x in enumerate(np.linspace(-0.5, 0.5, 7))
    ]
    return [
        *shapes,
        bar("pale", -0.035, -0.66, 0.035, -0.12),
        disc("glow", 0, -0.8, 0.06, 0.13, 0.2),
        disc("pale", 0, -0.77, 0.03, 0.07, 0.5),
    ]


def bottle(_rng: Rng) -> list[Shape]:
    """A glass bottle with a label."""
    glass = [
        (-0.42, 1),
        (-0.42, -0.16),
        (-0.16, -0.46),
        (-0.15, -0.6),
        (0.15, -0.6),
        (0.16, -0.46),
        (0.42, -0.16),
        (0.42, 1),
    ]
    shapes = [
        area("a", glass, -0.06, 1),
        area("a", [(0.14, 1), (0.16, -0.3), (0.42, -0.12), (0.42, 1)], -0.3, 1),
        area("a", [(-0.36, 0.92), (-0.36, -0.08), (-0.26, -0.2), (-0.26, 0.92)], 0.5, 1),
    ]
    shapes += [
        bar("dark", -0.16, -0.88, 0.16, -0.56, 0.08),
        bar("metal", -0.17, -0.62, 0.17, -0.56),
        bar("dark", -0.12, -0.86, -0.06, -0.62, 0.4),
    ]
    shapes += [
        bar("cream", -0.34, 0.16, 0.34, 0.68),
        bar("cream", 0.18, 0.16, 0.34, 0.68, -0.12),
        stroke("c", [(-0.22, 0.3), (0.22, 0.3)], 0.05),
        disc("b", 0, 0.48, 0.09),
    ]
    return [*shapes, stroke("stone", [(-0.18, 0.62), (0.18, 0.62)], 0.016)]


def clock(rng: Rng) -> list[Shape]:
    """A wristwatch, seen straight on."""
    strap = [(-0.3, -1.04), (0.3, -1.04), (0.38, 0), (0.3, 1), (-0.3, 1), (-0.38, 0)]
    shapes = [
        area("bark", strap, -0.1),
        *(stroke("bark", [(s * 0.23, -1), (s * 0.29, 0), (s * 0.23, 1)], 0.014, 0.3) for s in (-1, 1)),
    ]
    shapes += [
        bar("metal", 0.58, -0.08, 0.72, 0.08, -0.2),
        disc("metal", 0, 0, 0.64, tone=-0.25),
        disc("metal", -0.02, -0.02, 0.61, tone=0.2),
        disc("metal", 0, 0, 0.54, tone=-0.4),
    ]
    shapes += [disc("a", 0, 0, 0.52, tone=-0.4), disc("a", -0.03, -0.04, 0.45, tone=-0.22)]
    for k in range(12):
        spoke = points((np.sin(k * TAU / 12), -np.cos(k * TAU / 12)))
        shapes.append(stroke("pale", [spoke * 0.39, spoke * 0.48], 0.036 if k % 3 == 0 else 0.018))
    hour = float(rng.random() * TAU)
    for angle, reach, width in ((hour, 0.26, 0.05), (hour * 12 % TAU, 0.4, 0.032)):
        shapes.append(stroke("pale", [(0, 0), (np.sin(angle) * reach, -np.cos(angle) * reach)], width))
    return [
        *shapes,
        stroke("c", [(-0.1, 0.1), (0.28, -0.26)], 0.014),
        disc("c", 0, 0, 0.04),
        arc("pale", (0, 0), (0.5, 0.5), (3.4, 4.5), 0.02),
    ]


def radio(_rng: Rng) -> list[Shape]:
    """An old valve radio with a lit dial."""
    box = [(-1, -0.2), (1, -0.2), (1, 0.92), (-1, 0.92)]
    shapes = [
        stroke("metal", [(0.7, -0.2), (1.0, -1.06)], 0.02),
        disc("glow", 1.0, -1.07, 0.035),
        arc("bark", (0, -0.2), (0.46, 0.22), (np.pi, TAU), 0.06, 0.1),
    ]
    shapes += [bar("bark", s * 0.72 - 0.1, 0.86, s * 0.72 + 0.1, 1, -0.4) for s in (-1, 1)]
    shapes += [
        area("a", box, -0.12, 1),
        area("a", [(-0.94, -0.14), (0.94, -0.14), (0.94, 0.0), (-0.94, 0.0)], 0.14, 1),
    ]
    shapes += [area("cream", [(-0.92, -0.06), (0.04, -0.06), (0.04, 0.8), (-0.92, 0.8)], -0.2, 1)]
    shapes += [
        disc("dark", -0.44, 0.37, 0.4, tone=0.04),
        disc("bark", -0.44, 0.37, 0.36, tone=-0.25),
        disc("dark", -0.44, 0.37, 0.14, tone=0.1),
        disc("metal", -0.44, 0.37, 0.06),
    ]
    shapes += [arc("cream", (-0.44, 0.37), (r, r), (0, TAU), 0.014, -0.2) for r in (0.21, 0.28, 0.36)]
    shapes += [
        bar("dark", 0.14, -0.04, 0.88, 0.32),
        bar("glow", 0.18, 0.0, 0.84, 0.28, -0.12),
        bar("glow", 0.18, 0.04, 0.84, 0.2, 0.25),
    ]
    shapes += [
        stroke("dark", [(x, 0.08), (x, 0.15 + 0.05 * (k % 3 == 0))], 0.012, 0.1)
        for k, x in enumerate(np.linspace(0.22, 0.8, 15).tolist())
    ]
    shapes += [stroke("lip", [(0.56, 0.01), (0.56, 0.27)], 0.022, 0.15)]
    for x in (0.3, 0.72):
        shapes += [
            disc("dark", x, 0.6, 0.16),
            disc("metal", x, 0.59, 0.13),
            disc("metal", x, 0.59, 0.09, tone=-0.2),
            stroke("dark", [(x, 0.59), (x + 0.05, 0.49)], 0.025),
        ]
    return shapes


def guitar(_rng: Rng) -> list[Shape]:
    """An acoustic guitar, upright."""
    body = [
        (-0.14, -0.1),
        (-0.42, 0.0),
        (-0.4, 0.24),
        (-0.28, 0.36),
        (-0.56, 0.62),
        (-0.4, 1),
        (0.4, 1),
        (0.56, 0.62),
        (0.28, 0.36),
        (0.4, 0.24),
        (0.42, 0.0),
        (0.14, -0.1),
    ]
    shapes = [
        area("bark", points(body) * (1.05, 1.0), -0.2, 3),
        area("a", points(body) * (0.97, 0.98) + (0, 0.01), 0.04, 3),
        disc("dark", 0, 0.3, 0.17),
        arc("cream", (0, 0.3), (0.19, 0.19), (0, TAU), 0.02, -0.2),
    ]
    shapes += [
        bar("bark", -0.07, -0.86, 0.07, 0.18, -0.1),
        bar("bark", -0.12, -1.08, 0.12, -0.82, -0.25),
        bar("bark", -0.2, 0.68, 0.2, 0.76, -0.4),
    ]
    shapes += [stroke("metal", [(-0.07, y), (0.07, y)], 0.01) for y in np.linspace(-0.78, 0.06, 10).tolist()]
    shapes += [stroke("pale", [(x, -1.0), (x, 0.72)], 0.007) for x in np.linspace(-0.05, 0.05, 6).tolist()]
    return shapes + [disc("metal", s * 0.15, y, 0.03) for s in (-1, 1) for y in (-1.02, -0.95, -0.88)]
