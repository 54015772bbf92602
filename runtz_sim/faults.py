"""Which fault strikes which request: named kinds, asked for by a marker in the prompt or armed by /control/faults."""

import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtz_sim.vendor import Vendor


class FaultKind(StrEnum):
    """Everything a vendor, or the road to it, can do wrong."""

    # the vendor refuses, in its own words
    AUTH = "auth"
    ORG_UNVERIFIED = "org_unverified"
    QUOTA = "quota"
    RATE_LIMITED = "rate_limited"
    MODEL_GONE = "model_gone"
    CONTENT_BLOCKED = "content_blocked"
    INVALID = "invalid"
    SERVER_ERROR = "server_error"
    UNAVAILABLE = "unavailable"
    TASK_NOT_FOUND = "task_not_found"
    STATUS_ERROR = "status_error"
    HTTP_503_STATUS_BODY = "http_503_status_body"
    # the vendor answers something odd
    NO_IMAGE = "no_image"
    MORE_IMAGES = "more_images"
    FEWER_IMAGES = "fewer_images"
    PRICE_HIGHER = "price_higher"
    UNKNOWN_STATUS = "unknown_status"
    MID_STREAM_ERROR = "mid_stream_error"
    # a text model answers in good form, and badly
    DECLINES = "declines"
    LIES_ABOUT_SUMS = "lies_about_sums"
    DROPS_WORDS = "drops_words"
    PREFERS_LEFT = "prefers_left"
    PREFERS_LENGTH = "prefers_length"
    NONSENSE = "nonsense"
    GULLIBLE = "gullible"
    # the connection or the body is damaged
    SLOW = "slow"
    SILENCE = "silence"
    DRIP = "drip"
    RESET = "reset"
    RESET_MID_BODY = "reset_mid_body"
    HTML_502 = "html_502"
    HTML_200 = "html_200"
    ENDLESS_BODY = "endless_body"
    REDIRECT = "redirect"
    MALFORMED_JSON = "malformed_json"
    TRUNCATED_JSON = "truncated_json"
    MISSING_FIELDS = "missing_fields"
    NULL_FIELDS = "null_fields"
    # the picture is damaged
    BAD_BASE64 = "bad_base64"
    WRONG_MIME = "wrong_mime"
    NOT_AN_IMAGE = "not_an_image"
    TRUNCATED_IMAGE = "truncated_image"
    BOMB_IMAGE = "bomb_image"
    # the picture's link is damaged
    EXPIRED_LINK = "expired_link"
    SHORT_IMAGE_CONTENT_LENGTH = "short_image_content_length"
    GZIP_IMAGE = "gzip_image"


class Stage(StrEnum):
    """The moment of a call at which a fault strikes."""

    ORDER = "order"  # the paid request
    POLL = "poll"  # asking after a started task
    PICTURE = "picture"  # the picture's bytes, in the answer or behind its link
    FREE = "free"  # model lists, credits, price quotes


KINDS = frozenset(kind.value for kind in FaultKind)
BODY_KINDS = frozenset(
    {FaultKind.MALFORMED_JSON, FaultKind.TRUNCATED_JSON, FaultKind.MISSING_FIELDS, FaultKind.NULL_FIELDS}
)
WIRE_KINDS = frozenset(
    {
        FaultKind.SLOW, FaultKind.SILENCE, FaultKind.DRIP, FaultKind.RESET, FaultKind.RESET_MID_BODY,
        FaultKind.HTML_502, FaultKind.HTML_200, FaultKind.ENDLESS_BODY, FaultKind.REDIRECT,
    }
)  # fmt: skip
PICTURE_KINDS = frozenset(
    {FaultKind.WRONG_MIME, FaultKind.NOT_AN_IMAGE, FaultKind.TRUNCATED_IMAGE, FaultKind.BOMB_IMAGE}
)
LINK_KINDS = frozenset(
    {
        FaultKind.EXPIRED_LINK, FaultKind.SHORT_IMAGE_CONTENT_LENGTH, FaultKind.GZIP_IMAGE,
        FaultKind.SERVER_ERROR, FaultKind.UNAVAILABLE,
    }
)  # fmt: skip

_MARKER = re.compile(r"\[fail:(?P<kind>\w+)(?:@(?P<vendor>\w+))?(?P<options>(?: \w+=[^\s\]]*)*)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault that strikes now."""

    kind: FaultKind
    options: Mapping[str, str] = field(default_factory=dict)

    def number(self, name: str, default: float) -> float:
        """The named option as a number, or `default` when it is absent or no number."""
        try:
            return float(self.options.get(name, default))
        except ValueError:
            return default


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """A standing instruction: which requests a fault strikes, and how many of them."""

    fault: Fault
    stage: Stage
    vendor: str
    model: str | None = None
    times: int | None = None  # None: until it is withdrawn
    after: int = 0  # let this many pass first
    chance: float = 1.0


class Faults:
    """The book of armed faults. One per simulator."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._armed: dict[int, Instruction] = {}
        self._seen: Counter[tuple[object, ...]] = Counter()
        self._last_id = 0

    @property
    def armed(self) -> Mapping[int, Instruction]:
        """What stands, by the id that withdraws it."""
        return self._armed

    def arm(self, instruction: Instruction) -> int:
        """Let `instruction` stand from now on; returns the id that withdraws it."""
        self._last_id += 1
        self._armed[self._last_id] = instruction
        return self._last_id

    def withdraw(self, fault_id: int) -> bool:
        """Forget one; False when there is none of that id."""
        return self._armed.pop(fault_id, None) is not None

    def clear(self) -> None:
        """Withdraw everything and forget what struck."""
        self._armed.clear()
        self._seen.clear()

    def strike(self, vendor: "Vendor", stage: Stage, *, model: str, prompt: str, about: str) -> Fault | None:
        """The fault for this request, if any. `about` tells requests of different tasks with one prompt apart."""
        for instruction in marked(vendor, prompt):
            if instruction.stage is stage and self._applies(
                instruction, (vendor.name, model, about, instruction.fault.kind)
            ):
                return instruction.fault
        for fault_id, instruction in self._armed.items():
            fits = (
                instruction.vendor == vendor.name
                and instruction.stage is stage
                and instruction.model in (None, model)
            )
            if fits and self._applies(instruction, (fault_id,)):
                return instruction.fault
        return None

    def _applies(self, instruction: Instruction, counted_as: tuple[object, ...]) -> bool:
        seen = self._seen[counted_as]
        self._seen[counted_as] += 1
        due = seen >= instruction.after and (
            instruction.times is None or seen < instruction.after + instruction.times
        )
        return due and self._dice.random() < instruction.chance


def marked(vendor: "Vendor", prompt: str) -> list[Instruction]:
    """What a prompt's `[fail:kind@vendor option=value]` markers tell this vendor. Nonsense is plain text."""
    instructions = []
    for found in _MARKER.finditer(prompt):
        if found["kind"] not in KINDS or found["vendor"] not in (None, vendor.name):
            continue
        options = dict(part.split("=", 1) for part in found["options"].split())
        try:
            instructions.append(instructed(vendor, FaultKind(found["kind"]), options))
        except ValueError:
            continue
    return instructions


def instructed(
    vendor: "Vendor", kind: FaultKind, options: Mapping[str, str], model: str | None = None
) -> Instruction:
    """An instruction from its options (`where`, `times`, `after`, `chance`; the rest is the fault's own).

    Raises ValueError, in words, when the vendor cannot fail like that.
    """
    rest = {
        name: value for name, value in options.items() if name not in ("where", "times", "after", "chance")
    }
    possible = vendor.stages_of(kind)
    stage = Stage(options["where"]) if "where" in options else next(iter(possible), Stage.ORDER)
    if stage not in possible:
        where = ", ".join(possible) or "nowhere"
        raise ValueError(f"{vendor.name} can show {kind} at: {where}; not at {stage}")
    return Instruction(
        fault=Fault(kind=kind, options=rest),
        stage=stage,
        vendor=vendor.name,
        model=model,
        times=int(options["times"]) if "times" in options else _default_times(kind, stage),
        after=int(options.get("after", 0)),
        chance=float(options.get("chance", 1)),
    )


def _default_times(kind: FaultKind, stage: Stage) -> int | None:
    # A task with a status nobody knows goes on; were it for ever, nobody could see that it is taken as pending.
    return 2 if kind is FaultKind.UNKNOWN_STATUS and stage is Stage.POLL else None


def plain(prompt: str) -> str:
    """The prompt without its markers, for drawing."""
    return _MARKER.sub("", prompt).strip()
