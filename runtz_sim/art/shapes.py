"""Vector shapes and the parts a scene is made of; units are the picture's height, y downwards.

A scene runs from (0, 0) to (aspect, 1). Things are drawn in their own box, -1..1 both ways with the
feet at y = 1, and put into the scene by `placed`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[np.float64]
Rng: TypeAlias = np.random.Generator
Option = TypeVar("Option")

TAU = 2 * np.pi
CIRCLE = np.stack((np.cos(np.linspace(0, TAU, 41)[:-1]), np.sin(np.linspace(0, TAU, 41)[:-1])), 1)
_T = np.linspace(0, 1, 9)
_HALF = np.sin(_T * np.pi) ** 0.8
LEAF = np.stack((np.concatenate((_T, _T[::-1])), np.concatenate((_HALF, -_HALF[::-1]))), 1)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One area or line of a single ink; `tone` -1..1 darkens or lightens, `line` is a width (0: filled)."""

    ink: str
    points: Array
    tone: float = 0.0
    line: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Layer:
    """Shapes at one distance: `depth` 0 (far, hazed) .. 1 (near); `lit` gets relief and a rim light.

    `fade` 0..1 sinks the foot of the layer in haze; `crisp` skips antialiasing (upright edges only).
    """

    shapes: Sequence[Shape]
    depth: float = 1.0
    lit: float = 0.0
    fade: float = 0.0
    crisp: bool = False


@dataclass(frozen=True, kw_only=True)
class Boxes:
    """Many small upright rectangles (lit windows, signs): [N, 4] corners, [N, 3] colours 0..255."""

    corners: Array
    colours: Array
    depth: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Dots:
    """Many discs: [N, 2] centres, [N] radii, [N, 3] colours 0..255; `soft` blurs them, `alpha` 0..1."""

    centres: Array
    radii: Array
    colours: Array
    alpha: float = 1.0
    soft: bool = False


@dataclass(frozen=True, kw_only=True)
class Water:
    """Reflects what stands above `y`; `ripple` 0 (polished floor) .. 1 (choppy), `shine` 0..1."""

    y: float
    ripple: float = 0.5
    shine: float = 0.8
    ink: str = "deep"


@dataclass(frozen=True, kw_only=True)
class Mist:
    """A bank of drifting haze centred on `y`, about `height` thick, `strength` 0..1."""

    y: float
    height: float
    strength: float
    ink: str = "haze"


@dataclass(frozen=True, kw_only=True)
class Beam:
    """A wedge of light from `start` to `end`, `width` at its far end, fading along the way."""

    start: tuple[float, float]
    end: tuple[float, float]
    width: float
    ink: str = "glow"
    strength: float = 0.7


@dataclass(frozen=True, kw_only=True)
class Steam:
    """Wisps that rise from (x, y) to `y - height`, `width` across."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Streaks:
    """Fine lines such as rain: [N, 4] ends; `strength` 0..1."""

    ends: Array
    strength: float
    ink: str = "pale"


Part: TypeAlias = Layer | Boxes | Dots | Water | Mist | Beam | Steam | Streaks


@dataclass(frozen=True, kw_only=True)
class Stand:
    """Where a place puts its subject: foot at (x, y), half its height in `size`; `front` comes before it."""

    x: float
    y: float
    size: float
    front: tuple[Part, ...] = ()


def points(values: ArrayLike) -> Array:
    """The values as float points [N, 2]."""
    return np.asarray(values, dtype=np.float64)


def rounded(values: ArrayLike, rounds: int) -> Array:
    """A closed outline with its corners cut `rounds` times (Chaikin), which makes it organic."""
    outline = points(values)
    for _ in range(rounds):
        after = np.roll(outline, -1, axis=0)
        outline = np.stack((outline * 0.75 + after * 0.25, outline * 0.25 + after * 0.75), 1)
        outline = outline.reshape(-1, 2)
    return outline


def area(ink: str, values: ArrayLike, tone: float = 0.0, soft: int = 0) -> Shape:
    """A filled polygon, its corners cut `soft` times."""
    return Shape(ink=ink, points=rounded(values, soft) if soft else points(values), tone=tone)


def disc(
    ink: str, x: float, y: float, rx: float, ry: float = 0.0, tone: float = 0.0, turn: float = 0.0
) -> Shape:
    """A filled ellipse, turned by `turn` radians; `ry` 0 makes a circle."""
    c, s = math.cos(turn), math.sin(turn)
    ry = ry or rx
    outline = CIRCLE @ np.array(((rx * c, rx * s), (-ry * s, ry * c))) + np.array((x, y))
    return Shape(ink=ink, points=outline, tone=tone)


def bar(ink: str, x0: float, y0: float, x1: float, y1: float, tone: float = 0.0) -> Shape:
    """A filled upright rectangle."""
    return Shape(ink=ink, points=points([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]), tone=tone)


def stroke(ink: str, values: ArrayLike, width: float, tone: float = 0.0) -> Shape:
    """A line of even width through the points."""
    return Shape(ink=ink, points=points(values), tone=tone, line=width)


def arc(
    ink: str,
    centre: tuple[float, float],
    radii: tuple[float, float],
    span: tuple[float, float],
    width: float,
    tone: float = 0.0,
) -> Shape:
    """A line along part of an ellipse, `span` in radians."""
    angle = np.linspace(span[0], span[1], 12 + int(9 * abs(span[1] - span[0])))
    line = np.stack((centre[0] + radii[0] * np.cos(angle), centre[1] + radii[1] * np.sin(angle)), 1)
    return Shape(ink=ink, points=line, tone=tone, line=width)


def leaf(
    ink: str, foot: tuple[float, float], length: float, angle: float, plump: float, tone: float = 0.0
) -> Shape:
    """A pointed leaf that grows from its foot at `angle` (radians, 0 to the right)."""
    c, s = math.cos(angle) * length, math.sin(angle) * length
    outline = LEAF @ np.array(((c, s), (-s * plump, c * plump))) + np.array(foot)
    return Shape(ink=ink, points=outline, tone=tone)


def placed(shapes: Iterable[Shape], x: float, foot: float, size: float, flip: bool = False) -> list[Shape]:
    """The shapes moved from their own box into the scene, mirrored when `flip`."""
    scale = np.array((-size if flip else size, size))
    offset = np.array((x, foot - size))
    return [
        Shape(ink=s.ink, points=s.points * scale + offset, tone=s.tone, line=s.line * size) for s in shapes
    ]


def rolling(rng: Rng, count: int, octaves: int = 4, first: int = 3) -> Array:
    """One-dimensional fractal noise, `count` samples in 0..1."""
    out, x = np.zeros(count), np.linspace(0, 1, count)
    for octave in range(octaves):
        knots = rng.random(first * 2**octave + 2)
        at = x * first * 2**octave
        cell = at.astype(int)
        blend = (1 - np.cos((at - cell) * np.pi)) / 2
        out += (knots[cell] * (1 - blend) + knots[cell + 1] * blend) / 2**octave
    low = float(out.min())
    return np.asarray((out - low) / max(float(out.max()) - low, 1e-6))


def ridge(
    rng: Rng, aspect: float, ink: str, y: float, rise: float, octaves: int = 4, tone: float = 0.0
) -> Shape:
    """Ground from a rolling crest, at most `rise` above `y`, down past the bottom edge."""
    count = 120
    x = np.linspace(-0.05, aspect + 0.05, count)
    crest = y - rise * rolling(rng, count, octaves)
    outline = np.concatenate((np.stack((x, crest), 1), [(x[-1], 1.15), (x[0], 1.15)]))
    return Shape(ink=ink, points=outline, tone=tone)


def pick(rng: Rng, options: Sequence[Option]) -> Option:
    """One of the options."""
    return options[int(rng.integers(len(options)))]
