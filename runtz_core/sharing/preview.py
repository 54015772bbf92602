"""The card that messengers show for a share link: its pictures side by side, 1200×630, as JPEG."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageOps

SIZE = (1200, 630)  # pixels, what the large services crop to
GAP = 6  # pixels between pictures
QUALITY = 82
MOST_SHOWN = 4


def card(pictures: Sequence[Path]) -> bytes:
    """The JPEG of up to four pictures, each filling its column. The files are our own WebPs, never a stranger's.

    Raises FileNotFoundError when one of them is gone.
    """
    shown = pictures[:MOST_SHOWN]
    sheet = Image.new("RGB", SIZE, (10, 14, 26))
    width = (SIZE[0] - GAP * (len(shown) - 1)) // len(shown)
    for place, path in enumerate(shown):
        with Image.open(path, formats=["WEBP"]) as picture:
            # A third from the top: faces and horizons are rarely in the middle of a tall picture.
            cut = ImageOps.fit(picture.convert("RGB"), (width, SIZE[1]), centering=(0.5, 0.38))
        sheet.paste(cut, (place * (width + GAP), 0))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
