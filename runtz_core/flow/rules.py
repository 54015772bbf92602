"""The rules themselves, without a database: what one ended attempt changes about its lane, and what comes next.

Additive increase, multiplicative decrease, as TCP does it; a breaker, as electricians do; a retry budget, as Finagle
does. Every moment is the database's.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from runtz_core.failures import FailureKind
from runtz_core.flow.models import Lane
from runtz_core.settings import Flow

_TICK = 5  # seconds counted together
_NEWEST = 0.2  # the weight of one call in the latency

# The provider, or the road to it, is in trouble; enough of these open the breaker.
TROUBLE = frozenset(
    {
        FailureKind.TRANSIENT,
        FailureKind.UNREACHABLE,
        FailureKind.OUTCOME_UNKNOWN,
        FailureKind.RATE_LIMITED,
    }
)
# It has more than it can do: ask for less at a time.
CROWDED = frozenset({FailureKind.RATE_LIMITED, FailureKind.OUTCOME_UNKNOWN})
# It has answered properly, if not as hoped: it is alive.
ALIVE = frozenset(
    {
        FailureKind.AUTH,
        FailureKind.ORG_UNVERIFIED,
        FailureKind.QUOTA,
        FailureKind.MODEL_GONE,
        FailureKind.CONTENT_BLOCKED,
        FailureKind.INVALID,
        FailureKind.NO_IMAGE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setback:
    """An attempt that brought no picture."""

    kind: FailureKind
    retry_after: float | None  # seconds the provider asked us to wait
    began: datetime  # when its request was about to leave
    attempt: int
    waited: float  # seconds since the call was made


def is_resting(lane: Lane, now: datetime) -> bool:
    """Whether the breaker is open: nothing new is sent."""
    return lane.rests_until is not None and lane.rests_until > now


def is_paused(lane: Lane, now: datetime) -> bool:
    """Whether the provider asked for patience."""
    return lane.paused_until is not None and lane.paused_until > now


def succeeded(
    lane: Lane, *, now: datetime, began: datetime, is_picture: bool, ceiling: int, flow: Flow
) -> None:
    """A good answer came: `room` grows by one with every full window, and the breaker closes."""
    _count(lane, now, flow, ended=1)
    if is_picture:  # words come sooner, and would make a slow provider look quick
        seconds = max(0.0, (now - began).total_seconds())
        lane.latency = seconds if lane.latency is None else lane.latency + _NEWEST * (seconds - lane.latency)
    if not _is_news(lane.tripped_at, began):
        return
    _close(lane)
    lane.failures = 0
    if lane.refused_at is not None and _is_news(lane.refused_at, began):
        lane.refused_key = lane.refused_at = lane.refusal_read_at = None  # whatever key that was, it is good
    if lane.room is None or not _is_news(lane.cut_at, began):
        return
    lane.successes += 1
    if lane.successes >= lane.room:
        grow(lane, now=now, ceiling=ceiling)


def grow(lane: Lane, *, now: datetime, ceiling: int) -> None:
    """Give a lane that was cut one call more."""
    if lane.room is None:
        return
    lane.room, lane.successes, lane.grown_at = lane.room + 1, 0, now
    if lane.room >= ceiling:
        lane.room = None


def failed(lane: Lane, setback: Setback, *, now: datetime, ceiling: int, flow: Flow) -> None:
    """No picture came: make less room, pause or rest, as the failure demands."""
    # Who names a time is in order and only busy: a pause says all there is to say.
    named = setback.kind is FailureKind.RATE_LIMITED and setback.retry_after is not None
    in_trouble = setback.kind in TROUBLE and not named
    _count(lane, now, flow, ended=1, failed=int(in_trouble))
    if named and setback.retry_after is not None:
        until = now + timedelta(seconds=min(setback.retry_after, flow.longest_pause))
        lane.paused_until = max(until, lane.paused_until or until)
    if setback.kind in CROWDED and _is_news(lane.cut_at, setback.began):
        lane.room = max(1, min(lane.room or ceiling, ceiling) // 2)
        lane.cut_at, lane.grown_at, lane.successes = now, now, 0
    if in_trouble:
        _strain(lane, setback, now, flow)
    elif (named or setback.kind in ALIVE) and _is_news(lane.tripped_at, setback.began):
        _close(lane)
        lane.failures = 0


def next_try(lane: Lane, setback: Setback, *, now: datetime, attempts: int, flow: Flow) -> float | None:
    """Seconds until the call is tried again, counted against the budget; None when it is given up.

    Call it for failures of which nothing was produced, after `failed`.
    """
    if setback.kind is FailureKind.RATE_LIMITED:
        if setback.waited > flow.patience or setback.attempt >= flow.most_attempts:
            return None
        if setback.retry_after is not None:
            # Spread a little, so that those who were sent away together do not come back together.
            return min(setback.retry_after, flow.longest_pause) * random.uniform(1.0, 1.1)
        return backoff(setback.attempt) if _spend(lane, now, flow) else random.uniform(0.5, 1.0) * flow.rest
    if setback.attempt >= attempts or not _spend(lane, now, flow):
        return None
    pause = backoff(setback.attempt)
    return pause if setback.retry_after is None else max(pause, min(setback.retry_after, flow.longest_pause))


def backoff(attempt: int) -> float:
    """Seconds to wait after the `attempt`-th failure: jittered, growing from 1 to 30."""
    return random.uniform(0.2, 1.0) * min(30.0, 2.0 ** (attempt - 1))


def _strain(lane: Lane, setback: Setback, now: datetime, flow: Flow) -> None:
    if lane.tripped_at is not None:
        if not is_resting(lane, now) and _is_news(lane.tripped_at, setback.began):
            _trip(lane, setback.kind, now, flow)  # the one that was sent to see
        return
    lane.failures += 1
    ended, bad, _ = _counted(lane, now, flow)
    often = ended >= flow.failures_least and bad >= flow.failures_share * ended
    if lane.failures >= flow.failures_in_a_row or often:
        _trip(lane, setback.kind, now, flow)


def _trip(lane: Lane, kind: FailureKind, now: datetime, flow: Flow) -> None:
    lane.tripped_at, lane.tripped_by = now, kind
    lane.rests_until = now + timedelta(seconds=flow.rest)


def _close(lane: Lane) -> None:
    if lane.tripped_at is None:
        return
    lane.tripped_at = lane.rests_until = lane.tripped_by = None
    # The bad minute is over; counted on, it would open the breaker again at the next failure.
    lane.recent = {tick: [ended - bad, 0, retried] for tick, (ended, bad, retried) in lane.recent.items()}


def _is_news(since: datetime | None, began: datetime) -> bool:
    """What was sent before a change was decided by the state before it, and says nothing about the one after."""
    return since is None or began > since


def _count(
    lane: Lane, now: datetime, flow: Flow, *, ended: int = 0, failed: int = 0, retried: int = 0
) -> None:
    oldest, tick = _ticks(now, flow)
    kept = {name: counts for name, counts in lane.recent.items() if int(name) >= oldest}
    before = kept.get(str(tick), [0, 0, 0])
    kept[str(tick)] = [before[0] + ended, before[1] + failed, before[2] + retried]
    lane.recent = kept  # a new value: SQLAlchemy does not look inside


def _counted(lane: Lane, now: datetime, flow: Flow) -> tuple[int, int, int]:
    oldest, _ = _ticks(now, flow)
    counts = [counts for name, counts in lane.recent.items() if int(name) >= oldest]
    ended, bad, retried = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0, 0)
    return ended, bad, retried


def _ticks(now: datetime, flow: Flow) -> tuple[int, int]:
    tick = int(now.timestamp()) // _TICK
    return tick - int(flow.window) // _TICK + 1, tick


def _spend(lane: Lane, now: datetime, flow: Flow) -> bool:
    """Whether the budget has room for one more retry; it is then taken."""
    ended, _, retried = _counted(lane, now, flow)
    if retried >= max(flow.retry_floor, flow.retry_share * ended):
        return False
    _count(lane, now, flow, retried=1)
    return True
