"""A claim and its fence: what a worker may work on, and writes that only the attempt which owns the call can make."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session

from runtz_core import events
from runtz_core.jobs.models import Call, CallKind, CallState

_CALLS = Call.metadata.tables["calls"]


class Fenced(Exception):
    """This attempt no longer owns the call; whatever it did is not recorded. Not an error of the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A call this worker may work on until its lease ends."""

    call_id: UUID
    job_id: UUID | None
    user_id: UUID
    attempt: int
    kind: CallKind
    provider: str
    model: str
    lane: str
    simulated: bool
    key_owner_id: UUID | None
    reference: str | None
    request: dict[str, Any] = field(repr=False)  # as frozen at submit; each kind thaws its own
    price_usd_micros: int
    waited: float = 0.0  # seconds since it was submitted


def locked(session: Session, claim: Claim) -> Call:
    """The call's row, locked, if this attempt still owns it. Raises Fenced."""
    call = session.get(Call, claim.call_id, with_for_update=True, populate_existing=True)
    if call is None or call.state != CallState.RUNNING or call.attempt != claim.attempt:
        raise Fenced(claim.call_id)
    return call


def write(session: Session, claim: Claim, values: Mapping[str, Any]) -> None:
    """Change the call's row, if this attempt still owns it. Raises Fenced."""
    # Past the mapper, whose look for changed objects costs more than the statement.
    result = session.execute(
        update(_CALLS)
        .where(
            _CALLS.c.id == claim.call_id,
            _CALLS.c.attempt == claim.attempt,
            _CALLS.c.state == CallState.RUNNING,
        )
        .values(**values)
        .returning(_CALLS.c.id)
    )
    if result.scalar_one_or_none() is None:
        raise Fenced(claim.call_id)


def tell(session: Session, claim: Claim) -> None:
    """Have the pages that show this call read it again, after commit."""
    if claim.job_id is not None:
        events.job_changed(session, claim.user_id, claim.job_id)
    else:
        events.call_changed(session, claim.user_id, claim.call_id)
