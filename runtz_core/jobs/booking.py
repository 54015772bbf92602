"""Calls and their money in one step: confirmation, storage quota, hold and caps, all or nothing."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from runtz_core import events, queue, words
from runtz_core.connections.catalog import names
from runtz_core.credits import caps
from runtz_core.credits import service as credits
from runtz_core.jobs.models import Call
from runtz_core.jobs.requests import SubmissionRefused
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


def check_confirmed(session: Session, calls: Sequence[Call]) -> None:
    """Raises ConfirmationNeeded when the calls together are dearer than the house's limit."""
    above = session.execute(text("SELECT confirm_above FROM house_rules")).scalar_one()
    total = sum(call.credits for call in calls)
    if above is not None and total > above:
        usd_micros = sum(call.price_usd_micros for call in calls if not call.simulated)
        raise ConfirmationNeeded(total, above, usd_micros)


def book(session: Session, user_id: UUID, calls: Sequence[Call], *, today: date) -> None:
    """Write the calls, hold their credits, count them against the caps of `today`, and send them on.

    Raises SubmissionRefused (caps, storage) and credits.service.InsufficientCredits; the caller's transaction
    is then rolled back and nothing was spent.
    """
    for call in calls:
        call.spent_day = today if call.credits else None
    session.add_all(calls)
    session.flush()
    credits.reserve(session, user_id, {call.id: call.credits for call in calls})
    _count(session, user_id, calls, today)
    _check_room(session, user_id)
    queue.send_after_commit(session, queue.Task.RUN_CALLS, [call.id for call in calls])
    for job_id in {call.job_id for call in calls}:
        if job_id is not None:
            events.job_changed(session, user_id, job_id)


def _count(session: Session, user_id: UUID, calls: Sequence[Call], today: date) -> None:
    by_provider: Counter[str] = Counter()
    for call in calls:
        by_provider[call.provider] += call.credits
    try:
        caps.take(session, user_id, by_provider, today)
    except caps.CapReached as refused:
        provider = refused.reached.scope.partition(":")[2]
        raise DailyCapReached(refused.reached, names(session).provider(provider)) from None


# Bytes a person's pictures fill, and what those being made may fill: a byte a pixel, which is more than usual.
_ROOM = text("""
SELECT quota, (
  SELECT coalesce(sum(size), 0) FROM images JOIN blobs USING (sha256)
  WHERE images.user_id = :user_id AND deleted_at IS NULL
) AS used, (
  SELECT coalesce(sum((request ->> 'width')::bigint * (request ->> 'height')::bigint), 0) FROM calls
  WHERE calls.user_id = :user_id AND state IN ('queued', 'running')
) AS coming
FROM (
  SELECT coalesce(users.storage_quota, house_rules.person_storage_quota) AS quota
  FROM users, house_rules WHERE users.id = :user_id
) AS rule WHERE quota IS NOT NULL
""")


def _check_room(session: Session, user_id: UUID) -> None:
    """After the hold, whose lock makes a person's submissions wait for each other."""
    room = session.execute(_ROOM, {"user_id": user_id}).one_or_none()
    if room is not None and room.used + room.coming > room.quota:
        raise SubmissionRefused(words.no_room(int(room.used), int(room.coming), int(room.quota)))
