"""Opens pictures nobody trusts, one after another, in a process that may die of them.

A script of its own, run isolated and without our environment: it holds no keys, opens no connection and
writes no file. Arguments: bytes of address space, seconds for one picture. Standard input brings one JSON
request a line; standard output answers with one JSON line, then the thumbnails' bytes one after another.
It ends when its input ends, so it never outlives its parent by more than one picture.
"""

import base64
import colorsys
import io
import json
import math
import os
import resource
import signal
import struct
import sys
import warnings
from typing import Any, BinaryIO

import thumbhash
from PIL import AvifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

OUT_OF_MEMORY = 3  # exit code; a fresh process may have more luck, this one's heap may be in pieces
TALLEST = 4  # a thumbnail is at most this many times as high as its width, or WebP could not hold it
QUALITY = 82
GAP = 1.5  # box-average first down to this many times the size: from 1024 to 320 pixels 5 ms less than 2.0
HASH_EDGE = 32  # pixels; a thumbhash keeps 7 waves each way, so more only costs time
PROFILE_BYTES = 16_384  # colour profiles of screens are far smaller; printers' are useless on a web page
ORIENTATION = 0x0112
PALETTE = 6  # colours
SHARE = 0.16  # of the weight, from which a second colour is named
HUES = (
    (16, "red"), (42, "orange"), (68, "yellow"), (160, "green"), (196, "teal"), (256, "blue"), (290, "violet"),
    (346, "pink"), (361, "red"),
)  # fmt: skip
WAVES = [[math.cos(math.pi * n * (2 * x + 1) / (2 * HASH_EDGE)) for x in range(HASH_EDGE)] for n in range(8)]

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = (5, 6, 7, 8)


class Refused(Exception):
    """The picture is readable, and not one we take."""


def look(request: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Open and check one picture, and make the thumbnails and the placeholder it was asked for."""
    Image.MAX_IMAGE_PIXELS = request["max_pixels"]
    with open(request["path"], "rb") as file:
        if request["format"] == "PNG":
            require_end_of_png(file)
        with Image.open(file, formats=(request["format"],)) as image:
            # A JPEG with a second picture inside (a gain map, a preview) is still one picture to a browser.
            if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
                raise Refused("frames")
            width, height = image.size
            if image.format not in ("JPEG", "MPO"):
                image.load()
            turn = orientation(image)
            written, form = b"", None
            if request.get("rewrite"):
                image.load()
                written, form = rewritten(image, turn, request["rewrite"])
            # A JPEG is not loaded yet: scaling reads all its data too, but four times faster (libjpeg's
            # reduced transform), and finds the same damage.
            thumbnails = [encode(view) for view in scaled(image, sorted(request["widths"])[::-1], turn)]
            traits = traits_of(image, turn) if request["thumbhash"] else {"thumbhash": None}
            image.load()
    if turn in SIDEWAYS:
        width, height = height, width
    head = {"width": width, "height": height, "rewritten": form, **traits}
    return head, [*thumbnails, *([written] if form else [])]


def rewritten(image: Image.Image, turn: int, what: str) -> tuple[bytes, str]:
    """The picture upright and without metadata but its colour profile; of a mask only what is light and dark."""
    upright = image.transpose(TURNS[turn]) if turn in TURNS else image
    buffer = io.BytesIO()
    if what == "mask":
        flat = upright.convert("RGBA")
        light = Image.alpha_composite(Image.new("RGBA", flat.size, "black"), flat).convert("L")
        light.point(lambda value: 255 if value >= 128 else 0).save(buffer, "PNG", compress_level=6)
        return buffer.getvalue(), "PNG"
    profile = image.info.get("icc_profile") or b""
    plain = scalable(upright)
    if plain.mode == "CMYK":
        plain, profile = plain.convert("RGB"), b""
    options = {"icc_profile": profile} if 0 < len(profile) <= PROFILE_BYTES else {"icc_profile": None}
    if what == "light":  # for vendors that take neither this format nor so many bytes
        if plain.mode in ("RGBA", "LA"):
            plain = Image.alpha_composite(Image.new("RGBA", plain.size, "white"), plain.convert("RGBA"))
        plain.convert("RGB").save(buffer, "JPEG", quality=92, exif=b"", **options)
        return buffer.getvalue(), "JPEG"
    if image.format == "PNG" or plain.mode in ("RGBA", "LA"):
        plain.save(buffer, "PNG", compress_level=3, exif=b"", **options)
        return buffer.getvalue(), "PNG"
    plain.save(buffer, "JPEG", quality=95, subsampling=0, exif=b"", **options)
    return buffer.getvalue(), "JPEG"


def require_end_of_png(file: BinaryIO) -> None:
    """Pillow stops reading at the last pixel; a file that lacks its last chunk was cut all the same."""
    size = file.seek(0, os.SEEK_END)
    at, kind = 8, b""
    while kind != b"IEND":
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            raise EOFError("the end of the PNG is missing")
        length, kind = struct.unpack(">I4s", head)
        at += 12 + length
    if at > size:
        raise EOFError("the end of the PNG is cut")
    file.seek(0)


def orientation(image: Image.Image) -> int:
    """How a viewer must turn the picture, 1 (not at all) to 8; nonsense in the metadata means 1."""
    try:
        found = image.getexif().get(ORIENTATION, 1)
    except Exception:
        return 1
    return found if found in TURNS else 1


def scaled(image: Image.Image, widths: list[int], turn: int) -> list[Image.Image]:
    """Upright copies no wider than each of `widths`, which come largest first. Shrinks `image` itself."""
    views = []
    plain = scalable(image)
    for width in widths:
        box = (width, width * TALLEST)
        plain.thumbnail(box[::-1] if turn in SIDEWAYS else box, Image.Resampling.LANCZOS, reducing_gap=GAP)
        plain.load()
        views.append(plain.transpose(TURNS[turn]) if turn in TURNS else plain.copy())
    return views


def scalable(image: Image.Image) -> Image.Image:
    """The same picture in a mode whose pixels can be averaged."""
    if "transparency" in image.info or image.mode == "PA":
        return image.convert("RGBA")
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.mode in ("RGB", "RGBA", "L", "LA", "CMYK"):
        return image
    return image.convert("RGB")


def encode(view: Image.Image) -> bytes:
    """A WebP without the original's metadata; a small colour profile stays, since colours need it."""
    profile = view.info.get("icc_profile") or b""
    if view.mode not in ("RGB", "RGBA") or len(profile) > PROFILE_BYTES:
        profile = b""
    colours = "RGBA" if view.mode in ("RGBA", "LA") else "RGB"
    buffer = io.BytesIO()
    options = {"quality": QUALITY, "method": 2, "icc_profile": profile, "exif": b"", "xmp": b""}
    view.convert(colours).save(buffer, "WEBP", **options)
    return buffer.getvalue()


def traits_of(image: Image.Image, turn: int) -> dict[str, Any]:
    """What a picture is told by: placeholder, colours with their names, and a hash that likeness keeps near."""
    small = scaled(image, [HASH_EDGE], turn)[0].convert("RGBA")
    small.thumbnail((HASH_EDGE, HASH_EDGE))
    # thumbhash 0.1.2 fails on transparency; our pages are dark, so dark is what would shine through.
    small = Image.alpha_composite(Image.new("RGBA", small.size, "black"), small)
    # About 25 bytes that a page blurs into a placeholder.
    hashed = bytes(thumbhash.rgba_to_thumb_hash(*small.size, list(small.tobytes())))
    plain = small.convert("RGB")
    return {
        "thumbhash": base64.b64encode(hashed).decode(),
        "palette": palette_of(plain),
        "colours": colours_of(plain),
        "perceptual_hash": perceptual_hash(plain),
    }


def palette_of(small: Image.Image) -> list[str]:
    """Up to six colours as #rrggbb, the one with most pixels first."""
    reduced = small.quantize(PALETTE, Image.Quantize.MEDIANCUT)
    values = reduced.getpalette() or []
    counted = sorted(reduced.getcolors() or [], key=lambda pair: -pair[0])
    return [
        "#{:02x}{:02x}{:02x}".format(*values[3 * int(index) : 3 * int(index) + 3])
        for _, index in counted
        if isinstance(index, int)
    ]


def colours_of(small: Image.Image) -> list[str]:
    """Names of up to three colours, the one that strikes most first: a little red is seen before much grey."""
    weights: dict[str, float] = {}
    pixels = small.tobytes()
    for at in range(0, len(pixels), 3):
        name, weight = named_colour(*pixels[at : at + 3])
        weights[name] = weights.get(name, 0.0) + weight
    ordered = sorted(weights, key=lambda name: -weights[name])
    least = SHARE * sum(weights.values())
    return [name for place, name in enumerate(ordered[:3]) if place == 0 or weights[name] >= least]


def named_colour(red: int, green: int, blue: int) -> tuple[str, float]:
    """The name of a colour, and how much it counts."""
    hue, saturation, value = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    if value < 0.2:
        return "black", 0.7
    if saturation < 0.14:
        return ("white" if value > 0.85 else "grey"), 0.8
    name = next(name for end, name in HUES if hue * 360 < end)
    return name, 0.6 + saturation


def perceptual_hash(small: Image.Image) -> int:
    """64 bits that stay near when a picture is scaled or compressed: the signs of its slow waves (pHash)."""
    grey = list(small.convert("L").resize((HASH_EDGE, HASH_EDGE), Image.Resampling.BILINEAR).tobytes())
    rows = [
        [sum(wave[x] * grey[HASH_EDGE * y + x] for x in range(HASH_EDGE)) for wave in WAVES]
        for y in range(HASH_EDGE)
    ]
    found = [
        sum(wave[y] * rows[y][across] for y in range(HASH_EDGE)) for wave in WAVES for across in range(8)
    ]
    middle = sorted(found[1:])[31]  # the first is brightness, which says nothing
    bits = 0
    for value in found:
        bits = bits << 1 | (value > middle)
    return bits - 2**64 if bits >= 2**63 else bits


def answer(request: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """What `look` saw, or the problem in one word. Whatever a parser raises is the picture's fault."""
    try:
        return look(request)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Refused as refusal:
        return {"problem": str(refusal)}, []
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {"problem": "pixels"}, []
    except Exception as fault:
        if isinstance(fault, OSError) and fault.errno:
            return {"errno": fault.errno}, []
        cut = isinstance(fault, EOFError) or "truncated" in str(fault)
        return {"problem": "cut" if cut else "damaged"}, []


def confine(memory: int) -> None:
    """Bound what a hostile picture can take of this machine."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform != "darwin":  # macOS knows the limit and refuses to set it
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def main(memory: int, seconds: float) -> None:
    """Answer requests until the input ends. One that takes too long is ended by the kernel's alarm."""
    confine(memory)
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # every thread would claim address space
    sys.stdout.buffer.write(b"ready\n")
    sys.stdout.buffer.flush()
    for line in sys.stdin.buffer:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        header, thumbnails = answer(json.loads(line))
        signal.setitimer(signal.ITIMER_REAL, 0)
        header["sizes"] = [len(data) for data in thumbnails]
        sys.stdout.buffer.write(b"".join([json.dumps(header).encode(), b"\n", *thumbnails]))
        sys.stdout.buffer.flush()


# The plug-ins register themselves when imported; naming them keeps Pillow from loading all forty.
PLUGINS = (AvifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)

if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
