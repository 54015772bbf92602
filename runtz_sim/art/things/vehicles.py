"""Things that travel, on water, on roads and in the sky."""

import numpy as np

from runtz_sim.art.shapes import TAU, Rng, Shape, arc, area, bar, disc, stroke


def ferry(_rng: Rng) -> list[Shape]:
    """A small ferry, its three decks alight; it is wide and low, its waterline at y = 1."""
    hull = [(-1.0, 0.62), (1.02, 0.62), (0.86, 1), (-0.84, 1)]
    shapes = [
        area("dark", hull, 0.08),
        bar("a", -0.98, 0.62, 1.0, 0.69, -0.15),
        bar("stone", -0.8, 0.3, 0.82, 0.62, -0.55),
    ]
    shapes += [bar("stone", -0.62, 0.0, 0.62, 0.3, -0.6), bar("stone", -0.1, -0.26, 0.36, 0.0, -0.5)]
    for y, x0, x1, step in ((0.4, -0.74, 0.76, 0.115), (0.09, -0.56, 0.56, 0.115), (-0.19, -0.06, 0.32, 0.1)):
        shapes += [
            bar("glow", x, y, x + step * 0.68, y + 0.15, 0.22)
            for x in np.arange(x0, x1 - step * 0.5, step).tolist()
        ]
    shapes += [
        stroke("glow", [(-0.8, 0.3), (0.82, 0.3)], 0.03, 0.2),
        stroke("glow", [(-0.62, 0.0), (0.62, 0.0)], 0.024, 0.1),
    ]
    shapes += [
        bar("a", -0.42, -0.32, -0.24, 0.0, -0.2),
        stroke("stone", [(0.12, -0.26), (0.12, -0.66)], 0.03),
        disc("lip", 0.12, -0.7, 0.055, tone=0.4),
    ]
    return shapes


def sailboat(_rng: Rng) -> list[Shape]:
    """A sailing boat under full sail."""
    return [
        area("pale", [(0.05, -0.98), (0.05, 0.5), (0.34, 0.5), (0.78, 0.46), (0.5, -0.1)], 0, 1),
        area("pale", [(0.05, -0.98), (0.05, 0.5), (0.3, 0.5), (0.34, 0.1)], -0.14, 1),
        area("a", [(-0.04, -0.8), (-0.04, 0.5), (-0.62, 0.48), (-0.3, -0.1)], 0.04, 1),
        stroke("bark", [(0, -1.02), (0, 0.68)], 0.035),
        area("b", [(-0.88, 0.6), (0.92, 0.58), (0.66, 1), (-0.6, 1)], -0.12, 1),
        stroke("pale", [(-0.76, 0.68), (0.8, 0.67)], 0.03),
        area("c", [(0, -1.04), (0.2, -0.98), (0, -0.92)]),
    ]


def car(_rng: Rng) -> list[Shape]:
    """A car seen from the side, its lamps on."""
    roof = [(-0.62, 0.4), (-0.4, 0.04), (-0.1, -0.02), (0.24, 0.02), (0.62, 0.4)]
    body = [(-1.02, 0.78), (-1.0, 0.46), (-0.62, 0.36), (0.6, 0.36), (0.98, 0.48), (1.02, 0.78)]
    shapes = [
        area("a", roof, -0.1, 1),
        area("top", [(-0.5, 0.38), (-0.34, 0.1), (-0.06, 0.06), (-0.06, 0.38)], 0.12),
        area("mid", [(0.0, 0.38), (0.0, 0.06), (0.2, 0.09), (0.48, 0.38)]),
    ]
    shapes += [
        area("a", body, 0, 2),
        bar("a", -0.98, 0.64, 0.98, 0.8, -0.35),
        stroke("pale", [(-0.9, 0.5), (0.9, 0.5)], 0.014),
        stroke("a", [(-0.03, 0.38), (-0.03, 0.78)], 0.012, -0.4),
    ]
    shapes += [
        disc("glow", 0.95, 0.54, 0.06, 0.05, 0.3),
        disc("lip", -0.97, 0.54, 0.04, 0.05, 0.25),
        stroke("metal", [(-0.26, 0.46), (-0.14, 0.46)], 0.022),
    ]
    for x in (-0.58, 0.58):
        shapes += [
            disc("dark", x, 0.78, 0.22),
            disc("metal", x, 0.78, 0.13, tone=-0.15),
            disc("dark", x, 0.78, 0.05, tone=0.2),
        ]
        shapes += [
            stroke("dark", [(x, 0.78), (x + 0.12 * np.cos(t), 0.78 + 0.12 * np.sin(t))], 0.018)
            for t in np.arange(0, TAU, TAU / 5)
        ]
    return shapes


def balloon(_rng: Rng) -> list[Shape]:
    """A hot-air balloon in gores of two colours."""
    shapes: list[Shape] = []
    for k, ink in ((1.0, "a"), (0.7, "b"), (0.4, "a"), (0.14, "b")):
        gore = [
            (-0.14 * k, 0.46),
            (-0.5 * k, 0.1),
            (-0.76 * k, -0.34),
            (-0.62 * k, -0.86),
            (0, -1.08),
            (0.62 * k, -0.86),
            (0.76 * k, -0.34),
            (0.5 * k, 0.1),
            (0.14 * k, 0.46),
        ]
        shapes.append(area(ink, gore, 0.02, 2))
    shapes += [stroke("bark", [(s * 0.13, 0.44), (s * 0.1, 0.76)], 0.014) for s in (-1, 1)]
    return [
        *shapes,
        disc("glow", 0, 0.54, 0.05, 0.08, 0.3),
        bar("bark", -0.13, 0.74, 0.13, 0.94, 0.15),
        bar("bark", -0.14, 0.72, 0.14, 0.77, 0.35),
    ]


def rocket(_rng: Rng) -> list[Shape]:
    """A rocket that climbs on its flame."""
    flame = [(-0.14, 0.5), (-0.22, 0.8), (-0.06, 0.9), (0, 1.15), (0.08, 0.9), (0.22, 0.8), (0.14, 0.5)]
    hull = [(-0.18, 0.48), (-0.3, 0.0), (-0.22, -0.6), (0, -1.08), (0.22, -0.6), (0.3, 0.0), (0.18, 0.48)]
    shapes = [
        area("yolk", flame, 0, 2),
        area("glow", [(p[0] * 0.55, 0.48 + (p[1] - 0.48) * 0.7) for p in flame], 0.4, 2),
    ]
    shapes += [
        area("a", [(s * 0.2, 0.0), (s * 0.56, 0.4), (s * 0.54, 0.66), (s * 0.16, 0.46)], -0.15, 1)
        for s in (-1, 1)
    ]
    shapes += [
        area("pale", hull, 0, 3),
        area(
            "pale",
            [(0.02, 0.48), (0.1, 0), (0.08, -0.6), (0, -1.0), (0.2, -0.6), (0.3, 0), (0.18, 0.48)],
            -0.22,
            3,
        ),
    ]
    shapes += [
        area("a", [(-0.155, -0.74), (0, -1.07), (0.155, -0.74)], 0, 1),
        disc("stone", 0, -0.34, 0.14),
        disc("mid", 0, -0.34, 0.1, tone=0.2),
        disc("pale", -0.03, -0.37, 0.03),
    ]
    return [*shapes, bar("a", -0.2, 0.4, 0.2, 0.5, -0.1), bar("stone", -0.14, 0.5, 0.14, 0.56, -0.3)]


def planet(rng: Rng) -> list[Shape]:
    """A banded planet with rings."""
    tilt, radius = float(rng.uniform(-0.4, 0.4)), 0.62
    shapes = [disc("a", 0, 0, radius)]
    for y, ink, tone in (
        (-0.36, "b", 0.05),
        (-0.16, "a", 0.22),
        (0.06, "b", -0.1),
        (0.26, "a", -0.2),
        (0.42, "b", -0.22),
    ):
        half = float(np.sqrt(radius**2 - y**2))
        shapes.append(disc(ink, -y * np.sin(tilt), y * np.cos(tilt), half * 0.985, 0.075, tone, tilt))
    shapes.append(disc("pale", -0.24, -0.26, 0.1, 0.05, 0, tilt))
    angle = np.linspace(-0.14, np.pi + 0.14, 40)
    for k, width, tone in ((1.62, 0.05, 0.1), (1.8, 0.035, -0.1), (1.95, 0.02, 0.2)):
        across, down = np.cos(angle) * radius * k, np.sin(angle) * radius * k * 0.26
        c, s = np.cos(tilt), np.sin(tilt)
        ring = np.stack((across * c - down * s, across * s + down * c), 1)
        shapes.append(stroke("c", ring, width, tone))
    return [*shapes, arc("pale", (0, 0), (radius * 0.96, radius * 0.96), (3.6, 4.9), 0.02)]
