"""The worker's side of a call: claim, record, finish. Every write is fenced by the attempt it belongs to.

A call is claimed by one UPDATE with a lease on the database's clock. What is written later carries the attempt's
number, so a worker that lost its lease (stopped, swapped out, cut off) changes nothing any more.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select, text, update
from sqlmodel import Session, col

from runtz_core.crashpoints import crashpoint
from runtz_core.credits import service as credits
from runtz_core.db import after_commit
from runtz_core.failures import FailureKind
from runtz_core.images import service as images
from runtz_core.images.intake import Stored
from runtz_core.jobs.claims import Claim, locked, tell, write
from runtz_core.jobs.models import Call, CallKind, CallResult, CallState
from runtz_core.jobs.pausing import HELD, is_paused
from runtz_core.jobs.turns import CLAIM
from runtz_core.providers.base import Cost, Done, Pending
from runtz_core.providers.text import Answer

log = logging.getLogger(__name__)

_CLAIM_LOCK = 0x52554E01  # advisory lock: one claim at a time keeps the lanes' limits exact


def claim(
    session: Session,
    *,
    worker: str,
    capacity: int,
    limits: Mapping[str, int],
    lease: float,
    other_limit: int = 4,
) -> list[Claim]:
    """Take up to `capacity` due calls, lane limits permitting; people take turns within a lane.

    `limits` is calls in flight by provider; `lease` is seconds.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CLAIM_LOCK})
    rows = session.execute(
        CLAIM,
        {
            "limits": json.dumps(dict(limits)),
            "other_limit": other_limit,
            "capacity": capacity,
            "worker": worker,
            "lease": timedelta(seconds=lease),
        },
    )
    claims = [
        Claim(
            call_id=row.id,
            job_id=row.job_id,
            user_id=row.user_id,
            attempt=row.attempt,
            kind=CallKind(row.kind),
            provider=row.provider,
            model=row.model,
            lane=row.lane,
            simulated=row.simulated,
            key_owner_id=row.key_owner_id,
            reference=row.reference,
            request=row.request,
            price_usd_micros=row.price_usd_micros,
            waited=float(row.waited),
        )
        for row in rows
    ]
    crashpoint("claim")
    return claims


def is_anything_due(session: Session) -> bool:
    """Whether a call is waiting that could be claimed, lanes permitting."""
    due = exists().where(col(Call.state) == CallState.QUEUED, col(Call.not_before) <= func.clock_timestamp())
    return bool(session.execute(select(due)).scalar_one())


def intend(session: Session, claim: Claim) -> bool:
    """Record that the paid request is about to be sent. False when a person cancelled first (then it has ended).

    From here on the call is never sent again by itself unless the vendor says that nothing was produced.
    """
    call = locked(session, claim)
    if call.cancel_requested_at is not None:
        _end(session, claim, CallState.CANCELLED, {"failure": FailureKind.CANCELLED})
        return False
    write(session, claim, {"intent_at": func.clock_timestamp()})
    tell(session, claim)
    crashpoint("intend")
    return True


def sent(session: Session, claim: Claim) -> None:
    """The whole request is on the wire: the vendor is drawing."""
    write(session, claim, {"sent_at": func.clock_timestamp()})
    tell(session, claim)


def accepted(session: Session, claim: Claim, pending: Pending) -> None:
    """The vendor gave a reference: from now on any worker can resume this call."""
    values: dict[str, Any] = {
        "reference": pending.reference,
        "sent_at": func.coalesce(col(Call.sent_at), func.clock_timestamp()),
    }
    if pending.request_id:
        values["request_id"] = pending.request_id
    write(session, claim, values)
    tell(session, claim)


def progressed(session: Session, claim: Claim, percent: int) -> bool:
    """So much of work done here is done. False when a person has cancelled it meanwhile."""
    call = locked(session, claim)
    if call.cancel_requested_at is not None:
        return False
    write(session, claim, {"report": {"progress": percent}})
    tell(session, claim)
    return True


def cancelled(session: Session, claim: Claim) -> None:
    """End a call that was cancelled before anything was bought."""
    _end(session, claim, CallState.CANCELLED, {"failure": FailureKind.CANCELLED})


def received(session: Session, claim: Claim) -> None:
    """The bytes are here and are being checked and stored."""
    write(session, claim, {"received_at": func.clock_timestamp()})
    tell(session, claim)


def succeed(session: Session, claim: Claim, done: Done, stored: Stored, *, saving: float = 0.0) -> UUID:
    """Picture, row, charge and end in one transaction. Returns the image's id. Raises Fenced.

    `saving` is the seconds since the bytes came, for calls too quick for `received` to be told apart.
    """
    call = locked(session, claim)
    after_commit(session, lambda: crashpoint("settled"), once="settled")
    image = images.record(session, user_id=claim.user_id, call_id=claim.call_id, stored=stored)
    cost = _cost(claim, done.cost)
    report = {"seed_used": done.seed, "prompt_used": done.prompt_used, "warnings": list(done.warnings)}
    _end(
        session,
        claim,
        CallState.SUCCEEDED,
        {
            "cost_usd_micros": cost.usd_micros,
            "cost_basis": cost.basis,
            "received_at": func.coalesce(
                col(Call.received_at), func.clock_timestamp() - timedelta(seconds=saving)
            ),
            "request_id": done.request_id or call.request_id,
            "report": {name: value for name, value in report.items() if value},
        },
    )
    crashpoint("settle")
    return image.id


def conclude(
    session: Session, claim: Claim, answer: Answer, *, also: Callable[[Session], None] | None = None
) -> None:
    """A text call's answer, charge and end in one transaction, with what `also` writes. Raises Fenced."""
    call = locked(session, claim)
    cost = _cost(claim, answer.cost)
    session.add(CallResult(call_id=claim.call_id, content=dict(answer.content)))
    session.flush()
    if also is not None:
        also(session)
    _end(
        session,
        claim,
        CallState.SUCCEEDED,
        {
            "cost_usd_micros": cost.usd_micros,
            "cost_basis": cost.basis,
            "received_at": func.coalesce(col(Call.received_at), func.clock_timestamp()),
            "request_id": answer.request_id or call.request_id,
        },
    )


def _cost(claim: Claim, cost: Cost | None) -> Cost:
    if claim.simulated:
        return Cost(usd_micros=0, basis="simulated")
    if cost is None:
        return Cost(usd_micros=claim.price_usd_micros, basis="table")
    if cost.usd_micros > claim.price_usd_micros:
        # The person pays what was promised; the owner should know what it really costs.
        log.warning(
            "%s charged more than its list price for %s: %d instead of %d micro-dollars",
            claim.provider,
            claim.model,
            cost.usd_micros,
            claim.price_usd_micros,
        )
    return cost


def fail(
    session: Session,
    claim: Claim,
    kind: FailureKind,
    detail: str = "",
    request_id: str | None = None,
    *,
    cost: Cost | None = None,
) -> None:
    """End the call without a result and give its hold back. `cost` is what the vendor charges all the same."""
    state = CallState.UNKNOWN if kind is FailureKind.OUTCOME_UNKNOWN else CallState.FAILED
    values: dict[str, Any] = {"failure": kind, "failure_detail": detail[:300] or None}
    if state is CallState.UNKNOWN and not claim.simulated:
        values |= {"cost_usd_micros": claim.price_usd_micros, "cost_basis": "unknown"}
    elif cost is not None:
        known = _cost(claim, cost)
        values |= {"cost_usd_micros": known.usd_micros, "cost_basis": known.basis}
    if request_id:
        values["request_id"] = request_id
    _end(session, claim, state, values)


def put_back(
    session: Session,
    claim: Claim,
    *,
    seconds: float,
    kind: FailureKind | None = None,
    detail: str = "",
    resume: bool = False,
) -> None:
    """Queue the call again in `seconds`: nothing was produced, or (`resume`) its reference lets it go on."""
    paused = not resume and is_paused(session, claim.job_id, lock=True)
    values: dict[str, Any] = {
        "state": CallState.QUEUED,
        "worker": None,
        "lease_until": None,
        "not_before": HELD if paused else func.clock_timestamp() + timedelta(seconds=seconds),
    }
    if not resume:
        values |= {
            "intent_at": None,
            "sent_at": None,
            "failure": kind,
            "failure_detail": detail[:300] or None,
        }
    write(session, claim, values)
    tell(session, claim)


def extend_leases(session: Session, worker: str, lease: float, call_ids: Sequence[UUID]) -> None:
    """One statement for the calls this worker is really driving.

    Not for all that carry its name: one whose end could not be written is driven no more, and its lease must end.
    """
    # Who holds a row just now is ending it or cancelling it; the next beat comes soon.
    driven = (
        select(col(Call.id))
        .where(col(Call.id).in_(call_ids), col(Call.state) == CallState.RUNNING, col(Call.worker) == worker)
        .with_for_update(skip_locked=True)
    )
    session.execute(
        update(Call)
        .where(col(Call.id).in_(driven))
        .values(lease_until=func.clock_timestamp() + timedelta(seconds=lease))
        .execution_options(synchronize_session=False)
    )


def _end(session: Session, claim: Claim, state: CallState, values: Mapping[str, Any]) -> None:
    """Write the call's one end and move its credits, together."""
    ended = {"state": state, "finished_at": func.clock_timestamp(), "lease_until": None, "failure": None}
    write(session, claim, ended | dict(values))
    if state is CallState.SUCCEEDED:
        credits.settle(session, claim.user_id, claim.call_id)
    else:
        credits.release(session, claim.user_id, claim.call_id)
    tell(session, claim)
