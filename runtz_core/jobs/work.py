"""The worker's side of a call: claim, record, finish. Every write is fenced by the attempt it belongs to.

A call is claimed by one UPDATE with a lease on the database's clock. What is written later carries the attempt's
number, so a worker that lost its lease (stopped, swapped out, cut off) changes nothing any more.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select, text, update
from sqlmodel import Session, col

from runtz_core import events
from runtz_core.crashpoints import crashpoint
from runtz_core.credits import service as credits
from runtz_core.db import after_commit
from runtz_core.failures import FailureKind
from runtz_core.images import service as images
from runtz_core.images.intake import Stored
from runtz_core.jobs.models import Call, CallKind, CallResult, CallState
from runtz_core.jobs.pausing import HELD, is_paused
from runtz_core.providers.base import Answer, Cost, Done, Pending

log = logging.getLogger(__name__)

_CLAIM_LOCK = 0x52554E01  # advisory lock: one claim at a time keeps the lanes' limits exact


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


# People take turns within a lane: who has less running and claimed comes first, then age decides. What the claim
# reads is bounded by the lanes' room, not by the length of their queues (docs/decisions, "claims by lane").
_CLAIM = text("""
WITH RECURSIVE queues AS (
  (SELECT lane, user_id FROM calls WHERE state = 'queued' AND reference IS NULL ORDER BY lane, user_id LIMIT 1)
  UNION ALL
  SELECT following.lane, following.user_id FROM queues CROSS JOIN LATERAL (
    SELECT lane, user_id FROM calls
    WHERE state = 'queued' AND reference IS NULL AND (lane, user_id) > (queues.lane, queues.user_id)
    ORDER BY lane, user_id LIMIT 1) AS following
), resumed AS (
  SELECT id, lane, user_id, created_at FROM calls
  WHERE state = 'queued' AND reference IS NOT NULL AND not_before <= clock_timestamp()
  ORDER BY not_before LIMIT :capacity
), taken AS (
  SELECT lane, user_id, intent_at FROM calls WHERE state = 'running'
  UNION ALL SELECT lane, user_id, '-infinity' FROM resumed
), shares AS (
  SELECT lane, user_id, count(*) AS mine FROM taken GROUP BY lane, user_id
), rooms AS (
  SELECT used.lane, CASE
    WHEN rests_until > clock_timestamp() OR paused_until > clock_timestamp() THEN 0
    WHEN tripped_at IS NOT NULL THEN 1 - (
      SELECT count(*) FROM taken
      WHERE taken.lane = used.lane AND (intent_at IS NULL OR intent_at > lanes.tripped_at))
    ELSE least(room, coalesce((CAST(:limits AS jsonb) ->> split_part(used.lane, '/', 1))::int, :other_limit)) - (
      SELECT count(*) FROM taken WHERE taken.lane = used.lane)
  END AS free
  FROM (SELECT DISTINCT lane FROM queues) AS used LEFT JOIN lanes ON lanes.lane = used.lane
), turns AS (
  SELECT next.id, queues.lane, free, next.created_at,
         coalesce(mine, 0) + row_number() OVER (
           PARTITION BY queues.lane, queues.user_id ORDER BY next.created_at, next.id) AS turn
  FROM queues JOIN rooms ON rooms.lane = queues.lane AND free > 0
  LEFT JOIN shares ON shares.lane = queues.lane AND shares.user_id = queues.user_id
  CROSS JOIN LATERAL (
    SELECT id, created_at FROM calls
    WHERE state = 'queued' AND reference IS NULL AND calls.lane = queues.lane AND calls.user_id = queues.user_id
      AND not_before <= clock_timestamp()
    ORDER BY created_at, id LIMIT least(free, :capacity)) AS next
), places AS (
  SELECT id, free, created_at, row_number() OVER (PARTITION BY lane ORDER BY turn, created_at, id) AS place FROM turns
), picked AS (
  SELECT id FROM (
    SELECT id, 0 AS class, created_at FROM resumed
    UNION ALL SELECT id, 1, created_at FROM places WHERE place <= free) AS ready
  ORDER BY class, created_at, id LIMIT :capacity
), locked AS (
  -- Looked at once more: a person may have cancelled or paused it. Who holds one just now is about to do so; waiting
  -- for them with other calls in hand would be a deadlock.
  SELECT calls.id FROM calls JOIN picked ON picked.id = calls.id
  WHERE state = 'queued' AND not_before <= clock_timestamp() FOR UPDATE OF calls SKIP LOCKED
)
UPDATE calls SET state = 'running', attempt = attempt + 1, worker = :worker,
       claimed_at = coalesce(claimed_at, clock_timestamp()),
       lease_until = clock_timestamp() + :lease
FROM locked WHERE calls.id = locked.id
RETURNING calls.id, job_id, user_id, attempt, kind, provider, model, lane, simulated, key_owner_id, reference,
          request, price_usd_micros, extract(epoch FROM clock_timestamp() - calls.created_at) AS waited
""")


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
        _CLAIM,
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
    call = _locked(session, claim)
    if call.cancel_requested_at is not None:
        _end(session, claim, CallState.CANCELLED, {"failure": FailureKind.CANCELLED})
        return False
    _write(session, claim, {"intent_at": func.clock_timestamp()})
    _tell(session, claim)
    crashpoint("intend")
    return True


def sent(session: Session, claim: Claim) -> None:
    """The whole request is on the wire: the vendor is drawing."""
    _write(session, claim, {"sent_at": func.clock_timestamp()})
    _tell(session, claim)


def accepted(session: Session, claim: Claim, pending: Pending) -> None:
    """The vendor gave a reference: from now on any worker can resume this call."""
    values: dict[str, Any] = {
        "reference": pending.reference,
        "sent_at": func.coalesce(col(Call.sent_at), func.clock_timestamp()),
    }
    if pending.request_id:
        values["request_id"] = pending.request_id
    _write(session, claim, values)
    _tell(session, claim)


def progressed(session: Session, claim: Claim, percent: int) -> bool:
    """So much of work done here is done. False when a person has cancelled it meanwhile."""
    call = _locked(session, claim)
    if call.cancel_requested_at is not None:
        return False
    _write(session, claim, {"report": {"progress": percent}})
    _tell(session, claim)
    return True


def cancelled(session: Session, claim: Claim) -> None:
    """End a call that was cancelled before anything was bought."""
    _end(session, claim, CallState.CANCELLED, {"failure": FailureKind.CANCELLED})


def received(session: Session, claim: Claim) -> None:
    """The bytes are here and are being checked and stored."""
    _write(session, claim, {"received_at": func.clock_timestamp()})
    _tell(session, claim)


def succeed(session: Session, claim: Claim, done: Done, stored: Stored, *, saving: float = 0.0) -> UUID:
    """Picture, row, charge and end in one transaction. Returns the image's id. Raises Fenced.

    `saving` is the seconds since the bytes came, for calls too quick for `received` to be told apart.
    """
    call = _locked(session, claim)
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
    call = _locked(session, claim)
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
    _write(session, claim, values)
    _tell(session, claim)


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


def _locked(session: Session, claim: Claim) -> Call:
    """The call's row, locked, if this attempt still owns it. Raises Fenced."""
    call = session.get(Call, claim.call_id, with_for_update=True, populate_existing=True)
    if call is None or call.state != CallState.RUNNING or call.attempt != claim.attempt:
        raise Fenced(claim.call_id)
    return call


def _end(session: Session, claim: Claim, state: CallState, values: Mapping[str, Any]) -> None:
    """Write the call's one end and move its credits, together."""
    ended = {"state": state, "finished_at": func.clock_timestamp(), "lease_until": None, "failure": None}
    _write(session, claim, ended | dict(values))
    if state is CallState.SUCCEEDED:
        credits.settle(session, claim.user_id, claim.call_id)
    else:
        credits.release(session, claim.user_id, claim.call_id)
    _tell(session, claim)


def _write(session: Session, claim: Claim, values: Mapping[str, Any]) -> None:
    result = session.execute(
        update(Call)
        .where(
            col(Call.id) == claim.call_id,
            col(Call.attempt) == claim.attempt,
            col(Call.state) == CallState.RUNNING,
        )
        .values(**values)
        .returning(col(Call.id))
        .execution_options(synchronize_session=False)
    )
    if result.scalar_one_or_none() is None:
        raise Fenced(claim.call_id)


def _tell(session: Session, claim: Claim) -> None:
    if claim.job_id is not None:
        events.job_changed(session, claim.user_id, claim.job_id)
    else:
        events.call_changed(session, claim.user_id, claim.call_id)
