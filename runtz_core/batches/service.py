"""Many jobs as one batch: drawn up, priced, and written with all their holds in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from runtz_core import events, queue
from runtz_core.batches.sheet import Row
from runtz_core.credits import rules
from runtz_core.ids import new_id
from runtz_core.jobs import requests, service
from runtz_core.jobs.booking import check_limits, hold, today_in
from runtz_core.jobs.models import Batch, Call, Job
from runtz_core.jobs.requests import ModelChoice, Submission, SubmissionRefused
from runtz_core.jobs.service import NotFound, Ready
from runtz_core.prompts import uses
from runtz_core.settings import Limits, Settings, get_settings
from runtz_core.users.models import Role, User

NAME_CHARS = 200
WAKE = 8  # ids in the message that wakes a worker: it claims whatever is due


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Many prompts for the same models. `submission_key` makes a repeated click the same batch."""

    submission_key: str
    rows: tuple[Row, ...]
    models: tuple[ModelChoice, ...]
    name: str = ""
    source: str = "pasted"
    ratio: str = "1:1"
    samples: int = 1
    seed: int | None = None
    negative: str = ""
    confirmed: bool = False


def most_jobs(session: Session, user_id: UUID, limits: Limits) -> int:
    """How many prompts this person may submit at once."""
    role = session.execute(select(col(User.role)).where(col(User.id) == user_id)).scalar_one_or_none()
    return limits.batch_jobs_owner if role == Role.OWNER else limits.batch_jobs


def submit(session: Session, user_id: UUID, order: Order, *, today: date | None = None) -> UUID:
    """Make all jobs with all their calls and hold all their credits, or nothing. The same key is the same batch.

    Raises SubmissionRefused, ConfirmationNeeded and what `booking.hold` raises; then nothing was changed.
    """
    settings = get_settings()
    check_size(session, user_id, order, settings.limits)
    batch_id = new_id()
    if not _open(session, user_id, batch_id, order):
        found = select(col(Batch.id)).where(
            col(Batch.user_id) == user_id, col(Batch.submission_key) == order.submission_key
        )
        existing: UUID = session.execute(found).scalar_one()
        return existing
    jobs, calls = drawn_up(session, settings, user_id, batch_id, order)
    check_limits(session, user_id, calls, confirmed=order.confirmed)
    session.connection().execute(insert(Job.metadata.tables["jobs"]), jobs)
    saved = {job["id"]: row.prompt_id for job, row in zip(jobs, order.rows, strict=True)}
    uses.record_uses(session, user_id, {job: prompt for job, prompt in saved.items() if prompt})
    book(session, user_id, batch_id, calls, today or today_in(settings))
    return batch_id


def check_size(session: Session, user_id: UUID, order: Order, limits: Limits) -> None:
    """Raises SubmissionRefused when a batch is empty or too large."""
    most = most_jobs(session, user_id, limits)
    if not order.rows:
        raise SubmissionRefused("There is no prompt in this batch; write one on each line.")
    if len(order.rows) > most:
        raise SubmissionRefused(
            f"That is {len(order.rows):,} prompts; a batch takes {most:,}. Split it. Nothing was charged."
        )
    pictures = len(order.rows) * len(order.models) * order.samples
    if pictures > limits.batch_pictures:
        raise SubmissionRefused(
            f"That is {pictures:,} pictures; a batch makes {limits.batch_pictures:,} at most. "
            "Use fewer prompts, models or samples. Nothing was charged."
        )


def drawn_up(
    session: Session, settings: Settings, user_id: UUID, batch_id: UUID, order: Order
) -> tuple[list[dict[str, Any]], list[Call]]:
    """The rows of all jobs, and all calls, nothing written. Raises SubmissionRefused naming the row."""
    known = rules.rules(session)
    models = [service.ready(session, settings, user_id, choice, known) for choice in order.models]
    jobs: list[dict[str, Any]] = []
    calls: list[Call] = []
    ids = sorted(new_id() for _ in order.rows)
    for number, (job_id, row) in enumerate(zip(ids, order.rows, strict=True), 1):
        submission = _submission(order, row, number)
        try:
            requests.check_submission(submission, settings.limits)
            calls += _calls(user_id, job_id, submission, models)
        except SubmissionRefused as refused:
            raise SubmissionRefused(f"Line {row.line or number}: {refused.problem}") from None
        jobs.append(_job(user_id, batch_id, job_id, number, submission))
    return jobs, calls


def _calls(user_id: UUID, job_id: UUID, submission: Submission, models: Sequence[Ready]) -> list[Call]:
    return [
        call
        for position, model in enumerate(models)
        for call in service.calls_for(user_id, job_id, submission, position, model)
    ]


def _submission(order: Order, row: Row, number: int) -> Submission:
    return Submission(
        submission_key=f"{order.submission_key[:180]}/{number}",
        prompt=row.prompt,
        models=order.models,
        ratio=row.ratio or order.ratio,
        samples=order.samples,
        seed=order.seed if row.seed is None else row.seed,
        negative=row.negative or order.negative or None,
        confirmed=True,
    )


def _job(user_id: UUID, batch_id: UUID, job_id: UUID, number: int, submission: Submission) -> dict[str, Any]:
    return {
        "id": job_id,
        "user_id": user_id,
        "submission_key": submission.submission_key,
        "prompt": submission.prompt.strip(),
        "negative": (submission.negative or "").strip() or None,
        "ratio": submission.ratio,
        "samples": submission.samples,
        "seed": submission.seed,
        "models": _models(submission.models),
        "batch_id": batch_id,
        "batch_row": number,
    }


def _models(choices: Sequence[ModelChoice]) -> list[dict[str, str]]:
    return [{"model": choice.model, "tier": choice.tier} for choice in choices]


def _open(session: Session, user_id: UUID, batch_id: UUID, order: Order) -> bool:
    """Whether the batch is new. A twin with the same key waits here until the first commits."""
    if not 1 <= len(order.submission_key) <= 180:
        raise SubmissionRefused("The page sent no submission key; reload it and run again.")
    table = Batch.metadata.tables["batches"]
    made = session.connection().execute(
        upsert(table)
        .values(
            id=batch_id,
            user_id=user_id,
            submission_key=order.submission_key,
            name=named(order),
            source=order.source,
            prompts=len(order.rows),
            pictures=len(order.rows) * len(order.models) * order.samples,
            models=_models(order.models),
            ratio=order.ratio,
            samples=order.samples,
        )
        .on_conflict_do_nothing(index_elements=["user_id", "submission_key"])
        .returning(table.c.id)
    )
    return made.first() is not None


def named(order: Order) -> str:
    """What the batch is called: what the person wrote, else how its first prompt begins."""
    written = " ".join(order.name.split())[:NAME_CHARS]
    if written:
        return requests.check_words(written, "name", get_settings().limits)
    first = " ".join(order.rows[0].prompt.split())
    return f"{first[:60]}…" if len(first) > 60 else first


def book(session: Session, user_id: UUID, batch_id: UUID, calls: Sequence[Call], today: date) -> None:
    """Write calls of a batch and hold their credits, then wake a worker. Raises what `booking.hold` raises."""
    hold(session, user_id, calls, today=today)
    queue.send_after_commit(session, queue.Task.RUN_CALLS, [call.id for call in calls[:WAKE]])
    events.batch_changed(session, user_id, batch_id)


def owned(session: Session, user_id: UUID, batch_id: UUID, *, lock: bool = False) -> Batch:
    """The batch, if it is this person's. Raises NotFound."""
    batch = session.get(Batch, batch_id, with_for_update=lock or None, populate_existing=lock)
    if batch is None or batch.user_id != user_id:
        raise NotFound(batch_id)
    return batch


def of_batch(batch_id: UUID) -> ColumnElement[bool]:
    """The condition that chooses a batch's calls."""
    jobs = select(col(Job.id)).where(col(Job.batch_id) == batch_id)
    return col(Call.job_id).in_(jobs)


def newest() -> ColumnElement[bool]:
    """The condition that leaves out calls that were tried again."""
    later = aliased(Call)
    return ~exists().where(col(later.retry_of) == col(Call.id))
