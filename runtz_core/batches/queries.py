"""What the pages read of batches: the list among jobs, one with its counts, and its grid by the page."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import Session, col

from runtz_core import words
from runtz_core.batches import estimate
from runtz_core.batches.service import newest, of_batch, owned
from runtz_core.batches.steering import Which, retriable
from runtz_core.connections.catalog import Names, names
from runtz_core.db import database_now
from runtz_core.failures import FailureKind
from runtz_core.flow import lanes
from runtz_core.images.models import Image
from runtz_core.jobs import cards, queries
from runtz_core.jobs.models import UNFINISHED, Batch, Call, CallState, Job
from runtz_core.jobs.standing import standing
from runtz_core.settings import Settings

Filter = Literal["all", "ready", "working", "failed", "needs_you", "kept"]
FILTERS = get_args(Filter)
ROWS_AT_ONCE = 60


@dataclass(frozen=True, kw_only=True)
class BatchView:
    """One batch as its page shows it. Times are epoch seconds, 0 is not yet; money credits and micro-dollars."""

    batch_id: str
    short_id: str
    name: str
    source: str
    state: str  # "running", "paused", "cancelled" or "finished"
    created_at: float
    finished_at: float
    prompts: int
    pictures: int
    ratio: str
    samples: int
    models: list[str]  # labels, in the order of the columns
    hues: list[str]
    ready: int
    working: int
    failed: int
    refused: int
    cancelled: int
    needs_you: int
    retriable: int
    retry_credits: int
    cancelled_credits: int
    kept: int
    credits_charged: int
    credits_held: int
    usd_micros: int
    seconds_left: float
    held_up: str  # which providers keep it waiting, so that no time can be named; else ""
    summary: str


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One picture of the grid, or what stands in its place."""

    call_id: str
    image_id: str
    thumb: str
    kept: bool
    state: str
    words: str  # why there is no picture, else ""
    simulated: bool


@dataclass(frozen=True, kw_only=True)
class GridRow:
    """One prompt with its cells: a list for each model, a cell for each sample."""

    number: int
    job_id: str
    prompt: str
    cells: list[list[Cell]] = field(default_factory=list)


# The column each of the newest calls counts for, as `jobs.queries` sorts the calls of one job.
_COLUMN = """CASE
  WHEN calls.state IN ('queued', 'running') THEN 'working'
  WHEN calls.state = 'succeeded' THEN 'ready'
  WHEN calls.state = 'cancelled' THEN 'cancelled'
  WHEN calls.state = 'unknown' AND calls.resolution IS NULL THEN 'needs_you'
  WHEN calls.failure = 'content_blocked' THEN 'refused'
  ELSE 'failed' END"""

_CALLS = """
FROM calls JOIN jobs ON jobs.id = calls.job_id
WHERE jobs.batch_id = ANY(:batch_ids) AND calls.kind = 'generate'
  AND (calls.state = 'succeeded' OR NOT EXISTS (SELECT FROM calls later WHERE later.retry_of = calls.id))
"""

_TALLY = text(f"""
SELECT jobs.batch_id, {_COLUMN} AS outcome, count(*) AS calls,
       sum(calls.credits) FILTER (WHERE calls.state = 'succeeded') AS charged,
       sum(calls.credits) FILTER (WHERE calls.state IN ('queued', 'running')) AS held,
       sum(calls.credits) AS priced, sum(calls.cost_usd_micros) AS usd_micros, max(calls.finished_at) AS finished_at
{_CALLS} GROUP BY jobs.batch_id, outcome
""")

_LEFT = text(f"""
SELECT calls.lane, calls.provider, calls.model, calls.tier, calls.simulated, count(*) AS calls
{_CALLS} AND calls.state IN ('queued', 'running')
GROUP BY calls.lane, calls.provider, calls.model, calls.tier, calls.simulated
""")

_NUMBERS = text(f"""
SELECT DISTINCT batch_row FROM (
  SELECT jobs.batch_row, {_COLUMN} AS outcome, coalesce(images.kept, false) AS kept
  {_CALLS.replace("WHERE", "LEFT JOIN images ON images.call_id = calls.id AND images.deleted_at IS NULL WHERE", 1)}
) AS found
WHERE CASE :which WHEN 'kept' THEN kept WHEN 'failed' THEN outcome IN ('failed', 'refused', 'cancelled')
  ELSE outcome = :which END
ORDER BY batch_row
""")  # noqa: S608

_KEPT = text("""
SELECT count(*) FROM images JOIN calls ON calls.id = images.call_id JOIN jobs ON jobs.id = calls.job_id
WHERE jobs.batch_id = :batch_id AND images.kept AND images.deleted_at IS NULL
""")

Tally = dict[str, Any]


def view(session: Session, settings: Settings, user_id: UUID, batch_id: UUID) -> BatchView:
    """A batch with its counts. Raises NotFound."""
    batch = owned(session, user_id, batch_id)
    tally = tallies(session, [batch_id])[batch_id]
    labels = names(session)
    retried, stopped = (_again(session, batch_id, which) for which in get_args(Which))
    left = [estimate.Work(**row._mapping) for row in session.execute(_LEFT, {"batch_ids": [batch_id]})]
    counts = counted(tally)
    working = counts["working"]
    return BatchView(
        batch_id=str(batch.id),
        short_id=cards.short_id(batch.id),
        name=batch.name,
        source=batch.source,
        state=_state(batch, working),
        created_at=cards.epoch(batch.created_at),
        finished_at=0.0
        if working
        else max((cards.epoch(one["finished_at"]) for one in tally.values()), default=0.0),
        prompts=batch.prompts,
        pictures=batch.pictures,
        ratio=batch.ratio,
        samples=batch.samples,
        models=[labels.model(choice["model"]) for choice in batch.models],
        hues=[_hue(labels, choice["model"]) for choice in batch.models],
        **counts,
        retriable=len(retried),
        retry_credits=sum(retried),
        cancelled_credits=sum(stopped),
        kept=session.execute(_KEPT, {"batch_id": batch_id}).scalar_one(),
        credits_charged=sum(int(one["charged"] or 0) for one in tally.values()),
        credits_held=sum(int(one["held"] or 0) for one in tally.values()),
        usd_micros=sum(int(one["usd_micros"] or 0) for one in tally.values()),
        seconds_left=estimate.seconds(session, settings, left),
        held_up=words.batch_waits(_silent(session, left, labels)),
        summary=words.counts(**counts),
    )


def _silent(session: Session, left: Sequence[estimate.Work], labels: Names) -> list[str]:
    """The providers that are to make something of it and do not answer."""
    now, known = database_now(session), lanes.lanes(session)
    down = {work.provider for work in left if standing(known.get(work.lane), now).state == "down"}
    return sorted(labels.provider(provider) for provider in down)


def _again(session: Session, batch_id: UUID, which: Which) -> Sequence[int]:
    """The prices of what could be tried again."""
    query = select(col(Call.credits)).where(of_batch(batch_id), newest(), retriable(which))
    return session.execute(query).scalars().all()


_COUNTED = ("ready", "working", "failed", "refused", "cancelled", "needs_you")


def tallies(session: Session, batch_ids: Sequence[UUID]) -> dict[UUID, dict[str, Tally]]:
    """Counts and sums of batches by outcome."""
    found: dict[UUID, dict[str, Tally]] = defaultdict(dict)
    for row in session.execute(_TALLY, {"batch_ids": list(batch_ids)}):
        found[row.batch_id][row.outcome] = dict(row._mapping)
    return found


def counted(tally: Mapping[str, Tally]) -> dict[str, int]:
    """How many calls came to each outcome."""
    return {name: int(tally.get(name, {}).get("calls") or 0) for name in _COUNTED}


def _state(batch: Batch, working: int) -> str:
    if not working:
        return "cancelled" if batch.cancelled_at else "finished"
    return "paused" if batch.paused_at else "running"


def _hue(labels: Names, model: str) -> str:
    spec = labels.specs.get(model)
    return labels.hue(spec.provider if spec else "")


def numbers(session: Session, user_id: UUID, batch_id: UUID, which: Filter) -> list[int]:
    """The numbers of the rows that hold something of that kind, from 1. Raises NotFound."""
    batch = owned(session, user_id, batch_id)
    if which == "all":
        return list(range(1, batch.prompts + 1))
    rows = session.execute(_NUMBERS, {"batch_ids": [batch_id], "which": which})
    return [row.batch_row for row in rows]


def grid(session: Session, user_id: UUID, batch_id: UUID, wanted: Sequence[int]) -> list[GridRow]:
    """Those rows of a batch, at most ROWS_AT_ONCE of them. Raises NotFound."""
    batch = owned(session, user_id, batch_id)
    jobs = session.execute(
        select(Job)
        .where(col(Job.batch_id) == batch_id, col(Job.batch_row).in_(list(wanted)[:ROWS_AT_ONCE]))
        .order_by(col(Job.batch_row))
    ).scalars()
    shown = list(jobs)
    cells: dict[UUID | None, list[list[Cell]]] = defaultdict(lambda: [[] for _ in batch.models])
    labels = names(session)
    for call, image in queries.latest_calls(session, [job.id for job in shown]):
        cells[call.job_id][call.position].append(_cell(call, image, labels))
    return [
        GridRow(number=job.batch_row or 0, job_id=str(job.id), prompt=job.prompt, cells=cells[job.id])
        for job in shown
    ]


def _cell(call: Call, image: Image | None, labels: Names) -> Cell:
    there = image if image is not None and image.deleted_at is None else None
    return Cell(
        call_id=str(call.id),
        image_id=str(there.id) if there else "",
        thumb=f"/api/images/{there.id}.webp?w=320" if there else "",
        kept=bool(there and there.kept),
        state=call.state,
        words=_why(call, image, labels),
        simulated=call.simulated,
    )


def _why(call: Call, image: Image | None, labels: Names) -> str:
    if call.state == CallState.SUCCEEDED:
        return "Deleted" if image is None or image.deleted_at is not None else ""
    if call.state in UNFINISHED:
        return "Waiting" if call.state == CallState.QUEUED else "Being made"
    return words.failure_title(
        FailureKind(call.failure or FailureKind.INTERNAL), labels.provider(call.provider)
    )
