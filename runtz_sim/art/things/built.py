"""Buildings and lamps."""

import numpy as np

from runtz_sim.art.shapes import Rng, Shape, area, bar, disc, stroke


def lighthouse(_rng: Rng) -> list[Shape]:
    """A banded tower with its lantern lit and a keeper's house at its foot; the lantern is at y = -0.8."""

    def half(y: float) -> float:
        return 0.2 + 0.13 * (y + 0.6) / 1.6

    def band(ink: str, y0: float, y1: float, tone: float, left: float) -> Shape:
        return area(ink, [(left * half(y0), y0), (half(y0), y0), (half(y1), y1), (left * half(y1), y1)], tone)

    shapes = [
        bar("pale", -0.86, 0.62, -0.2, 1, -0.16),
        area("a", [(-0.94, 0.64), (-0.72, 0.42), (-0.2, 0.42), (-0.2, 0.64)], -0.3),
    ]
    shapes += [bar("dark", x, 0.72, x + 0.13, 0.86, 0.05) for x in (-0.76, -0.5)]
    shapes += [bar("glow", x + 0.02, 0.74, x + 0.11, 0.84) for x in (-0.76, -0.5)]
    edges = np.linspace(-0.6, 1.0, 7)
    for k, (y0, y1) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
        ink = "pale" if k % 2 else "a"
        shapes += [band(ink, y0, y1, 0.0, -1.0), band(ink, y0, y1, -0.2, 0.1), band(ink, y0, y1, -0.4, 0.6)]
    shapes += [bar("glow", -0.04, y, 0.05, y + 0.1, -0.05) for y in (-0.28, 0.26)]
    shapes += [bar("dark", -0.1, 0.78, 0.08, 1, 0.12)]
    shapes += [bar("stone", -0.32, -0.64, 0.32, -0.57, -0.25), bar("stone", -0.28, -0.57, 0.28, -0.53, -0.5)]
    shapes += [stroke("stone", [(-0.31, -0.74), (0.31, -0.74)], 0.014)]
    shapes += [stroke("stone", [(x, -0.74), (x, -0.62)], 0.01) for x in np.linspace(-0.3, 0.3, 7).tolist()]
    shapes += [bar("glow", -0.16, -0.9, 0.16, -0.64, 0.3), disc("pale", 0, -0.78, 0.1, 0.1, 0.5)]
    shapes += [stroke("dark", [(x, -0.9), (x, -0.64)], 0.016, 0.1) for x in (-0.16, -0.06, 0.06, 0.16)]
    shapes += [area("a", [(-0.22, -0.89), (-0.12, -1.04), (0, -1.1), (0.12, -1.04), (0.22, -0.89)], -0.25, 1)]
    return [*shapes, stroke("stone", [(0, -1.08), (0, -1.2)], 0.016)]


def house(_rng: Rng) -> list[Shape]:
    """A cottage with lit windows."""
    shapes = [
        bar("stone", 0.34, -0.9, 0.52, -0.3, -0.1),
        bar("cream", -0.74, -0.02, 0.2, 1, -0.08),
        bar("cream", 0.2, -0.02, 0.74, 1, -0.3),
    ]
    shapes += [area("a", [(-0.94, 0.04), (-0.3, -0.78), (0.06, -0.78), (0.3, 0.04)], -0.05)]
    shapes += [area("a", [(0.06, -0.78), (0.5, -0.74), (0.92, 0.04), (0.3, 0.04)], -0.3)]
    shapes += [bar("bark", -0.2, 0.44, 0.06, 1), bar("bark", -0.16, 0.48, 0.02, 0.98, 0.15)]
    for x, y in ((-0.5, 0.34), (0.46, 0.34), (-0.26, -0.3)):
        shapes += [
            bar("dark", x - 0.14, y - 0.16, x + 0.14, y + 0.17, 0.1),
            bar("glow", x - 0.11, y - 0.13, x + 0.11, y + 0.14),
        ]
        shapes += [
            stroke("dark", [(x, y - 0.15), (x, y + 0.16)], 0.02),
            stroke("dark", [(x - 0.12, y), (x + 0.12, y)], 0.02),
        ]
    return shapes


def castle(rng: Rng) -> list[Shape]:
    """A castle of several towers with pointed roofs."""
    shapes: list[Shape] = []
    for x, w, top in (
        (-0.2, 0.16, -0.5),
        (0.34, 0.14, -0.36),
        (-0.72, 0.17, -0.05),
        (0.74, 0.16, 0.02),
        (0.06, 0.2, -0.16),
    ):
        shapes += [bar("stone", x - w, top, x + w, 1, 0.28), bar("stone", x + w * 0.2, top, x + w, 1, 0.05)]
        shapes += [bar("stone", x - w * 1.16, top, x + w * 1.16, top + 0.08, 0.16)]
        shapes += [area("a", [(x - w * 1.25, top), (x, top - w * 3), (x + w * 0.3, top)], -0.05)]
        shapes += [area("a", [(x, top - w * 3), (x + w * 1.25, top), (x + w * 0.2, top)], -0.3)]
        shapes += [
            bar("glow", x - 0.04, top + 0.2 + k * 0.26, x + 0.03, top + 0.31 + k * 0.26)
            for k in range(int(rng.integers(1, 4)))
        ]
        shapes += [
            stroke("dark", [(x, top - w * 3), (x, top - w * 3 - 0.12)], 0.012),
            area("b", [(x, top - w * 3 - 0.12), (x + 0.13, top - w * 3 - 0.08), (x, top - w * 3 - 0.04)]),
        ]
    shapes += [bar("stone", -0.6, 0.46, 0.62, 1, 0.16), bar("stone", 0.1, 0.46, 0.62, 1, -0.02)]
    shapes += [bar("stone", x, 0.38, x + 0.1, 0.48, 0.16) for x in np.arange(-0.6, 0.6, 0.19).tolist()]
    return [*shapes, disc("dark", 0, 0.72, 0.16, 0.17), bar("dark", -0.16, 0.72, 0.16, 1)]


def lamp(_rng: Rng) -> list[Shape]:
    """A lantern with a flame."""
    shapes = [
        stroke("stone", [(-0.2, -0.74), (-0.14, -0.98), (0.14, -0.98), (0.2, -0.74)], 0.03),
        area("stone", [(-0.4, -0.48), (-0.2, -0.76), (0.2, -0.76), (0.4, -0.48)], -0.2),
    ]
    shapes += [
        bar("glow", -0.34, -0.48, 0.34, 0.8, -0.35),
        disc("glow", 0, 0.3, 0.28, 0.46, -0.12),
        disc("glow", 0, 0.34, 0.17, 0.3, 0.2),
    ]
    shapes += [
        area("pale", [(0, -0.02), (0.11, 0.34), (0.05, 0.5), (-0.05, 0.5), (-0.11, 0.34)], 0.4, 2),
        bar("cream", -0.12, 0.5, 0.12, 0.8, -0.1),
    ]
    shapes += [stroke("stone", [(x, -0.48), (x, 0.8)], 0.045, -0.3) for x in (-0.34, 0.0, 0.34)]
    return [*shapes, area("stone", [(-0.46, 1), (-0.4, 0.78), (0.4, 0.78), (0.46, 1)], -0.25)]
