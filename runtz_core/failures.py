"""Every way a call can fail, and what that means for the worker, the money and the person (one table)."""

from dataclasses import dataclass
from enum import StrEnum


class FailureKind(StrEnum):
    """Why a call did not bring a picture. The value is stored on the call's row."""

    NO_KEY = "no_key"  # nothing to sign the request with
    AUTH = "auth"  # the vendor refused the key
    ORG_UNVERIFIED = "org_unverified"  # the key is right, the vendor account lacks a permission
    QUOTA = "quota"  # the vendor account is out of money or over a fixed limit
    RATE_LIMITED = "rate_limited"  # too many requests; may pass later
    MODEL_GONE = "model_gone"  # the vendor no longer knows the model
    CONTENT_BLOCKED = "content_blocked"  # a safety filter refused the words or the picture
    INVALID = "invalid"  # the vendor refused a parameter
    UNREACHABLE = "unreachable"  # the request never left: refused, no name, bad certificate
    PROVIDER_DOWN = "provider_down"  # it failed too often just now, so nothing was sent
    TRANSIENT = "transient"  # the vendor answered that it is in trouble
    BAD_RESPONSE = "bad_response"  # the vendor answered something we cannot read
    NO_IMAGE = "no_image"  # a proper answer without a picture
    BAD_IMAGE = "bad_image"  # bytes that are not a whole, acceptable picture
    LINK_EXPIRED = "link_expired"  # the vendor's link died before the picture was fetched
    REFUSED_ADDRESS = "refused_address"  # our own transport would not go there
    STORAGE_FULL = "storage_full"  # the picture arrived and the disk would not take it
    INPUT_GONE = "input_gone"  # a picture it was to be made from was deleted
    CANCELLED = "cancelled"  # a person stopped it
    OUTCOME_UNKNOWN = "outcome_unknown"  # sent, and no answer: perhaps billed
    INTERNAL = "internal"  # a fault of ours


class WorkerStep(StrEnum):
    """What the worker does with a failed attempt."""

    RETRY = "retry"  # nothing was produced for sure: try again, attempts permitting
    FAIL = "fail"  # final
    HOLD_BACK = "hold_back"  # final, never sent again by itself; a person decides


class NextStep(StrEnum):
    """The one thing a person is offered on the card."""

    RETRY = "retry"
    CHANGE_MODEL = "change_model"
    EDIT_PROMPT = "edit_prompt"
    OPEN_KEYS = "open_keys"
    OPEN_SERVERS = "open_servers"
    FREE_SPACE = "free_space"
    LOOK_UP = "look_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What follows from one kind of failure."""

    worker: WorkerStep
    may_have_cost: bool
    person: NextStep


def _row(worker: WorkerStep, may_have_cost: bool, person: NextStep) -> Consequence:
    return Consequence(worker=worker, may_have_cost=may_have_cost, person=person)


_FAIL, _RETRY = WorkerStep.FAIL, WorkerStep.RETRY

CONSEQUENCES: dict[FailureKind, Consequence] = {
    FailureKind.NO_KEY: _row(_FAIL, False, NextStep.OPEN_KEYS),
    FailureKind.AUTH: _row(_FAIL, False, NextStep.OPEN_KEYS),
    FailureKind.ORG_UNVERIFIED: _row(_FAIL, False, NextStep.OPEN_KEYS),
    FailureKind.QUOTA: _row(_FAIL, False, NextStep.CHANGE_MODEL),
    FailureKind.RATE_LIMITED: _row(_RETRY, False, NextStep.RETRY),
    FailureKind.MODEL_GONE: _row(_FAIL, False, NextStep.CHANGE_MODEL),
    # Some vendors bill a refused picture (Ideogram's is_image_safe=false, Gemini's input tokens).
    FailureKind.CONTENT_BLOCKED: _row(_FAIL, True, NextStep.EDIT_PROMPT),
    FailureKind.INVALID: _row(_FAIL, False, NextStep.EDIT_PROMPT),
    FailureKind.UNREACHABLE: _row(_RETRY, False, NextStep.RETRY),
    FailureKind.PROVIDER_DOWN: _row(_FAIL, False, NextStep.RETRY),
    FailureKind.TRANSIENT: _row(_RETRY, False, NextStep.RETRY),
    FailureKind.BAD_RESPONSE: _row(_FAIL, True, NextStep.RETRY),
    FailureKind.NO_IMAGE: _row(_FAIL, True, NextStep.RETRY),
    FailureKind.BAD_IMAGE: _row(_FAIL, True, NextStep.RETRY),
    FailureKind.LINK_EXPIRED: _row(_FAIL, True, NextStep.RETRY),
    FailureKind.REFUSED_ADDRESS: _row(_FAIL, False, NextStep.OPEN_SERVERS),
    FailureKind.STORAGE_FULL: _row(_FAIL, True, NextStep.FREE_SPACE),
    FailureKind.INPUT_GONE: _row(_FAIL, False, NextStep.EDIT_PROMPT),
    FailureKind.CANCELLED: _row(_FAIL, False, NextStep.RETRY),
    FailureKind.OUTCOME_UNKNOWN: _row(WorkerStep.HOLD_BACK, True, NextStep.LOOK_UP),
    FailureKind.INTERNAL: _row(_FAIL, False, NextStep.RETRY),
}
