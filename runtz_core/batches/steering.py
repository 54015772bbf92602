"""What a person does with a batch that runs: pause, resume, cancel the rest, retry, decide. Each is one transaction."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlmodel import Session, col

from runtz_core import events, queue
from runtz_core.batches.service import WAKE, book, newest, of_batch, owned
from runtz_core.credits import rules
from runtz_core.credits import service as credits
from runtz_core.failures import FailureKind
from runtz_core.jobs import service
from runtz_core.jobs.booking import check_limits, today_in
from runtz_core.jobs.models import UNFINISHED, Batch, Call, CallKind, CallState
from runtz_core.jobs.pausing import HELD
from runtz_core.jobs.requests import ModelChoice, SubmissionRefused
from runtz_core.jobs.resolution import Resolution
from runtz_core.jobs.service import Ready
from runtz_core.settings import get_settings

Which = Literal["failed", "cancelled"]


def pause(session: Session, user_id: UUID, batch_id: UUID) -> int:
    """Send nothing more until it is resumed; what is under way goes on. Returns how many wait. Raises NotFound."""
    batch = owned(session, user_id, batch_id, lock=True)
    session.execute(update(Batch).where(col(Batch.id) == batch.id).values(paused_at=func.clock_timestamp()))
    waiting = (of_batch(batch_id), col(Call.state) == CallState.QUEUED, col(Call.reference).is_(None))
    held = session.execute(
        update(Call)
        .where(*waiting)
        .values(not_before=HELD)
        .returning(col(Call.id))
        .execution_options(synchronize_session=False)
    ).all()
    events.batch_changed(session, user_id, batch_id)
    return len(held)


def resume(session: Session, user_id: UUID, batch_id: UUID) -> int:
    """Go on. Returns how many calls are due again. Raises NotFound."""
    batch = owned(session, user_id, batch_id, lock=True)
    session.execute(update(Batch).where(col(Batch.id) == batch.id).values(paused_at=None))
    due = session.execute(
        update(Call)
        .where(of_batch(batch_id), col(Call.state) == CallState.QUEUED, col(Call.not_before) == HELD)
        .values(not_before=func.clock_timestamp())
        .returning(col(Call.id))
        .execution_options(synchronize_session=False)
    ).all()
    if due:
        queue.send_after_commit(session, queue.Task.RUN_CALLS, [row.id for row in due[:WAKE]])
    events.batch_changed(session, user_id, batch_id)
    return len(due)


def cancel_rest(session: Session, user_id: UUID, batch_id: UUID) -> int:
    """Give back what was not sent yet, and ask the rest to stop. Returns how many ended. Raises NotFound."""
    owned(session, user_id, batch_id, lock=True)
    unfinished = session.execute(
        select(col(Call.id), col(Call.state), col(Call.reference))
        .where(of_batch(batch_id), col(Call.state).in_(UNFINISHED))
        .order_by(col(Call.id))
        .with_for_update()
    ).all()
    ended = [row.id for row in unfinished if row.state == CallState.QUEUED and row.reference is None]
    now = func.clock_timestamp()
    _set(session, [row.id for row in unfinished], cancel_requested_at=now)
    _set(session, ended, state=CallState.CANCELLED, failure=FailureKind.CANCELLED, finished_at=now)
    credits.release_all(session, dict.fromkeys(ended, user_id))
    session.execute(update(Batch).where(col(Batch.id) == batch_id).values(cancelled_at=now, paused_at=None))
    events.batch_changed(session, user_id, batch_id)
    return len(ended)


def _set(session: Session, call_ids: Sequence[UUID], **values: Any) -> None:
    if call_ids:
        session.execute(
            update(Call)
            .where(col(Call.id).in_(call_ids))
            .values(**values)
            .execution_options(synchronize_session=False)
        )


def retriable(which: Which) -> ColumnElement[bool]:
    """Which of the newest calls can be tried again. A refusal for its content would only be one again."""
    pictures = col(Call.kind) == CallKind.GENERATE
    if which == "cancelled":
        return pictures & (col(Call.state) == CallState.CANCELLED)
    failed = (col(Call.state) == CallState.FAILED) & (
        func.coalesce(col(Call.failure), "") != FailureKind.CONTENT_BLOCKED
    )
    settled = (col(Call.state) == CallState.UNKNOWN) & col(Call.resolution).is_not(None)
    return pictures & or_(failed, settled)


def retry(
    session: Session,
    user_id: UUID,
    batch_id: UUID,
    *,
    which: Which = "failed",
    confirmed: bool = False,
    today: date | None = None,
) -> int:
    """New calls for all that failed, or that were cancelled, at today's prices. Returns how many.

    Raises NotFound, SubmissionRefused, ConfirmationNeeded and what `booking.hold` raises; then nothing was changed.
    """
    batch = owned(session, user_id, batch_id, lock=True)
    calls = session.execute(
        select(Call)
        .where(of_batch(batch_id), newest(), retriable(which))
        .order_by(col(Call.id))
        .with_for_update()
    ).scalars()
    settings, known = get_settings(), rules.rules(session)
    models: dict[tuple[str, str], Ready] = {}
    fresh: list[Call] = []
    for call in calls:
        key = (call.model, call.tier)
        if key not in models:
            choice = ModelChoice(model=call.model, tier=call.tier)
            models[key] = service.ready(session, settings, user_id, choice, known)
        fresh.append(service.again(call, models[key]))
    if not fresh:
        raise SubmissionRefused("There is nothing to try again. Nothing was charged.")
    check_limits(session, user_id, fresh, confirmed=confirmed)
    book(session, user_id, batch_id, fresh, today or today_in(settings))
    if batch.paused_at is not None:
        _set(session, [call.id for call in fresh], not_before=HELD)
    return len(fresh)


def decide(session: Session, user_id: UUID, batch_id: UUID, resolution: Resolution) -> int:
    """Settle every unknown outcome of the batch alike, as the person found out. Returns how many. Raises NotFound."""
    owned(session, user_id, batch_id)
    unknown = (of_batch(batch_id), col(Call.state) == CallState.UNKNOWN, col(Call.resolution).is_(None))
    cost = col(Call.price_usd_micros) if resolution is Resolution.BILLED else 0
    settled = 0
    for simulated, values in ((True, {}), (False, {"cost_usd_micros": cost, "cost_basis": "person"})):
        settled += len(
            session.execute(
                update(Call)
                .where(*unknown, col(Call.simulated) == simulated)
                .values(resolution=resolution, resolved_at=func.clock_timestamp(), **values)
                .returning(col(Call.id))
                .execution_options(synchronize_session=False)
            ).all()
        )
    events.batch_changed(session, user_id, batch_id)
    return settled
