"""A person's jobs and batches as one list: a batch is one line of it."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import Session, col

from runtz_core import words
from runtz_core.batches.queries import counted, tallies
from runtz_core.connections.catalog import names
from runtz_core.jobs import cards, queries
from runtz_core.jobs.models import Batch
from runtz_core.jobs.views import JobRow


def history(session: Session, user_id: UUID, *, before: UUID | None = None, limit: int = 30) -> list[JobRow]:
    """Jobs and batches together, newest first, older than the one called `before`. A batch is one row."""
    jobs = queries.history(session, user_id, before=before, limit=limit)
    query = select(Batch).where(col(Batch.user_id) == user_id)
    if before is not None:
        query = query.where(col(Batch.id) < before)
    batches = list(session.execute(query.order_by(col(Batch.id).desc()).limit(limit)).scalars())
    both = [*jobs, *_rows(session, batches)]
    return sorted(both, key=lambda row: row.batch_id or row.job_id, reverse=True)[:limit]


_THUMBS = text("""
SELECT batch.id AS batch_id, newest.id AS image_id FROM unnest(CAST(:batch_ids AS uuid[])) AS batch(id)
CROSS JOIN LATERAL (
  SELECT images.id FROM jobs JOIN calls ON calls.job_id = jobs.id JOIN images ON images.call_id = calls.id
  WHERE jobs.batch_id = batch.id AND images.deleted_at IS NULL
  ORDER BY images.kept DESC, jobs.batch_row, calls.position LIMIT 4
) AS newest
""")


def _rows(session: Session, batches: Sequence[Batch]) -> list[JobRow]:
    ids = [batch.id for batch in batches]
    found_tallies = tallies(session, ids) if ids else {}
    thumbs: dict[UUID, list[str]] = defaultdict(list)
    for row in session.execute(_THUMBS, {"batch_ids": ids}) if ids else ():
        thumbs[row.batch_id].append(f"/api/images/{row.image_id}.webp?w=320")
    labels = names(session)
    found = []
    for batch in batches:
        tally = found_tallies[batch.id]
        outcomes = counted(tally)
        found.append(
            JobRow(
                job_id=str(batch.id),
                batch_id=str(batch.id),
                short_id=cards.short_id(batch.id),
                prompt=batch.name,
                ratio=batch.ratio,
                created_at=cards.epoch(batch.created_at),
                summary=f"{batch.prompts:,} prompts: {words.counts(**outcomes)}",
                working=outcomes["working"],
                needs_you=outcomes["needs_you"],
                credits=int(tally.get("ready", {}).get("charged") or 0),
                thumbs=thumbs[batch.id],
                model_labels=list(dict.fromkeys(labels.model(choice["model"]) for choice in batch.models)),
            )
        )
    return found
