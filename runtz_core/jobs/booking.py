"""Calls and their money in one step: confirmation, storage quota, hold and caps, all or nothing."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Session, col

from runtz_core import events, queue, words
from runtz_core.connections.catalog import names
from runtz_core.credits import caps
from runtz_core.credits import service as credits
from runtz_core.credits.service import Hold
from runtz_core.ids import new_id
from runtz_core.jobs import quota
from runtz_core.jobs.models import Call, Job
from runtz_core.jobs.requests import Submission, SubmissionRefused
from runtz_core.settings import Settings


class DailyCapReached(SubmissionRefused):
    """A daily cap would be exceeded; `reached` says which. Nothing was spent."""

    def __init__(self, reached: caps.Cap, provider: str) -> None:
        super().__init__(
            words.cap_reached(
                reached.scope, provider, cap=reached.cap, spent=reached.spent, asked=reached.asked
            )
        )
        self.reached = reached


class ConfirmationNeeded(Exception):
    """The run is dearer than the house lets pass unasked. Nothing was changed; submit it again, confirmed."""

    def __init__(self, total: int, above: int, usd_micros: int) -> None:
        super().__init__(total, above, usd_micros)
        self.total = total  # credits
        self.above = above
        self.usd_micros = usd_micros  # at the vendors, by our price list


def today_in(settings: Settings) -> date:
    """The day it is in the house's time zone, which every rule "per day" goes by."""
    return datetime.now(settings.zone).date()


def open_job(session: Session, user_id: UUID, submission: Submission) -> tuple[UUID, bool]:
    """The job's id, and whether it is new. A twin with the same key waits here until the first commits."""
    job_id = new_id()
    made = session.connection().execute(
        upsert(_JOBS)
        .values(
            id=job_id,
            user_id=user_id,
            submission_key=submission.submission_key,
            prompt=submission.prompt.strip(),
            negative=(submission.negative or "").strip() or None,
            ratio=submission.ratio,
            samples=submission.samples,
            seed=submission.seed,
            models=[{"model": choice.model, "tier": choice.tier} for choice in submission.models],
            remix=submission.remix,
            strength=submission.strength,
            writing=submission.writing.as_json() if submission.writing else None,
        )
        .on_conflict_do_nothing(index_elements=["user_id", "submission_key"])
        .returning(_JOBS.c.id)
    )
    if made.first() is not None:
        return job_id, True
    found = select(col(Job.id)).where(
        col(Job.user_id) == user_id, col(Job.submission_key) == submission.submission_key
    )
    existing: UUID = session.execute(found).scalar_one()
    return existing, False


def check_limits(session: Session, user_id: UUID, calls: Sequence[Call], *, confirmed: bool) -> None:
    """What the house asks before anything is spent. Raises ConfirmationNeeded, SubmissionRefused (storage)."""
    house = session.execute(_LIMITS, {"user_id": user_id}).one()
    if house.quota is not None:
        quota.check_room(session, user_id, sum(quota.expected_bytes(call) for call in calls))
    total = sum(call.credits for call in calls)
    if not confirmed and house.confirm_above is not None and total > house.confirm_above:
        usd_micros = sum(call.price_usd_micros for call in calls if not call.simulated)
        raise ConfirmationNeeded(total, house.confirm_above, usd_micros)


_LIMITS = text("""
SELECT confirm_above, coalesce(storage_quota, person_storage_quota) AS quota
FROM house_rules, users WHERE users.id = :user_id
""")


def book(session: Session, user_id: UUID, calls: Sequence[Call], *, today: date) -> None:
    """Write and pay for calls, and send them on once that is durable. Raises what `hold` raises."""
    hold(session, user_id, calls, today=today)
    queue.send_after_commit(session, queue.Task.RUN_CALLS, [call.id for call in calls])
    for job_id in {call.job_id for call in calls}:
        if job_id is not None:
            events.job_changed(session, user_id, job_id)


def hold(session: Session, user_id: UUID, calls: Sequence[Call], *, today: date) -> None:
    """Write the calls, hold their credits and count them against the caps of `today`.

    Raises DailyCapReached and credits.service.InsufficientCredits; the caller's transaction is then rolled back
    and nothing was spent.
    """
    for call in calls:
        call.spent_day = today if call.credits else None
    rows = [{name: getattr(call, name) for name in _WRITTEN} for call in calls]
    session.connection().execute(insert(_CALLS), rows)
    try:
        credits.reserve(
            session, user_id, {call.id: Hold(call.credits, call.provider) for call in calls}, day=today
        )
    except caps.CapReached as refused:
        provider = refused.reached.scope.partition(":")[2]
        raise DailyCapReached(refused.reached, names(session).provider(provider)) from None


# Written past the mapper: these are the hottest writes of all, and nothing reads the objects again.
_JOBS = Job.metadata.tables["jobs"]
_CALLS = Call.metadata.tables["calls"]
_WRITTEN = [column.name for column in _CALLS.columns if column.server_default is None]
