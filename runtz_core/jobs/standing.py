"""How providers are doing, as pages say it: healthy, slow, limited, down, and whose key was refused."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from runtz_core import words
from runtz_core.connections import catalog
from runtz_core.connections import service as connections
from runtz_core.flow import lanes, rules
from runtz_core.flow.models import Lane
from runtz_core.jobs.pricing import lane as lane_of
from runtz_core.jobs.requests import SubmissionRefused
from runtz_core.providers.base import Connection, ModelSpec
from runtz_core.settings import Settings

SLOW = 1.5  # times the published seconds
FAILING = 2  # failures in a row that are said, long before the breaker opens


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One lane now."""

    state: str  # "healthy", "limited", "down" or "unknown" when nothing is known; pages add "slow"
    note: str = ""  # a sentence for people, "" when there is nothing to say
    latency: float | None = None  # seconds of the newest pictures


def standing(row: Lane | None, now: datetime) -> Standing:
    """What is known of a lane, for people."""
    if row is None:
        return Standing(state="unknown")
    if row.refused_at is not None:
        return Standing(state="down", note=words.KEY_REFUSED, latency=row.latency)
    if rules.is_resting(row, now) and row.rests_until is not None:
        left = max(1, round((row.rests_until - now).total_seconds()))
        return Standing(state="down", note=words.lane_down(left), latency=row.latency)
    if row.tripped_at is not None:
        return Standing(state="down", note=words.lane_down(0), latency=row.latency)
    if row.failures >= FAILING:
        return Standing(state="down", note=words.lane_failing(row.failures), latency=row.latency)
    if rules.is_paused(row, now) and row.paused_until is not None:
        left = max(1, round((row.paused_until - now).total_seconds()))
        return Standing(state="limited", note=words.lane_paused(left), latency=row.latency)
    if row.room is not None:
        return Standing(state="limited", note=words.lane_limited(row.room), latency=row.latency)
    return Standing(state="healthy" if row.latency is not None else "unknown", latency=row.latency)


def is_slow(spec: ModelSpec, seconds: float) -> bool:
    """Whether pictures that take so long take much longer than the model's maker says."""
    return seconds > SLOW * spec.usual_seconds


def check_key(session: Session, connection: Connection, label: str) -> None:
    """Refuse to submit with a key its provider has refused. Raises SubmissionRefused."""
    if not connection.simulated and lanes.is_refused(session, lane_of(connection), connection.api_key):
        raise SubmissionRefused(words.key_refused(label, own=connection.key_owner is not None))


@dataclass(frozen=True, kw_only=True)
class RefusedKey:
    """An installation's key its provider does not take any more, until the owner has read of it."""

    lane: str
    label: str
    at: float  # epoch seconds


def refused_keys(session: Session, settings: Settings) -> list[RefusedKey]:
    """What the owner has to be told, once for each key."""
    found = []
    for row in lanes.lanes(session).values():
        if (
            row.refused_at is None
            or row.refusal_read_at is not None
            or not row.lane.endswith("/installation")
        ):
            continue
        provider = lanes.provider_of(row.lane)
        try:
            way = connections.resolve_again(session, settings, provider, key_owner=None, simulated=False)
        except connections.UnknownProvider:
            continue
        if lanes.is_refused(session, row.lane, way.api_key):
            label = catalog.names(session).provider(provider)
            found.append(RefusedKey(lane=row.lane, label=label, at=row.refused_at.timestamp()))
    return found
