"""The interface every vendor of pictures is adapted to: what is asked, what comes back. Words: `text.py`."""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from runtz_core.failures import FailureKind

# The ratios a person may choose, widest use first. A model that lacks one gets its nearest.
RATIOS: tuple[str, ...] = (
    "1:1", "4:5", "3:4", "2:3", "9:16", "5:4", "4:3", "3:2", "16:9", "21:9", "1:2", "2:1", "1:3", "3:1",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels."""

    width: int
    height: int

    @property
    def megapixels(self) -> float:
        """Millions of pixels."""
        return self.width * self.height / 1_000_000

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


def aspect(ratio: str) -> float:
    """Width over height of "16:9". Raises ValueError for anything that is not two positive whole numbers."""
    wide, separator, high = ratio.partition(":")
    if not separator or not wide.isdecimal() or not high.isdecimal() or not int(wide) or not int(high):
        raise ValueError(f"{ratio!r} is not a ratio such as 16:9")
    return int(wide) / int(high)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeChoice:
    """What a model will be asked for when a person asked for a ratio."""

    ratio: str
    size: Size
    exact: bool


class Role(StrEnum):
    """What a picture is put in for."""

    BASE = "base"  # the picture that is changed
    REFERENCE = "reference"  # a picture to go by
    MASK = "mask"  # white where the base may change, black where it stays: vendors get their own polarity


def free_of_charge(_sizes: Sequence[Size]) -> int:
    """The price of pictures put in where the vendor takes none for them, in micro-dollars."""
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """The only statement of what a model can do: form, validation, price and ratio mapping read it."""

    provider: str
    model: str
    label: str
    tiers: tuple[str, ...]  # quality or resolution steps, cheapest first, in the vendor's words
    default_tier: str
    sizes: Mapping[str, Mapping[str, Size]]  # tier -> ratio -> pixels
    price: Callable[[str, Size], int]  # (tier, size) -> micro-dollars a picture
    price_source: str  # where the price was read, with its date
    usual_seconds: float  # published or reported latency; replaced by this installation's own history
    prompt_chars: int
    media_type: str  # what the vendor sends unless told otherwise
    max_seed: int | None = None  # None: the model takes no seed
    takes_negative: bool = False
    max_references: int = 0  # pictures it takes in, the one to be changed included
    takes_mask: bool = False
    upscales: bool = False  # it enlarges a picture and draws none; tiers are factors: x2, x4
    takes_strength: bool = False  # a number for how far the picture may leave the one put in
    input_price: Callable[[Sequence[Size]], int] = free_of_charge  # micro-dollars for pictures put in
    streams_partials: bool = False
    link_seconds: int | None = None  # how long the vendor's link lives; None: it sends bytes
    ends_on: date | None = None
    successor: str | None = None
    gone_at_vendor: str | None = None  # why it can only run simulated or behind a custom base URL

    def choose(self, ratio: str, tier: str) -> SizeChoice:
        """The nearest size this model makes for `ratio`. Raises ValueError for a malformed ratio or tier."""
        if tier not in self.sizes:
            raise ValueError(f"{self.label} has no tier {tier!r}; it has {', '.join(self.tiers)}")
        made = self.sizes[tier]
        wanted = aspect(ratio)
        if ratio in made:
            return SizeChoice(ratio=ratio, size=made[ratio], exact=True)
        nearest = min(made, key=lambda name: abs(math.log(aspect(name) / wanted)))
        return SizeChoice(ratio=nearest, size=made[nearest], exact=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputPicture:
    """A stored picture that goes in. Its bytes are read when it is sent and are not kept on the call's row."""

    image_id: UUID
    role: Role
    sha256: str
    media_type: str
    size: Size
    data: bytes = field(default=b"", repr=False)

    @property
    def file(self) -> tuple[str, bytes, str]:
        """As a part of a multipart form: file name, bytes, type."""
        return f"{self.role}.{self.media_type.rpartition('/')[2]}", self.data, self.media_type


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """One picture to be made, fitted to what its model takes.

    Frozen on the call's row, so a resumed call asks for the same thing.
    """

    model: str
    prompt: str
    tier: str
    ratio: str
    size: Size
    seed: int | None = None
    negative: str | None = None
    inputs: tuple[InputPicture, ...] = ()  # base first, then references in their order, then the mask
    strength: int | None = None  # 1 (hardly any change) to 100 (anything goes)
    factor: int | None = None  # of an upscale: how many times the base's sides

    @property
    def base(self) -> InputPicture | None:
        """The picture that is changed."""
        return next((one for one in self.inputs if one.role is Role.BASE), None)

    @property
    def mask(self) -> InputPicture | None:
        """Where it may change."""
        return next((one for one in self.inputs if one.role is Role.MASK), None)

    @property
    def references(self) -> tuple[InputPicture, ...]:
        """Pictures to go by."""
        return tuple(one for one in self.inputs if one.role is Role.REFERENCE)

    @property
    def pictures(self) -> tuple[InputPicture, ...]:
        """Everything put in but the mask."""
        return tuple(one for one in self.inputs if one.role is not Role.MASK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """The vendor took the request. `reference` is all that is needed to ask again, by any process."""

    reference: str
    retry_in: float = 1.0  # seconds
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the vendor charges, as far as can be known."""

    usd_micros: int
    basis: str  # usage: computed from reported tokens; quote: the vendor named it; table: our price list


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The picture, exactly as received."""

    data: bytes = field(repr=False)
    cost: Cost | None = None
    request_id: str | None = None
    seed: int | None = None  # the seed the vendor says it used
    prompt_used: str | None = None  # the vendor's own rewrite, where it reports one
    warnings: tuple[str, ...] = ()


class ProviderError(Exception):
    """A call failed in a way we can name. Positional arguments, so that it survives pickling."""

    def __init__(
        self,
        kind: FailureKind,
        detail: str = "",
        retry_after: float | None = None,
        request_id: str | None = None,
        cost: Cost | None = None,
    ) -> None:
        super().__init__(kind, detail, retry_after, request_id, cost)
        self.kind = kind
        self.detail = detail  # short, for people; never a key, never the prompt
        self.retry_after = retry_after  # seconds the vendor asked us to wait
        self.request_id = request_id
        self.cost = cost  # what the vendor charges all the same, where it says so


async def _nothing(*_: object) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What an adapter tells while `start` runs. Both may be awaited at any time and never raise."""

    sent: Callable[[], Awaitable[None]] = _nothing  # the whole request is on the wire
    partial: Callable[[int, bytes], Awaitable[None]] = _nothing  # (index from 0, encoded early picture)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where and as whom to call a provider. Resolved anew for every call."""

    provider: str
    base_url: str | None  # None: the vendor's own address
    api_key: str | None = field(repr=False)
    simulated: bool = False
    declared_by_owner: bool = False  # a base URL the owner typed: that exact host and port is allowed
    key_owner: UUID | None = None  # whose key it is; None: the installation's


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The answer to "is this key good?", without buying anything."""

    ok: bool
    message: str  # one sentence for a person
    failure: FailureKind | None = None


class ImageProvider(Protocol):
    """One vendor, one connection. Instances are long-lived and safe for concurrent use on one event loop."""

    async def start(self, request: ImageRequest, progress: Progress) -> Pending | Done:
        """Send paid work. Never retries by itself. Raises ProviderError."""
        ...

    async def check(self, reference: str) -> Pending | Done:
        """Ask after started work and fetch the ready picture. Free, repeatable. Raises ProviderError."""
        ...

    async def probe(self) -> Probe:
        """Test the key by the vendor's free check where there is one. Never raises."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...
