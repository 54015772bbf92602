"""Calls of a paused batch are due at the end of time, so nothing that looks for due calls sees them."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from runtz_core.jobs.models import Batch, Job

# Not Postgres' own "infinity", which Python cannot read.
HELD = datetime(9999, 1, 1, tzinfo=UTC)


def is_paused(session: Session, job_id: UUID | None, *, lock: bool = False) -> bool:
    """Whether a person holds the batch of this job.

    With `lock` that stays so until this transaction ends; only for those that hold no lock on a call yet, since
    pausing locks the batch before its calls.
    """
    if job_id is None:
        return False
    batch_id = select(col(Job.batch_id)).where(col(Job.id) == job_id).scalar_subquery()
    query = select(col(Batch.paused_at)).where(col(Batch.id) == batch_id)
    if lock:
        query = query.with_for_update(read=True)
    return session.execute(query).scalar_one_or_none() is not None
