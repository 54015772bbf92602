"""Uses of saved prompts: which jobs ran from them, every picture they made, what the kept ones cost, what ran last."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlmodel import Session, col

from runtz_core.jobs.models import Job
from runtz_core.prompts.library import owned
from runtz_core.prompts.models import PromptUse, SavedPrompt

RECENT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a saved prompt has made, and what each kept picture of it cost. Credits; 0 while none is kept."""

    jobs: int
    pictures: int
    kept: int
    credits: int
    per_kept: int
    image_ids: list[str]


def record_uses(session: Session, user_id: UUID, jobs: Mapping[UUID, UUID]) -> None:
    """Note that jobs (job → prompt) were run from saved prompts. Raises NotFound for somebody else's."""
    counted: dict[UUID, int] = {}
    for prompt_id in jobs.values():
        counted[prompt_id] = counted.get(prompt_id, 0) + 1
    rows = {prompt_id: owned(session, user_id, prompt_id, lock=True) for prompt_id in sorted(counted)}
    uses = [
        {"job_id": job_id, "prompt_id": prompt_id, "version": rows[prompt_id].version}
        for job_id, prompt_id in jobs.items()
    ]
    if uses:
        session.connection().execute(insert(PromptUse.metadata.tables["prompt_uses"]), uses)
    for prompt_id, times in counted.items():
        session.execute(
            update(SavedPrompt)
            .where(col(SavedPrompt.id) == prompt_id)
            .values(uses=col(SavedPrompt.uses) + times, used_at=func.clock_timestamp())
            .execution_options(synchronize_session=False)
        )


_OUTCOME = text("""
SELECT count(DISTINCT used.job_id) AS jobs,
  count(images.id) FILTER (WHERE images.deleted_at IS NULL) AS pictures,
  count(images.id) FILTER (WHERE images.deleted_at IS NULL AND images.kept) AS kept,
  coalesce(sum(calls.credits) FILTER (WHERE calls.state = 'succeeded'), 0) AS credits
FROM prompt_uses AS used JOIN calls ON calls.job_id = used.job_id AND calls.kind = 'generate'
LEFT JOIN images ON images.call_id = calls.id
WHERE used.prompt_id = :prompt_id
""")

_PICTURES = text("""
SELECT images.id FROM prompt_uses AS used JOIN calls ON calls.job_id = used.job_id
JOIN images ON images.call_id = calls.id
WHERE used.prompt_id = :prompt_id AND images.deleted_at IS NULL AND images.user_id = :user_id
ORDER BY images.kept DESC, images.id DESC LIMIT 5000
""")


def outcome(session: Session, user_id: UUID, prompt_id: UUID) -> Outcome:
    """Every picture it made and what the kept ones cost. Raises NotFound."""
    owned(session, user_id, prompt_id)
    row = session.execute(_OUTCOME, {"prompt_id": prompt_id}).one()
    pictures = session.execute(_PICTURES, {"prompt_id": prompt_id, "user_id": user_id})
    return Outcome(
        jobs=row.jobs,
        pictures=row.pictures,
        kept=row.kept,
        credits=int(row.credits),
        per_kept=round(row.credits / row.kept) if row.kept else 0,
        image_ids=[str(one.id) for one in pictures],
    )


def recent(session: Session, user_id: UUID) -> list[str]:
    """What this person ran last, each once, the newest first: what ↑ recalls in the empty box."""
    rows = session.execute(
        select(col(Job.prompt))
        .where(col(Job.user_id) == user_id, col(Job.batch_id).is_(None), col(Job.prompt) != "")
        .order_by(col(Job.id).desc())
        .limit(4 * RECENT)
    ).scalars()
    return list(dict.fromkeys(rows))[:RECENT]
