"""Pictures for tests, good and hostile, all drawn or forged by code."""

import io
import struct
import zlib
from random import Random

from PIL import Image, PngImagePlugin

ORIENTATION, GPS = 0x0112, 0x8825
MEGABYTE = 2**20


def drawing(width: int = 96, height: int = 64, mode: str = "RGB") -> Image.Image:
    """Four differently coloured quarters under a gradient, so that every turn of it looks different."""
    quarters = Image.new("RGB", (2, 2))
    quarters.putdata([(230, 40, 40), (40, 200, 60), (50, 70, 220), (240, 220, 60)])
    shade = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    picture = Image.blend(quarters.resize((width, height), Image.Resampling.NEAREST), shade, 0.2)
    if mode in ("RGBA", "LA"):
        picture.putalpha(Image.linear_gradient("L").resize((width, height)))
    return picture if picture.mode == mode else picture.convert(mode)


def encoded(picture: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def noise(width: int, height: int, seed: int, form: str = "PNG") -> bytes:
    """Pixels that do not compress, so that a cut anywhere is a cut through pixels."""
    return encoded(Image.frombytes("RGB", (width, height), Random(seed).randbytes(width * height * 3)), form)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", len(data), kind) + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int, height: int, rows: bytes, *, depth: int = 1, colour: int = 0, extra: bytes = b""
) -> bytes:
    """A PNG put together by hand; `rows` are compressed already."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", head) + extra + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def bomb(width: int, height: int) -> bytes:
    """A valid one-bit PNG, tiny on disk and `width` × `height` pixels when opened."""
    packer, line = zlib.compressobj(9), bytes(1 + (width + 7) // 8)
    rows = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    return png(width, height, rows)


def inflating_chunk(kind: bytes, size: int) -> bytes:
    """A compressed text or profile chunk that swells to `size` bytes."""
    return chunk(kind, b"name\0\0" + zlib.compress(bytes(size), 9))


def with_exif(turn: int) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = turn
    exif.get_ifd(GPS).update({1: "N", 2: (52.0, 31.0, 12.0)})
    return encoded(drawing(), "JPEG", quality=95, exif=exif)


def animated(form: str, frames: int) -> bytes:
    shown = [Image.new("RGB", (16, 16), (step * 60 % 256, step, 90)) for step in range(frames)]
    return encoded(shown[0], form, save_all=True, append_images=shown[1:])


def with_text(key: str, text: str) -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_text(key, text)
    return encoded(drawing(), pnginfo=notes)


def _indexed() -> Image.Image:
    picture = drawing().quantize(8)
    picture.info["transparency"] = 0
    return picture


def good() -> dict[str, bytes]:
    """Whole pictures that must be kept as they are, whatever else is inside them."""
    script = "<script>alert(1)</script>"
    plain_rows = zlib.compress(b"".join(b"\0" + bytes(range(240)) * 2 for _ in range(40)))
    return {
        "png": encoded(drawing()),
        "png with alpha": encoded(drawing(mode="RGBA")),
        "png fully transparent": encoded(Image.new("RGBA", (40, 40), (0, 0, 0, 0))),
        "png grey": encoded(drawing(mode="L")),
        "png grey with alpha": encoded(drawing(mode="LA")),
        "png of one bit": encoded(drawing(mode="1")),
        "png with palette and transparency": encoded(_indexed()),
        "png of 16 grey bits": encoded(Image.linear_gradient("L").convert("I;16")),
        "png of 16 bits a colour": png(80, 40, plain_rows, depth=16, colour=2),
        "png of one pixel": encoded(Image.new("RGB", (1, 1), (9, 9, 9))),
        "png 65500 x 1": encoded(Image.new("L", (65500, 1), 90)),
        "png 1 x 65500": encoded(Image.new("L", (1, 65500), 90)),
        "png with html behind it": encoded(drawing()) + b"<html>" + script.encode() + b"</html>",
        "png with a script in its text": with_text("Comment", script),
        "png with a large profile": encoded(drawing(), icc_profile=Random(3).randbytes(900_000)),
        "jpeg": encoded(drawing(), "JPEG"),
        "jpeg grey": encoded(drawing(mode="L"), "JPEG"),
        "jpeg for printers": encoded(drawing(mode="CMYK"), "JPEG"),
        "jpeg progressive": encoded(drawing(), "JPEG", progressive=True),
        "jpeg with a preview inside": encoded(
            drawing(), "MPO", save_all=True, append_images=[drawing(48, 32)]
        ),
        "jpeg with broken exif": encoded(drawing(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"),
        "webp": encoded(drawing(), "WEBP"),
        "webp without loss": encoded(drawing(mode="RGBA"), "WEBP", lossless=True),
        "webp with a script in its xmp": encoded(drawing(), "WEBP", xmp=script.encode()),
        "avif": encoded(drawing(), "AVIF"),
        "avif with alpha": encoded(drawing(mode="RGBA"), "AVIF"),
    }


def hostile() -> dict[str, tuple[bytes, str]]:
    """What must be refused, with a word the refusal has to contain."""
    return {
        "nothing": (b"", "Nothing"),
        "one byte": (b"\x89", "Something else"),
        "html": (b"<!doctype html><p>502</p>", "web page"),
        "json": (b' {"error": {"message": "no"}}', "text answer"),
        "svg with a script": (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "SVG"),
        "svg reading a file": (
            b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
            "SVG",
        ),
        "gif that is also javascript": (b"GIF89a/*\0\0\0\0\0*/=1;alert(1)", "GIF"),
        "eps that runs a pipe": (b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (w) file", "Something else"),
        "fits in gzip": (b"SIMPLE  =                    T" + bytes(2880), "Something else"),
        "zip": (b"PK\x03\x04" + bytes(100), "Something else"),
        "pdf": (b"%PDF-1.7\n", "Something else"),
        "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "Something else"),
        "a heic behind a generic brand": (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "Something else"),
        "png signature alone": (b"\x89PNG\r\n\x1a\n", "incomplete"),
        "jpeg signature alone": (b"\xff\xd8\xff", "damaged"),
        "webp signature alone": (b"RIFF\x04\0\0\0WEBP", "damaged"),
        "avif signature alone": (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", "damaged"),
        "png of 95 megapixels": (bomb(10_000, 9_500), "50 million pixels"),
        "png of 190 megapixels": (bomb(10_000, 19_000), "50 million pixels"),
        "png claiming 60000 x 60000": (png(60_000, 60_000, b"0123456789"), "50 million pixels"),
        "png just over the limit": (bomb(10_000, 5_001), "50 million pixels"),
        "png text that swells to 100 MB": (
            png(8, 8, zlib.compress(bytes(16)), extra=inflating_chunk(b"zTXt", 100 * MEGABYTE)),
            "damaged",
        ),
        "apng of 200 frames": (animated("PNG", 200), "animation"),
        "animated webp": (animated("WEBP", 4), "animation"),
        "animated avif": (animated("AVIF", 4), "animation"),
        "too many bytes": (encoded(drawing()) + bytes(64 * MEGABYTE), "64 MB"),
    }
