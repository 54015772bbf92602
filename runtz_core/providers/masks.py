"""One mask, each vendor's polarity: ours is white where a picture may change and black where it stays."""

import asyncio
import io

from PIL import Image, ImageChops


async def clear_where_marked(data: bytes) -> bytes:
    """A PNG that is transparent where the picture may change, as OpenAI reads masks."""
    return await asyncio.to_thread(_clear, data)


async def black_where_marked(data: bytes) -> bytes:
    """A PNG that is black where the picture may change, as Ideogram reads masks."""
    return await asyncio.to_thread(_black, data)


def _clear(data: bytes) -> bytes:
    stays = ImageChops.invert(_marked(data))
    solid = Image.new("L", stays.size, 0)
    return _png(Image.merge("LA", (solid, stays)).convert("RGBA"))


def _black(data: bytes) -> bytes:
    return _png(ImageChops.invert(_marked(data)))


def _marked(data: bytes) -> Image.Image:
    # Ours is a greyscale PNG that was checked and written by this product.
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        return image.convert("L").point(lambda value: 255 if value >= 128 else 0)


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=False, compress_level=6)
    return buffer.getvalue()
