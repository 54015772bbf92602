"""Arithmetic on picture sizes: exact sizes on a vendor's pixel grid, and the ratio a size really has."""

import math
from collections.abc import Iterable

from runtz_core.providers.base import RATIOS, Size, aspect


def largest_exact(ratio: str, *, step: int, max_pixels: int) -> Size:
    """The largest size of exactly `ratio`, both edges multiples of `step`, within `max_pixels`."""
    wide, high = (int(part) for part in ratio.split(":"))
    times = math.isqrt(max_pixels // (wide * high * step * step))
    if not times:
        raise ValueError(f"no {ratio} picture fits in {max_pixels} pixels by steps of {step}")
    return Size(wide * step * times, high * step * times)


def exact_sizes(*, step: int, max_pixels: int, ratios: Iterable[str] = RATIOS) -> dict[str, Size]:
    """`largest_exact` for each of `ratios`."""
    return {ratio: largest_exact(ratio, step=step, max_pixels=max_pixels) for ratio in ratios}


def near_sizes(*, step: int, edge: int, ratios: Iterable[str]) -> dict[str, Size]:
    """For each of `ratios` about the area of `edge` squared, both edges rounded to multiples of `step`."""

    def near(ratio: str) -> Size:
        root = math.sqrt(aspect(ratio))
        return Size(round(edge * root / step) * step, round(edge / root / step) * step)

    return {ratio: near(ratio) for ratio in ratios}


def both_ways(landscape: dict[str, Size]) -> dict[str, Size]:
    """`landscape` and the same sizes on end."""
    upright = {
        ":".join(reversed(ratio.split(":"))): Size(size.height, size.width)
        for ratio, size in landscape.items()
    }
    return landscape | upright


def sizes(table: str) -> dict[str, Size]:
    """ "16:9 1376x768, 1:1 1024x1024" as a mapping."""
    pairs = (entry.split() for entry in table.split(","))
    return {ratio: Size(*(int(edge) for edge in pixels.split("x"))) for ratio, pixels in pairs}
