"""Lets pictures that were put in show in the drawing, so that a remix, a mask and an upscale can be seen to work."""

import io

from PIL import Image, ImageOps

from runtz_sim.inputs import Inputs

_HINT = 0.12  # how much of each further picture can be seen


def retouched(drawn: Image.Image, inputs: Inputs) -> Image.Image:
    """The drawing with the first picture shining through, or changed only where the mask says so."""
    base = _opened(inputs.pictures[0], drawn.size)
    if inputs.exactly:
        return base
    if inputs.mask is not None:
        return Image.composite(drawn.convert("RGB"), base, _marked(inputs, drawn.size))
    shown = drawn.convert("RGB")
    for other in inputs.pictures[1:]:
        shown = Image.blend(shown, _opened(other, drawn.size), _HINT)
    return Image.blend(shown, base, min(max(inputs.weight, 0), 100) / 100)


def _opened(data: bytes, size: tuple[int, int]) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        return ImageOps.fit(image.convert("RGB"), size, Image.Resampling.LANCZOS)


def _marked(inputs: Inputs, size: tuple[int, int]) -> Image.Image:
    """White where the picture may change, whatever the vendor's polarity."""
    with Image.open(io.BytesIO(inputs.mask or b"")) as image:
        said = image.convert("RGBA").getchannel("A") if inputs.marked == "clear" else image.convert("L")
        return ImageOps.invert(said).resize(size, Image.Resampling.NEAREST)
