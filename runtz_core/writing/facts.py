"""What can be measured of a picture without anybody's opinion: sharpness, noise, clipped highlights, palette."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

_SIDE = 512  # pixels of the longest side that is measured
_COLOURS = 5
_WHITE = 250  # of 255: brighter holds no detail


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Measured on our own thumbnail; the size is the original's."""

    size: str = ""  # "1024×1024"
    ratio: str = ""
    sharpness: int = 0  # 0 soft to 100 crisp
    noise: int = 0  # 0 clean to 100 grainy
    clipped: str = ""  # "2.1 %" of the picture is white without detail
    palette: list[str] = field(default_factory=list)  # "#aabbcc", most of the picture first


def measure(thumbnail: Path, *, width: int, height: int) -> Facts:
    """The facts of a picture by its thumbnail, which was made here and is safe to open. Raises OSError."""
    with Pillow.open(thumbnail) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((_SIDE, _SIDE))
    grey = np.asarray(picture.convert("L"), dtype=np.float64)
    return Facts(
        size=f"{width}×{height}",
        ratio=_ratio(width, height),
        sharpness=_sharpness(grey),
        noise=_noise(grey),
        clipped=f"{100 * float((grey >= _WHITE).mean()):.1f} %",
        palette=_palette(picture),
    )


def _ratio(width: int, height: int) -> str:
    return f"{width / height:.2f} : 1" if width >= height else f"1 : {height / width:.2f}"


def _sharpness(grey: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> int:
    """From the spread of the Laplacian: how much neighbouring pixels differ from their surroundings."""
    if min(grey.shape) < 3:
        return 0
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * grey[1:-1, 1:-1]
    return round(100 * (1 - float(np.exp(-laplacian.std() / 20))))


def _noise(grey: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> int:
    """From the median of fine differences, which edges hardly move (Immerkær's estimate, by the median)."""
    if min(grey.shape) < 3:
        return 0
    fine = (
        grey[:-2, :-2] - 2 * grey[:-2, 1:-1] + grey[:-2, 2:]
        - 2 * grey[1:-1, :-2] + 4 * grey[1:-1, 1:-1] - 2 * grey[1:-1, 2:]
        + grey[2:, :-2] - 2 * grey[2:, 1:-1] + grey[2:, 2:]
    )  # fmt: skip
    sigma = float(np.median(np.abs(fine))) / (0.6745 * 6)
    return min(100, round(sigma * 5))


def _palette(picture: Pillow.Image) -> list[str]:
    reduced = picture.resize((64, 64)).quantize(_COLOURS)
    colours, counts = reduced.getpalette() or [], reduced.getcolors() or []
    shown = []
    for _, index in sorted(counts, key=lambda one: -one[0]):
        if isinstance(index, int):
            red, green, blue = colours[3 * index : 3 * index + 3]
            shown.append(f"#{red:02x}{green:02x}{blue:02x}")
    return shown
