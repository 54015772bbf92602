"""People, and those who pass for people."""

import numpy as np

from runtz_sim.art.shapes import Rng, Shape, arc, area, bar, disc, leaf, stroke


def person(rng: Rng) -> list[Shape]:
    """A head and shoulders, turned a little, looking past you."""
    long_hair = rng.random() < 0.6
    fall = 0.5 if long_hair else -0.25
    back = [(-0.46, fall), (-0.54, -0.4), (-0.34, -0.94), (0.06, -1.06), (0.44, -0.9), (0.56, -0.4), (0.5, fall)]
    face = [(-0.3, -0.56), (-0.32, -0.22), (-0.22, 0.08), (-0.02, 0.24), (0.14, 0.16), (0.3, -0.08), (0.34, -0.5), (0.1, -0.8), (-0.18, -0.78)]
    cheek = [(0.1, -0.74), (0.34, -0.5), (0.3, -0.08), (0.14, 0.16), (0, 0.22), (0.12, -0.1), (0.16, -0.45)]
    fringe = [(-0.36, -0.3), (-0.42, -0.66), (-0.2, -1), (0.2, -1.04), (0.46, -0.72), (0.42, -0.26), (0.32, -0.56), (0.02, -0.74), (-0.26, -0.62)]
    coat = [(-1.05, 1.02), (-0.92, 0.62), (-0.34, 0.4), (0.34, 0.4), (0.92, 0.62), (1.05, 1.02)]
    shapes = [
        area("hair", back, -0.2, 3),
        area("skin", [(-0.17, 0), (0.2, 0), (0.22, 0.5), (0.02, 0.64), (-0.2, 0.5)], -0.24, 1),
        area("a", coat, 0, 2),
        area("a", [(0.16, 1.02), (0.3, 0.42), (0.92, 0.62), (1.05, 1.02)], -0.24, 1),
        area("b", [(-0.34, 0.38), (-0.2, 0.34), (0.02, 0.7), (0.22, 0.34), (0.36, 0.38), (0.04, 0.92)], 0, 1),
        area("skin", face, 0.04, 3),
        area("skin", cheek, -0.13, 3),
        area("hair", fringe, 0.06, 3),
        stroke("hair", [(-0.3, -0.7), (-0.1, -0.92), (0.16, -0.96)], 0.02, 0.28),
        area("skin", [(-0.06, -0.36), (0.02, -0.34), (0.01, -0.1), (-0.1, -0.1)], -0.14, 2),
        area("lip", [(-0.13, 0.03), (-0.04, -0.005), (0.08, 0.03), (-0.03, 0.085)], 0, 2),
    ]
    for x in (-0.16, 0.13):
        shapes += [area("pale", [(x - 0.07, -0.35), (x, -0.395), (x + 0.07, -0.35), (x, -0.32)], 0, 2)]
        shapes += [disc("dark", x + 0.005, -0.355, 0.03, 0.034, 0.1), disc("pale", x + 0.014, -0.366, 0.008)]
        shapes += [stroke("hair", [(x - 0.08, -0.36), (x, -0.405), (x + 0.08, -0.36)], 0.016)]
        shapes += [stroke("hair", [(x - 0.09, -0.45), (x, -0.48), (x + 0.08, -0.455)], 0.024)]
    return shapes


def astronaut(rng: Rng) -> list[Shape]:
    """A suited head and shoulders; the visor mirrors warm light and leaves."""
    suit = [(-1.12, 1.04), (-1.04, 0.66), (-0.72, 0.4), (-0.3, 0.3), (0.3, 0.3), (0.72, 0.4), (1.04, 0.66), (1.12, 1.04)]
    shapes = [
        area("pale", [(-0.62, 0.9), (-0.72, -0.1), (-0.5, -0.3), (0.5, -0.3), (0.72, -0.1), (0.62, 0.9)], -0.42, 2),
        area("pale", suit, -0.05, 2),
        area("pale", [(0.2, 1.04), (0.4, 0.34), (0.72, 0.4), (1.04, 0.66), (1.12, 1.04)], -0.2, 1),
    ]
    for s in (-1, 1):
        shapes += [arc("stone", (s * 1.0, 1.06), (0.5, 0.6), (np.pi * (1.08 if s < 0 else 1.3), np.pi * (1.7 if s < 0 else 1.92)), 0.02)]
        shapes += [stroke("a", [(s * 0.56, 0.5), (s * 0.66, 0.74), (s * 0.7, 1.04)], 0.07, -0.05)]
    shapes += [disc("stone", 0, 0.36, 0.56, 0.16, -0.2), disc("metal", 0, 0.32, 0.54, 0.14), disc("dark", 0, 0.29, 0.46, 0.1, 0.1)]
    shapes += [area("pale", [(-0.6, -0.1), (-0.76, -0.3), (-0.74, -0.52), (-0.58, -0.5)], -0.3, 2), disc("metal", 0.62, -0.3, 0.1, 0.2, -0.25)]
    shapes += [disc("pale", 0, -0.33, 0.68, 0.67, 0.02), disc("pale", 0.1, -0.28, 0.57, 0.6, -0.14), disc("pale", -0.05, -0.36, 0.6, 0.58, 0.06)]
    shapes += [*_visor(rng)]
    shapes += [bar("stone", -0.34, 0.62, 0.34, 1.04, 0.05), bar("dark", -0.28, 0.68, 0.0, 0.82, 0.1)]
    shapes += [disc(ink, 0.1 + 0.1 * k, 0.75, 0.035) for k, ink in enumerate(("a", "glow", "leaf"))]
    shapes += [stroke("metal", [(-0.28, 0.9), (0.28, 0.9)], 0.03), stroke("metal", [(-0.28, 0.97), (0.1, 0.97)], 0.02)]
    return shapes


def _visor(rng: Rng) -> list[Shape]:
    """Curved glass: a sky above, a warm horizon, foliage below and two highlights."""
    shapes = [disc("stone", 0, -0.31, 0.53, 0.47, -0.45), disc("top", 0, -0.31, 0.5, 0.44, -0.35)]
    steps = (("mid", -0.35, 0.03, 0.93), ("mid", -0.12, 0.06, 0.84), ("low", -0.2, 0.1, 0.74), ("glow", -0.12, 0.15, 0.6), ("glow", 0.25, 0.18, 0.42))
    shapes += [disc(ink, 0, -0.31 + drop, 0.5 * k, 0.44 * k * 0.92, tone) for ink, tone, drop, k in steps]
    for k in range(13):
        angle = np.pi * (0.08 + 0.84 * k / 12)
        foot = (float(np.cos(angle)) * 0.46, -0.31 + float(np.sin(angle)) * 0.41)
        lean = -np.pi / 2 - foot[0] * 1.2 + float(rng.uniform(-0.3, 0.3))
        shapes.append(leaf("leaf", foot, float(rng.uniform(0.16, 0.34)), lean, 0.16, -0.62 + 0.05 * (k % 3)))
    shapes += [arc("stone", (0, -0.31), (0.515, 0.455), (0, 6.3), 0.035, -0.3)]
    shapes += [area("pale", [(-0.38, -0.5), (-0.24, -0.64), (-0.14, -0.66), (-0.3, -0.48), (-0.36, -0.3), (-0.41, -0.34)], 0, 2)]
    return [*shapes, disc("pale", 0.3, -0.1, 0.03, 0.06, turn=0.5)]


def robot(rng: Rng) -> list[Shape]:
    """A friendly robot."""
    w = float(rng.uniform(0.38, 0.5))
    shapes = [stroke("stone", [(0, -0.85), (0, -1.02)], 0.04), disc("glow", 0, -1.04, 0.06)]
    for s in (-1, 1):
        shapes += [bar("stone", s * 0.22 - 0.09, 0.4, s * 0.22 + 0.09, 0.95, -0.1)]
        shapes += [area("a", [(s * 0.22 - 0.18, 1), (s * 0.22 - 0.14, 0.84), (s * 0.22 + 0.14, 0.84), (s * 0.22 + 0.18, 1)], -0.25)]
        shapes += [stroke("stone", [(s * w, -0.1), (s * (w + 0.22), 0.18), (s * (w + 0.18), 0.44)], 0.1)]
        shapes += [disc("b", s * (w + 0.18), 0.48, 0.1), disc("b", s * w, -0.12, 0.13, tone=-0.1)]
        shapes += [bar("b", s * 0.46 - 0.06, -0.72, s * 0.46 + 0.06, -0.48, -0.2)]
    chest = [(-w, -0.24), (w, -0.24), (w * 0.84, 0.52), (-w * 0.84, 0.52)]
    shapes += [bar("stone", -0.13, -0.36, 0.13, -0.2, -0.2), area("a", chest, 0, 1)]
    shapes += [area("a", [(0.1, -0.24), (w, -0.2), (w * 0.84, 0.5), (0.12, 0.52)], -0.2, 1)]
    shapes += [bar("dark", -0.24, -0.06, 0.24, 0.24, 0.05), disc("glow", 0, 0.09, 0.09), disc("pale", 0, 0.09, 0.045)]
    shapes += [stroke("c", [(-0.28, 0.37), (0.28, 0.37)], 0.035)]
    shapes += [area("a", [(-0.46, -0.92), (0.46, -0.92), (0.46, -0.3), (-0.46, -0.3)], 0.1, 2)]
    shapes += [area("dark", [(-0.38, -0.8), (0.38, -0.8), (0.38, -0.42), (-0.38, -0.42)], 0.02, 2)]
    for s in (-1, 1):
        shapes += [disc("glow", s * 0.16, -0.62, 0.1), disc("pale", s * 0.16, -0.62, 0.06), disc("dark", s * 0.16 + 0.01, -0.62, 0.03)]
    return [*shapes, arc("glow", (0, -0.52), (0.1, 0.05), (0.3, np.pi - 0.3), 0.02)]
