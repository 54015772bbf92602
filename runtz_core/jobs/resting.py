"""Calls for a provider that is left alone for a while: they are told so at once instead of waiting for it."""

from sqlalchemy import text, update
from sqlmodel import Session, col

from runtz_core import events, words
from runtz_core.credits import service as credits
from runtz_core.failures import FailureKind
from runtz_core.jobs.models import Call, CallState

# A batch is not watched, so it waits; and a provider that is only over its limit is worth waiting for.
_TURNED_AWAY = text("""
SELECT calls.id, calls.user_id, calls.job_id, rests_until - clock_timestamp() AS rest
FROM lanes JOIN calls ON calls.lane = lanes.lane AND calls.state = 'queued' AND calls.reference IS NULL
LEFT JOIN jobs ON jobs.id = calls.job_id
WHERE rests_until > clock_timestamp() AND tripped_by <> :only_busy
  AND calls.not_before <= clock_timestamp() AND jobs.batch_id IS NULL
ORDER BY calls.id LIMIT :limit FOR UPDATE OF calls SKIP LOCKED
""")


def turn_away(session: Session, *, limit: int = 200) -> int:
    """End what waits for a provider that rests, unsent and for nothing. Returns how many calls that were."""
    rows = session.execute(_TURNED_AWAY, {"only_busy": FailureKind.RATE_LIMITED, "limit": limit}).all()
    if not rows:
        return 0
    for row in rows:
        session.execute(
            update(Call)
            .where(col(Call.id) == row.id)
            .values(
                state=CallState.FAILED,
                failure=FailureKind.PROVIDER_DOWN,
                failure_detail=words.resting(row.rest.total_seconds()),
                finished_at=text("clock_timestamp()"),
            )
            .execution_options(synchronize_session=False)
        )
        if row.job_id is not None:
            events.job_changed(session, row.user_id, row.job_id)
    credits.release_all(session, {row.id: row.user_id for row in rows})
    return len(rows)
