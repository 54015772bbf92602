"""Lanes in the database: every change under the row's lock, so that any number of workers agree on them."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Session, col

from runtz_core.db import database_now
from runtz_core.flow import rules
from runtz_core.flow.models import Lane, blank
from runtz_core.flow.rules import Setback
from runtz_core.settings import Flow

Ceiling = Callable[[str], int]  # lane -> calls in flight at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A good answer came, `seconds` after its request left."""

    lane: str
    seconds: float
    is_picture: bool = True


def lane_of(provider: str, key_owner: UUID | None) -> str:
    """The lane of a provider called with the key of one person, or (None) of the installation."""
    return f"{provider}/{key_owner or 'installation'}"


def provider_of(lane: str) -> str:
    """The provider of a lane."""
    return lane.partition("/")[0]


def owner_of(lane: str) -> str | None:
    """Whose key it is, as the text of their id; None for the installation's and for simulated vendors."""
    whose = lane.rpartition("/")[2]
    return None if whose in ("installation", "simulated") else whose


def ceilings(limits: Mapping[str, int], other: int) -> Ceiling:
    """The published or configured limit of a lane, out of those by provider."""
    return lambda lane: limits.get(provider_of(lane), other)


def report(session: Session, delivered: Iterable[Delivered], *, ceiling: Ceiling, flow: Flow) -> None:
    """Count successes; many at once, since nothing waits for it."""
    news = list(delivered)
    if not news:
        return
    found = _locked(session, {one.lane for one in news})
    now = database_now(session)
    for one in news:
        began = now - timedelta(seconds=one.seconds)
        rules.succeeded(
            found[one.lane],
            now=now,
            began=began,
            is_picture=one.is_picture,
            ceiling=ceiling(one.lane),
            flow=flow,
        )


def judge(
    session: Session,
    lane: str,
    setback: Setback,
    *,
    again: bool,
    attempts: int,
    ceiling: Ceiling,
    flow: Flow,
) -> float | None:
    """Count a failed attempt. Returns the seconds until the next one, None when there is none.

    `again`: nothing was produced, so it may be tried again, `attempts` times.
    """
    found = _locked(session, {lane})[lane]
    now = database_now(session)
    rules.failed(found, setback, now=now, ceiling=ceiling(lane), flow=flow)
    return rules.next_try(found, setback, now=now, attempts=attempts, flow=flow) if again else None


def regrow(session: Session, *, ceiling: Ceiling, flow: Flow) -> int:
    """Give lanes that have not been cut for `flow.regrow` seconds one call more. Returns how many lanes.

    A lane that is hardly used would otherwise wait for ever for the successes that open it again.
    """
    now = database_now(session)
    quiet = func.coalesce(col(Lane.grown_at), col(Lane.cut_at)) <= now - timedelta(seconds=flow.regrow)
    rows = session.execute(
        select(Lane)
        .where(col(Lane.room).is_not(None), col(Lane.tripped_at).is_(None), quiet)
        .with_for_update(skip_locked=True)
    ).scalars()
    grown = [row for row in rows if not rules.is_paused(row, now)]
    for row in grown:
        rules.grow(row, now=now, ceiling=ceiling(row.lane))
    return len(grown)


def lanes(session: Session) -> dict[str, Lane]:
    """Every lane that was used, as it is now."""
    return {row.lane: row for row in session.execute(select(Lane)).scalars()}


def fingerprint(lane: str, key: str) -> str:
    """Tells one key of a lane from another, and nothing else about it."""
    return hashlib.sha256(f"{lane}|{key}".encode()).hexdigest()[:16]


def refuse_key(session: Session, lane: str, key: str) -> bool:
    """The provider refused this key: nothing is sent with it any more. False when that was known."""
    found = _locked(session, {lane})[lane]
    mark = fingerprint(lane, key)
    if found.refused_key == mark:
        return False
    found.refused_key, found.refused_at, found.refusal_read_at = mark, database_now(session), None
    return True


def is_refused(session: Session, lane: str, key: str | None) -> bool:
    """Whether the provider has refused just this key; another one in its place is as good as new."""
    if not key:
        return False
    refused = session.execute(
        select(col(Lane.refused_key)).where(col(Lane.lane) == lane)
    ).scalar_one_or_none()
    return refused is not None and refused == fingerprint(lane, key)


def forgive_key(session: Session, lane: str) -> None:
    """Try the refused key again: it was saved anew, or its owner says that it is good."""
    session.execute(
        update(Lane)
        .where(col(Lane.lane) == lane)
        .values(refused_key=None, refused_at=None, refusal_read_at=None)
        .execution_options(synchronize_session=False)
    )


def put_away(session: Session, lane: str) -> None:
    """The owner has read that a key was refused; it is not said again."""
    session.execute(
        update(Lane)
        .where(col(Lane.lane) == lane)
        .values(refusal_read_at=database_now(session))
        .execution_options(synchronize_session=False)
    )


def _locked(session: Session, names: set[str]) -> dict[str, Lane]:
    """The rows of these lanes, made where missing, locked in one order."""
    ordered = sorted(names)
    session.execute(upsert(Lane).values([blank(name) for name in ordered]).on_conflict_do_nothing())
    rows = session.execute(
        select(Lane)
        .where(col(Lane.lane).in_(ordered))
        .order_by(col(Lane.lane))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalars()
    return {row.lane: row for row in rows}


def ended_at(lane: Lane, now: datetime) -> datetime | None:
    """Until when nothing new is sent over this lane; None when something is."""
    moments = [
        moment for moment in (lane.rests_until, lane.paused_until) if moment is not None and moment > now
    ]
    return max(moments, default=None)
