"""Pages of the wall: newest first by keyset, whatever the filters; nothing is counted and nothing skipped.

Two ways lead to a page. Common wishes are met by walking the newest rows until enough are found; rare ones by the
inverted indexes, which give all hits at once. The walk begins, and what it finds in its first rows says which way
is shorter: no statistics are needed, and neither way is ever taken far in the wrong direction.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from runtz_core.vault import tallies, words
from runtz_core.vault.terms import Filters, Show, keys

PAGE = 60
# A row found through the inverted indexes costs as much as so many rows of the walk: it is fetched from anywhere
# (2.7 µs beside 0.6 µs a row at a million pictures). Kept pictures stand further apart: 1.2 µs a row.
FETCH_COST = {Show.KEPT: 2.2, Show.ALL: 4.5, Show.TRASH: 2.2}
LISTS_COST = 8_000  # rows of the walk that reading the lists of common terms costs
ROOM = 3  # times the rows a walk is thought to need, which it may take; it ends where it has enough

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Rows looked at before anything is decided, at most before the indexes are asked, and without asking them.

    The index of words holds everybody's, so a small vault is walked rather than looked up among all.
    """

    first: int = 2_000
    longest: int = 60_000
    always: int = 3_000


REACH = Reach()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The last picture of a page: what follows it comes next."""

    at: datetime
    image_id: UUID

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}.{self.image_id.hex}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Ids in their order, the cursor of what follows (None at the end), and what was searched instead."""

    image_ids: list[UUID]
    following: Cursor | None
    corrected: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """Filters as conditions on rows named `item`."""

    show: str  # which index is walked
    narrow: str  # the rest, "" when there is none
    kept_too: str  # what keeps the inverted index to kept pictures, "" when it cannot
    values: dict[str, Any]
    descending: bool


def parse_cursor(written: str) -> Cursor | None:
    """A cursor as an address carries it; None for anything else."""
    try:
        micros, image_id = written.split(".")
        at = _EPOCH + timedelta(microseconds=int(micros))
        return Cursor(at=at, image_id=UUID(image_id))
    except (ValueError, OverflowError):
        return None


def find(
    session: Session,
    user_id: UUID,
    filters: Filters,
    *,
    after: Cursor | None = None,
    limit: int = PAGE,
    reach: Reach = REACH,
) -> Hits:
    """The next `limit` pictures after the cursor. A first page without hits is tried again as it was meant."""
    hits = _find(session, user_id, filters, after, limit, reach)
    if hits.image_ids or after is not None or not filters.text:
        return hits
    meant = words.corrected(session, user_id, filters.text)
    if meant is None:
        return hits
    hits = _find(session, user_id, replace(filters, text=meant), None, limit, reach)
    if not hits.image_ids:
        return hits
    return Hits(image_ids=hits.image_ids, following=hits.following, corrected=meant)


def _find(
    session: Session, user_id: UUID, filters: Filters, after: Cursor | None, limit: int, reach: Reach
) -> Hits:
    wish = _wish(session, user_id, filters)
    if not wish.narrow:
        rows, _ = _walk(session, wish, after, limit + 1, limit + 1)
        return _hits(rows, limit)
    first = max(reach.first, limit)
    rows, last = _walk(session, wish, after, first, limit + 1)
    if len(rows) > limit or last is None:
        return _hits(rows, limit)
    share = max(len(rows), 0.5) / first
    ahead = (limit + 1 - len(rows)) / share
    if most := _further(session, user_id, filters.show, wish, share, ahead, reach):
        more, end = _walk(session, wish, last, most, limit + 1 - len(rows))
        rows += more
        if len(rows) > limit or end is None:
            return _hits(rows, limit)
    return _hits(_look_up(session, wish, after, limit + 1), limit)


def _further(
    session: Session, user_id: UUID, show: Show, wish: _Wish, share: float, ahead: float, reach: Reach
) -> int:
    """Rows to walk on for hits that are `share` of all rows and end `ahead`; 0 when looking them up costs less."""
    total = tallies.pictures(session, user_id, [""], show)
    if total <= reach.always:
        return total
    found_among = total if wish.kept_too else tallies.pictures(session, user_id, [""], Show.ALL)
    looked_up = share * found_among * FETCH_COST[show] + LISTS_COST
    return int(ahead * ROOM) if ahead <= min(looked_up, reach.longest) else 0


def _hits(rows: list[Cursor], limit: int) -> Hits:
    page = rows[:limit]
    return Hits(
        image_ids=[row.image_id for row in page],
        following=page[-1] if page and len(rows) > limit else None,
    )


def _wish(session: Session, user_id: UUID, filters: Filters) -> _Wish:
    conditions: list[str] = []
    values: dict[str, Any] = {"user_id": user_id}
    single = [group[0] for group in filters.groups if len(group) == 1]
    if single:
        conditions.append("item.keys @> CAST(:all_of AS bigint[])")
        values["all_of"] = keys(user_id, single)
    for place, group in enumerate(group for group in filters.groups if len(group) > 1):
        conditions.append(f"item.keys && CAST(:any_{place} AS bigint[])")
        values[f"any_{place}"] = keys(user_id, group)
    said = words.clause(session, user_id, filters.text) if filters.text else None
    if said is not None:
        conditions.append(said.sql)
        values |= said.values
    elif filters.text:
        conditions.append("false")  # nothing was said that could be found
    kept_too = ""
    if filters.groups and filters.show is Show.KEPT:
        kept_too = " AND item.keys @> CAST(:kept_too AS bigint[])"
        values["kept_too"] = keys(user_id, ["k:"])
    show = {
        Show.KEPT: "item.kept AND item.deleted_at IS NULL",
        Show.ALL: "item.deleted_at IS NULL",
        Show.TRASH: "item.deleted_at IS NOT NULL",
    }[filters.show]
    if filters.since is not None:
        show += " AND item.created_at >= :since"
        values["since"] = filters.since
    if filters.until is not None:
        show += " AND item.created_at < :until"
        values["until"] = filters.until
    return _Wish(
        show=show,
        narrow=" AND ".join(conditions),
        kept_too=kept_too,
        values=values,
        descending=not filters.oldest_first,
    )


def _walk(
    session: Session, wish: _Wish, after: Cursor | None, most: int, enough: int
) -> tuple[list[Cursor], Cursor | None]:
    """Hits among the next `most` rows, `enough` of them at most, and the last row (None when there are no more)."""
    sides = ("<", "DESC") if wish.descending else (">", "ASC")
    values = dict(wish.values)
    beyond = ""
    if after is not None:
        beyond = f"AND (item.created_at, item.image_id) {sides[0]} (:at, :image_id)"
        values |= {"at": after.at, "image_id": after.image_id}
    # The limit inside keeps the planner to the index; the one outside ends the walk with the last hit that is wanted.
    statement = f"""
        WITH walked AS MATERIALIZED (
          SELECT item.created_at, item.image_id, {wish.narrow or "true"} AS hit
          FROM vault_items AS item WHERE item.user_id = :user_id AND {wish.show} {beyond}
          ORDER BY item.created_at {sides[1]}, item.image_id {sides[1]} LIMIT {most})
        SELECT created_at, image_id, hit, false AS last FROM walked WHERE hit
        UNION ALL
        (SELECT created_at, image_id, hit, true AS last FROM walked OFFSET {most - 1})
        LIMIT {enough}
    """  # noqa: S608 (constants and numbers of ours; values are bound)
    rows, last = [], None
    for row in session.execute(text(statement), values):
        cursor = Cursor(at=row.created_at, image_id=row.image_id)
        if row.last:
            last = cursor
        else:
            rows.append(cursor)
    return rows, last


def _look_up(session: Session, wish: _Wish, after: Cursor | None, most: int) -> list[Cursor]:
    """Hits after the cursor through the inverted indexes: all are found, then the first `most` taken."""
    sides = ("<", "DESC") if wish.descending else (">", "ASC")
    values = dict(wish.values)
    beyond = ""
    if after is not None:
        beyond = f"AND (item.created_at, item.image_id) {sides[0]} (:at, :image_id)"
        values |= {"at": after.at, "image_id": after.image_id}
    _plan(session, "off")
    # What is shown is asked of the rows that are found: the planner would read the whole index of kept pictures.
    statement = f"""
        WITH found AS MATERIALIZED (
          SELECT item.created_at, item.image_id, item.kept, item.deleted_at FROM vault_items AS item
          WHERE {wish.narrow}{wish.kept_too} AND item.user_id = :user_id)
        SELECT created_at, image_id FROM found AS item WHERE {wish.show} {beyond}
        ORDER BY created_at {sides[1]}, image_id {sides[1]} LIMIT {most}
    """  # noqa: S608 (as above)
    rows = session.execute(text(statement), values).all()
    _plan(session, "on")
    return [Cursor(at=row.created_at, image_id=row.image_id) for row in rows]


def _plan(session: Session, allowed: str) -> None:
    """Whether the planner may walk: estimates of words that occur together are off by a thousand at times."""
    session.execute(
        text(
            "SELECT set_config('enable_seqscan', :allowed, true), set_config('enable_indexscan', :allowed, true)"
        ),
        {"allowed": allowed},
    )
