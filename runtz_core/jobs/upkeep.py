"""The loops' work: send again what was lost, end what was left behind. One worker at a time does it (D3)."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select, text
from sqlmodel import Session, col

from runtz_core import events
from runtz_core.crashpoints import crashpoint
from runtz_core.credits import service as credits
from runtz_core.failures import FailureKind
from runtz_core.jobs.models import UNFINISHED, Call, CallState
from runtz_core.jobs.pausing import HELD, is_paused

_UPKEEP_LOCK = 0x52554E02


def is_mine(session: Session) -> bool:
    """Whether this transaction does the upkeep now; another worker's does otherwise."""
    return bool(
        session.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _UPKEEP_LOCK}).scalar_one()
    )


def forgotten(session: Session, *, after: float, limit: int = 500) -> list[UUID]:
    """Calls that have been due for `after` seconds and that nobody took: their message was lost, or lanes are full."""
    return list(
        session.execute(
            select(col(Call.id))
            .where(
                col(Call.state) == CallState.QUEUED,
                col(Call.not_before) <= func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, after),
            )
            .order_by(col(Call.created_at), col(Call.id))
            .limit(limit)
        ).scalars()
    )


def reap(session: Session, *, attempts: int, dead: Collection[str] = (), limit: int = 100) -> int:
    """End or requeue calls whose lease ran out, and those of `dead` workers. Returns how many.

    With a reference a call goes on where it was. Before the request was sent it starts again, at most `attempts`
    times. In between nobody can say whether the vendor drew and billed: that is an end of its own.
    """
    calls = session.execute(
        select(Call)
        .where(
            col(Call.state) == CallState.RUNNING,
            (col(Call.lease_until) < func.clock_timestamp()) | col(Call.worker).in_(dead),
        )
        .order_by(col(Call.lease_until))
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).scalars()
    reaped = list(calls)
    ended = [call for call in reaped if _reap(session, call, attempts)]
    session.flush()
    credits.release_all(session, {call.id: call.user_id for call in ended})
    crashpoint("reap")
    return len(reaped)


def end_what_was_under_way(session: Session, detail: str) -> int:
    """After a restore: what was not sent then may have been since, so it is not sent by itself. Returns how many.

    What has a reference goes on by it. The rest ends as of unknown outcome and gives its hold back.
    """
    calls = (
        session.execute(
            select(Call)
            .where(col(Call.state).in_(UNFINISHED), col(Call.reference).is_(None))
            .with_for_update()
        )
        .scalars()
        .all()
    )
    now = session.execute(select(func.clock_timestamp())).scalar_one()
    for call in calls:
        call.state, call.failure, call.failure_detail = (
            CallState.UNKNOWN,
            FailureKind.OUTCOME_UNKNOWN,
            detail[:300],
        )
        call.worker, call.lease_until, call.finished_at = None, None, now
        if not call.simulated:
            call.cost_usd_micros, call.cost_basis = call.price_usd_micros, "unknown"
    session.flush()
    credits.release_all(session, {call.id: call.user_id for call in calls})
    return len(calls)


def _reap(session: Session, call: Call, attempts: int) -> bool:
    """Whether that was the call's end."""
    call.worker = None
    call.lease_until = None
    now = session.execute(select(func.clock_timestamp())).scalar_one()
    if call.reference is not None or (call.intent_at is None and call.attempt < attempts):
        call.state = CallState.QUEUED
        call.not_before = now if call.reference or not is_paused(session, call.job_id) else HELD
    else:
        unknown = call.intent_at is not None
        call.state = CallState.UNKNOWN if unknown else CallState.FAILED
        call.failure = FailureKind.OUTCOME_UNKNOWN if unknown else FailureKind.INTERNAL
        call.finished_at = now
        if unknown and not call.simulated:
            call.cost_usd_micros, call.cost_basis = call.price_usd_micros, "unknown"
    if call.job_id is not None:
        events.job_changed(session, call.user_id, call.job_id)
    else:
        events.call_changed(session, call.user_id, call.id)
    return call.state != CallState.QUEUED
