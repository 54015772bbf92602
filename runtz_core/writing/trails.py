"""Old gradings: every prompt that was marked, with the totals of its rounds, newest first."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, or_, select, tuple_
from sqlmodel import Session, col

from runtz_core.jobs.cards import epoch
from runtz_core.jobs.models import Call
from runtz_core.jobs.service import owned_job
from runtz_core.writing.models import Grading, GradingRound
from runtz_core.writing.writers import label_of


@dataclass(frozen=True, kw_only=True)
class Trail:
    """One grading as a line of the list."""

    grading_id: str
    at: float  # epoch seconds
    idea: str
    grader: str
    simulated: bool
    trail: str  # "61, 74, 88"; "–" for a round without marks
    best: int  # the highest total; -1 when nothing was graded


def trails(
    session: Session,
    user_id: UUID,
    *,
    job_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = 10,
) -> tuple[list[Trail], str]:
    """A page of a person's gradings, and the id after which the next one begins ("" at the end).

    With `job_id` only those that marked, or made, exactly that job's prompt. Raises NotFound for somebody else's job.
    """
    words = owned_job(session, user_id, job_id).prompt if job_id else ""
    query = (
        select(Grading)
        .where(col(Grading.user_id) == user_id)
        .order_by(col(Grading.created_at).desc(), col(Grading.id).desc())
        .limit(limit + 1)
    )
    if words:
        made = exists().where(
            col(GradingRound.grading_id) == col(Grading.id), col(GradingRound.prompt) == words
        )
        query = query.where(or_(col(Grading.idea) == words, made))
    last = session.get(Grading, before) if before else None
    if last is not None and last.user_id == user_id:
        query = query.where(tuple_(col(Grading.created_at), col(Grading.id)) < (last.created_at, last.id))
    found = list(session.execute(query).scalars())
    shown = found[:limit]
    rounds: dict[UUID, list[tuple[GradingRound, bool]]] = defaultdict(list)
    rows = session.execute(
        select(GradingRound, col(Call.simulated))
        .outerjoin(Call, col(Call.id) == col(GradingRound.call_id))
        .where(col(GradingRound.grading_id).in_([one.id for one in shown]))
        .order_by(col(GradingRound.position))
    )
    for row, simulated in rows:
        rounds[row.grading_id].append((row, bool(simulated)))
    following = str(shown[-1].id) if len(found) > limit else ""
    return [_trail(one, rounds[one.id]) for one in shown], following


def _trail(grading: Grading, rounds: list[tuple[GradingRound, bool]]) -> Trail:
    totals = [row.marks["total"] if row.marks else None for row, _ in rounds]
    return Trail(
        grading_id=str(grading.id),
        at=epoch(grading.created_at),
        idea=grading.idea,
        grader=label_of(grading.grader),
        simulated=any(simulated for _, simulated in rounds),
        trail=", ".join("–" if total is None else str(total) for total in totals),
        best=max((total for total in totals if total is not None), default=-1),
    )
