"""What the pages read: one job with its cards, the history, the running count."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy import bindparam, exists, func, select, text
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from runtz_core import events, words
from runtz_core.connections.catalog import Names, names
from runtz_core.failures import FailureKind
from runtz_core.images.models import Image
from runtz_core.jobs import cards
from runtz_core.jobs.history import usual_seconds
from runtz_core.jobs.models import UNFINISHED, Call, CallState, Job
from runtz_core.jobs.views import Card, JobRow, JobView

CallRow = tuple[Call, Image | None]


# In the order in which claiming takes them: people take turns (jobs/turns.py). One pass over each lane's queue.
_AHEAD = text("""
WITH used AS (SELECT DISTINCT lane FROM calls WHERE id = ANY(:ids)),
running AS (
  SELECT lane, user_id, count(*) AS mine FROM calls JOIN used USING (lane)
  WHERE state = 'running' GROUP BY lane, user_id
), turns AS (
  SELECT id, lane, created_at, coalesce(mine, 0) + row_number() OVER (
    PARTITION BY lane, user_id ORDER BY created_at, id) AS turn
  FROM calls JOIN used USING (lane) LEFT JOIN running USING (lane, user_id)
  WHERE state = 'queued' AND reference IS NULL AND not_before < '9999-01-01'
), places AS (
  SELECT id, lane, row_number() OVER (PARTITION BY lane ORDER BY turn, created_at, id) - 1 AS earlier FROM turns
)
SELECT id, earlier + coalesce((SELECT sum(mine) FROM running WHERE running.lane = places.lane), 0) AS ahead
FROM places WHERE id = ANY(:ids)
""")


# Made once: putting it together takes longer than running it, and every push to a page reads it.
_later = aliased(Call)
_LATEST = (
    select(Call, Image)
    .outerjoin(Image, col(Image.call_id) == col(Call.id))
    .where(
        col(Call.job_id).in_(bindparam("jobs", expanding=True)),
        (col(Call.state) == CallState.SUCCEEDED) | ~exists().where(col(_later.retry_of) == col(Call.id)),
    )
    .order_by(col(Call.job_id), col(Call.position), col(Call.sample), col(Call.created_at))
)
_RUNNING = select(func.count(func.distinct(col(Call.job_id)))).where(
    col(Call.user_id) == bindparam("person"), col(Call.state).in_(UNFINISHED)
)


def job_view(session: Session, user_id: UUID, job_id: UUID) -> JobView | None:
    """A job of this person with its cards in the order chosen; None when there is no such job for them."""
    job = session.get(Job, job_id)
    if job is None or job.user_id != user_id:
        return None
    rows = latest_calls(session, [job_id])
    return _view(job, rows, _cards(session, job, rows))


def _cards(session: Session, job: Job, rows: Sequence[CallRow]) -> list[Card]:
    calls = [row[0] for row in rows]
    under_way = (call for call in calls if call.state in UNFINISHED)  # only their clocks show it
    usual = usual_seconds(session, ((call.model, call.tier, call.simulated) for call in under_way))
    labels = names(session)
    behind = _waiting_behind(session, [call for call in calls if call.state == CallState.QUEUED])
    partials = _partials([call for call in calls if call.state == CallState.RUNNING])
    return [
        cards.card(
            job,
            call,
            image,
            names=labels,
            usual=usual,
            waiting_behind=behind.get(call.id, 0),
            partial=partials.get(call.id),
        )
        for call, image in rows
    ]


def latest_calls(session: Session, job_ids: Sequence[UUID]) -> Sequence[CallRow]:
    """Calls with their pictures, in card order. A retry stands in the place of its failure, and beside a picture."""
    return [(call, image) for call, image in session.execute(_LATEST, {"jobs": list(job_ids)})]


def _waiting_behind(session: Session, queued: Sequence[Call]) -> dict[UUID, int]:
    """How many calls of anybody are ahead of each, in its lane."""
    if not queued:
        return {}
    rows = session.execute(_AHEAD, {"ids": [call.id for call in queued]})
    return {row.id: int(row.ahead) for row in rows}


def _partials(running: Sequence[Call]) -> dict[UUID, int]:
    """Early pictures at hand. They are an extra: without Redis there are none."""
    with suppress(RedisError):
        return events.partial_indexes([call.id for call in running])
    return {}


def _view(job: Job, rows: Sequence[CallRow], shown: list[Card]) -> JobView:
    calls = [row[0] for row in rows]
    tally = _tally(calls)
    ends = [call.finished_at for call in calls]
    return JobView(
        job_id=str(job.id),
        short_id=cards.short_id(job.id),
        prompt=job.prompt,
        negative=job.negative or "",
        ratio=job.ratio,
        samples=job.samples,
        seed="" if job.seed is None else str(job.seed),
        created_at=cards.epoch(job.created_at),
        finished_at=0.0 if None in ends else max((cards.epoch(end) for end in ends), default=0.0),
        ready=tally["ready"],
        working=tally["working"],
        failed=tally["failed"] + tally["refused"],
        needs_you=tally["needs_you"],
        credits_charged=sum(call.credits for call in calls if call.state == CallState.SUCCEEDED),
        credits_held=sum(call.credits for call in calls if call.state in UNFINISHED),
        usd_micros=sum(call.cost_usd_micros or 0 for call in calls),
        summary=words.counts(**tally),
        cards=shown,
    )


def _tally(calls: Sequence[Call]) -> dict[str, int]:
    tally: dict[str, int] = defaultdict(int)
    for call in calls:
        tally[_column(call)] += 1
    return tally


def _column(call: Call) -> str:
    match call.state:
        case CallState.QUEUED | CallState.RUNNING:
            return "working"
        case CallState.SUCCEEDED:
            return "ready"
        case CallState.CANCELLED:
            return "cancelled"
        case CallState.UNKNOWN if call.resolution is None:
            return "needs_you"
        case _:
            return "refused" if call.failure == FailureKind.CONTENT_BLOCKED else "failed"


def latest_job_id(session: Session, user_id: UUID) -> UUID | None:
    """The newest job of this person that is no part of a batch."""
    return session.execute(
        select(col(Job.id))
        .where(col(Job.user_id) == user_id, col(Job.batch_id).is_(None))
        .order_by(col(Job.created_at).desc(), col(Job.id).desc())
        .limit(1)
    ).scalar_one_or_none()


def running_count(session: Session, user_id: UUID) -> int:
    """How many jobs of this person are still being worked on."""
    running: int = session.execute(_RUNNING, {"person": user_id}).scalar_one()
    return running


def history(session: Session, user_id: UUID, *, before: UUID | None = None, limit: int = 30) -> list[JobRow]:
    """This person's jobs, newest first, older than the job `before`. Those of batches are the batch's own affair."""
    query = select(Job).where(col(Job.user_id) == user_id, col(Job.batch_id).is_(None))
    if before is not None:
        # Ids are time-ordered, so they are the cursor.
        query = query.where(col(Job.id) < before)
    jobs = list(session.execute(query.order_by(col(Job.id).desc()).limit(limit)).scalars())
    rows: dict[UUID | None, list[CallRow]] = defaultdict(list)
    for row in latest_calls(session, [job.id for job in jobs]):
        rows[row[0].job_id].append(row)
    labels = names(session)
    return [_row(job, rows[job.id], labels) for job in jobs]


def _row(job: Job, rows: Sequence[CallRow], labels: Names) -> JobRow:
    calls = [row[0] for row in rows]
    tally = _tally(calls)
    pictures = [row[1] for row in rows if row[1] is not None and row[1].deleted_at is None]
    return JobRow(
        job_id=str(job.id),
        short_id=cards.short_id(job.id),
        prompt=job.prompt,
        ratio=job.ratio,
        created_at=cards.epoch(job.created_at),
        summary=words.counts(**tally),
        working=tally["working"],
        needs_you=tally["needs_you"],
        credits=sum(call.credits for call in calls if call.state == CallState.SUCCEEDED),
        thumbs=[f"/api/images/{image.id}.webp?w=320" for image in pictures[:4]],
        model_labels=list(dict.fromkeys(labels.model(call.model) for call in calls)),
    )
