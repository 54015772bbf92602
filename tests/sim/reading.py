"""Look into a picture a vendor sent."""

import base64
import io

from PIL import Image


def described(data: bytes | str) -> tuple[str, tuple[int, int]]:
    """(format, (width, height)) of bytes or base64, after decoding it whole."""
    raw = base64.b64decode(data, validate=True) if isinstance(data, str) else data
    with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG", "WEBP")) as image:
        image.load()
        return str(image.format), image.size


def small_picture() -> bytes:
    """A whole PNG to put in."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 60, 40)).save(buffer, "PNG")
    return buffer.getvalue()
