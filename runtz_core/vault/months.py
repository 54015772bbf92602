"""Months as the person lives them: sums are kept by UTC's months, and only the hours at their edges are read again."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import text
from sqlmodel import Session

from runtz_core.vault.tallies import NOTHING, Sum, Sums
from runtz_core.vault.terms import Show

# Some hundred edges of at most fourteen hours each, found by (person, time).
_EDGES = text("""
SELECT edges.place, coalesce(item.provider, item.origin) AS provider, item.kept, count(*) AS pictures,
  sum(item.credits) AS credits, sum(item.usd_micros) AS usd_micros
FROM unnest(CAST(:since AS timestamptz[]), CAST(:until AS timestamptz[])) WITH ORDINALITY AS edges (since, until, place)
CROSS JOIN LATERAL (
  SELECT provider, origin, kept, credits, usd_micros FROM vault_items
  WHERE user_id = :user_id AND deleted_at IS NULL AND created_at >= edges.since AND created_at < edges.until) AS item
GROUP BY 1, 2, 3
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edge:
    """Times that are of one month to UTC and of another to the person."""

    since: datetime
    until: datetime
    utc: str
    theirs: str


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_of(written: str) -> tzinfo:
    """The time zone a browser names; UTC for a name that is none."""
    return ZoneInfo(written) if written in _known() else UTC


def in_zone(session: Session, user_id: UUID, sums: Sums, zone: tzinfo) -> Sums:
    """The same sums with months as they begin in `zone`."""
    months = [term[2:] for term in sums.get(Show.ALL, {}) if term.startswith("d:")]
    edges = [edge for month in months for edge in _edges(month, zone)]
    if not edges:
        return sums
    asked = {
        "user_id": user_id,
        "since": [edge.since for edge in edges],
        "until": [edge.until for edge in edges],
    }
    moved: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in session.execute(_EDGES, asked):
        edge = edges[row.place - 1]
        scopes: tuple[str, ...] = (Show.ALL, Show.KEPT) if row.kept else (Show.ALL,)
        for scope in scopes:
            for sign, month in ((-1, edge.utc), (1, edge.theirs)):
                for term in (f"d:{month}", f"y:{month}:{row.provider}"):
                    change = moved[scope, term]
                    for place, value in enumerate((row.pictures, row.credits, row.usd_micros)):
                        change[place] += sign * int(value)
    for (scope, term), change in moved.items():
        _add(sums, scope, term, change)
    return sums


def _add(sums: Sums, scope: str, term: str, change: list[int]) -> None:
    before = sums[scope].pop(term, NOTHING)
    after = Sum(
        pictures=before.pictures + change[0],
        credits=before.credits + change[1],
        usd_micros=before.usd_micros + change[2],
    )
    if after.pictures:
        sums[scope][term] = after


def _edges(month: str, zone: tzinfo) -> list[_Edge]:
    """What of a UTC month is of the one before or after to the person."""
    year, number = map(int, month.split("-"))
    before, after = _shifted(year, number, -1), _shifted(year, number, 1)
    first, last = datetime(year, number, 1, tzinfo=UTC), datetime(*after, 1, tzinfo=UTC)
    starts, ends = ((at, at.replace(tzinfo=zone).astimezone(UTC)) for at in (first, last))
    found = []
    if starts[1] > starts[0]:  # west of Greenwich their month begins later
        found.append(_Edge(since=starts[0], until=starts[1], utc=month, theirs=_name(*before)))
    if ends[1] < ends[0]:
        found.append(_Edge(since=ends[1], until=ends[0], utc=month, theirs=_name(*after)))
    return found


def _shifted(year: int, month: int, by: int) -> tuple[int, int]:
    years, place = divmod(year * 12 + month - 1 + by, 12)
    return years, place + 1


def _name(year: int, month: int) -> str:
    return f"{year:04}-{month:02}"
