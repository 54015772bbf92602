"""What a monitor wants to know of the whole installation, counted in the database at one moment."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from runtz_core.db import database_now
from runtz_core.flow import lanes, rules
from runtz_core.flow.models import Lane

# Seconds from claim to end by which calls are counted: a cached word to the longest call that is waited for.
BUCKETS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Calls of one provider and kind that ended in one way. `seconds` counts them by BUCKETS, the rest last."""

    provider: str
    kind: str
    outcome: str  # the state, or the failure of a failed call
    count: int
    seconds: tuple[int, ...]
    seconds_sum: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneFigures:
    """One lane as its breaker and its limit stand. `room` is None at the published limit."""

    lane: str
    breaker: str  # closed, open or half_open
    room: int | None
    latency: float | None  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything at one moment. Ages are seconds, money is credits and micro-dollars."""

    jobs: int
    waiting: dict[str, int]  # provider -> calls
    running: dict[str, int]
    oldest: float
    held: int
    charged: int
    spent: dict[str, int]  # provider -> micro-dollars
    workers: int
    pictures: int
    picture_bytes: int
    damaged: int
    scrubbed: datetime | None
    ended: list[Ended]
    lanes: list[LaneFigures]


_NUMBERS = text("""
SELECT
  (SELECT count(*) FROM jobs) AS jobs,
  (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(not_before)), 0)::float FROM calls
   WHERE state = 'queued' AND not_before <= clock_timestamp()) AS oldest,
  (SELECT coalesce(sum(balance), 0) FROM accounts WHERE kind = 'held')::bigint AS held,
  (SELECT coalesce(sum(amount), 0) FROM transfers WHERE purpose = 'settle')::bigint AS charged,
  (SELECT count(*) FROM images WHERE deleted_at IS NULL) AS pictures,
  (SELECT coalesce(sum(size), 0) FROM blobs)::bigint AS picture_bytes,
  (SELECT count(*) FROM blobs WHERE damage IS NOT NULL) AS damaged,
  (SELECT max(finished_at) FROM scrubs) AS scrubbed
""")

_UNDER_WAY = text(
    "SELECT provider, state, count(*) FROM calls WHERE state IN ('queued', 'running') GROUP BY provider, state"
)

_ENDED = text("""
SELECT provider, kind, CASE WHEN state = 'failed' THEN coalesce(failure, 'failed') ELSE state END AS outcome,
       width_bucket(seconds, CAST(:buckets AS float8[])) AS bucket, count(*) AS count,
       sum(seconds)::float AS seconds, sum(cost)::bigint AS cost
FROM (SELECT provider, kind, state, failure, coalesce(cost_usd_micros, 0) AS cost,
             coalesce(extract(epoch FROM finished_at - claimed_at), 0)::float8 AS seconds
      FROM calls WHERE state NOT IN ('queued', 'running')) AS ended
GROUP BY 1, 2, 3, 4
""")

_WORKERS = text(
    "SELECT count(*) FROM workers WHERE seen_at > clock_timestamp() - make_interval(secs => :seconds)"
)


def figures(session: Session, *, silent: float) -> Figures:
    """Count. A worker that gave no sign for `silent` seconds does not count."""
    numbers = session.execute(_NUMBERS).one()
    under_way: dict[str, dict[str, int]] = {"queued": {}, "running": {}}
    for provider, state, count in session.execute(_UNDER_WAY):
        under_way[state][provider] = count
    now = database_now(session)
    ended, spent = _ended(session)
    return Figures(
        jobs=numbers.jobs,
        waiting=under_way["queued"],
        running=under_way["running"],
        oldest=numbers.oldest,
        held=numbers.held,
        charged=numbers.charged,
        spent=spent,
        workers=workers_alive(session, silent=silent),
        pictures=numbers.pictures,
        picture_bytes=numbers.picture_bytes,
        damaged=numbers.damaged,
        scrubbed=numbers.scrubbed,
        ended=ended,
        lanes=[
            LaneFigures(lane=lane.lane, breaker=breaker(lane, now), room=lane.room, latency=lane.latency)
            for lane in lanes.lanes(session).values()
        ],
    )


def workers_alive(session: Session, *, silent: float) -> int:
    """Workers that gave a sign within the last `silent` seconds."""
    return int(session.execute(_WORKERS, {"seconds": silent}).scalar_one())


def breaker(lane: Lane, now: datetime) -> str:
    """closed: calls go; open: none do; half_open: one does, to see."""
    if lane.tripped_at is None:
        return "closed"
    return "open" if rules.is_resting(lane, now) else "half_open"


def _ended(session: Session) -> tuple[list[Ended], dict[str, int]]:
    spent: dict[str, int] = {}
    found: dict[tuple[str, str, str], tuple[list[int], float]] = {}
    for row in session.execute(_ENDED, {"buckets": list(BUCKETS)}):
        spent[row.provider] = spent.get(row.provider, 0) + row.cost
        counts, seconds = found.get((row.provider, row.kind, row.outcome), ([0] * (len(BUCKETS) + 1), 0.0))
        counts[row.bucket] += row.count
        found[row.provider, row.kind, row.outcome] = counts, seconds + row.seconds
    ended = [
        Ended(
            provider=provider, kind=kind, outcome=outcome,
            count=sum(counts), seconds=tuple(counts), seconds_sum=seconds,
        )
        for (provider, kind, outcome), (counts, seconds) in sorted(found.items())
    ]  # fmt: skip
    return ended, spent
