"""Pictures a customer puts in: what a vendor checks of them, and what decides how they show in the drawing."""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

Marked = Literal["clear", "black"]  # how the vendor's masks say "here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A picture as its decoder knows it: Pillow's name of the format, pixels, whether it can be transparent."""

    form: str
    width: int
    height: int
    alpha: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Encoded pictures. `weight` is how many percent of the first stay visible; `exactly`: nothing else is drawn."""

    pictures: tuple[bytes, ...] = field(default=(), repr=False)
    mask: bytes | None = field(default=None, repr=False)
    marked: Marked = "clear"
    weight: int = 50
    exactly: bool = False

    def to_json(self) -> str:
        """Everything, as text."""
        written = {
            "pictures": [base64.b64encode(one).decode() for one in self.pictures],
            "mask": None if self.mask is None else base64.b64encode(self.mask).decode(),
        }
        return json.dumps(written | {"marked": self.marked, "weight": self.weight, "exactly": self.exactly})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The opposite of `to_json`."""
        body = json.loads(text)
        mask = None if body["mask"] is None else base64.b64decode(body["mask"])
        pictures = tuple(base64.b64decode(one) for one in body["pictures"])
        return cls(**(body | {"pictures": pictures, "mask": mask}))


NOTHING = Inputs()


class BadInput(ValueError):
    """A picture the vendor refuses. Arguments: the field, and why."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name, why)
        self.name, self.why = name, why


Measure = Callable[[bytes], Awaitable[Measured | None]]


async def check(
    inputs: Inputs, measure: Measure, *, most: int, most_bytes: int, name: str, mask_alpha: bool = False
) -> list[Measured]:
    """What the pictures are. Raises BadInput for what this vendor does not take."""
    if len(inputs.pictures) > most:
        raise BadInput(name, f"at most {most} pictures, not {len(inputs.pictures)}")
    measured = [await _one(data, measure, most_bytes, name) for data in inputs.pictures]
    if inputs.mask is not None:
        if not measured:
            raise BadInput("mask", "a mask needs the picture it belongs to")
        mask = await _one(inputs.mask, measure, most_bytes, "mask")
        if (mask.width, mask.height) != (measured[0].width, measured[0].height):
            raise BadInput("mask", "the mask must be of the same size as the picture")
        if mask_alpha and (mask.form != "PNG" or not mask.alpha):
            raise BadInput("mask", "the mask must be a PNG with an alpha channel")
    return measured


async def _one(data: bytes, measure: Measure, most_bytes: int, name: str) -> Measured:
    if len(data) > most_bytes:
        raise BadInput(name, f"at most {most_bytes // 2**20} MB a picture")
    found = await measure(data)
    if found is None:
        raise BadInput(name, "not a PNG, JPEG or WebP picture")
    return found


def files(body: dict[str, Any], *names: str) -> tuple[bytes, ...]:
    """The files of a form under these names. Raises BadInput for text where a file belongs."""
    found: list[bytes] = []
    for name in names:
        value = body.get(name)
        for one in value if isinstance(value, list) else [] if value is None else [value]:
            if not isinstance(one, bytes):
                raise BadInput(name, "expected a file")
            found.append(one)
    return tuple(found)


def from_base64(values: Sequence[Any], name: str) -> tuple[bytes, ...]:
    """Pictures as JSON carries them, with or without a data: prefix. Raises BadInput."""
    try:
        return tuple(
            base64.b64decode(str(one).rpartition("base64,")[2], validate=True)
            for one in values
            if one is not None
        )
    except binascii.Error:
        raise BadInput(name, "not base64") from None
