"""What can change about providers without anybody's own job changing: how lanes do, and who waits where.

Values to compare with those of a moment ago; pages read the rest themselves.
"""

import math
from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from runtz_core.db import database_now
from runtz_core.flow import lanes
from runtz_core.flow.models import Lane
from runtz_core.jobs.standing import standing

_STEP = math.log(1.25)  # a latency that has changed by less is not news

Signs = Mapping[str, tuple[object, ...]]  # by lane

_QUEUES = text("""
SELECT lane, sum(running) AS running, sum(waiting) AS waiting, max(newest) AS newest FROM (
  SELECT lane, count(*) AS running, 0 AS waiting, max(intent_at) AS newest FROM calls
  WHERE state = 'running' GROUP BY lane
  UNION ALL
  SELECT lane, 0, count(*), NULL FROM calls WHERE state = 'queued' GROUP BY lane
) AS halves GROUP BY lane
""")

_WAITING = text(
    "SELECT DISTINCT job_id FROM calls WHERE job_id = ANY(:jobs) AND state = 'queued' AND lane = ANY(:lanes)"
)


def lane_signs(session: Session) -> Signs:
    """What pages say of every lane that was ever used; equal as long as they would say the same."""
    now = database_now(session)
    return {
        name: (
            standing(row, now).state,
            row.tripped_at,
            row.rests_until is not None and row.rests_until > now,
            row.paused_until if row.paused_until is not None and row.paused_until > now else None,
            row.room,
            row.refused_key,
            row.refusal_read_at,
            _step(row),
        )
        for name, row in lanes.lanes(session).items()
    }


def queue_signs(session: Session) -> Signs:
    """How many run and wait in every lane, and the moment the newest call left."""
    return {row.lane: (row.running, row.waiting, row.newest) for row in session.execute(_QUEUES)}


def waiting(session: Session, job_ids: Collection[UUID], names: Collection[str]) -> set[str]:
    """Those of the jobs that have a call waiting in one of the lanes."""
    if not job_ids or not names:
        return set()
    rows = session.execute(_WAITING, {"jobs": list(job_ids), "lanes": list(names)})
    return {str(row.job_id) for row in rows}


def changed(before: Signs, after: Signs) -> set[str]:
    """The lanes of which something else is to be said."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _step(row: Lane) -> int | None:
    return None if not row.latency else round(math.log(row.latency) / _STEP)
