"""How many pictures fit: from the sums where they know it, else counted up to a number that is still cheap."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from runtz_core.vault import pages, tallies
from runtz_core.vault.terms import LETTERS, Filters, Show

MOST = 1_000  # hits of words and combined filters
MOST_DAYS = 50_000  # pictures of a span of time: entries of an index, no rows

# A picture has exactly one of these, so several add up.
_ONE_EACH = {LETTERS[facet] for facet in ("provider", "model", "ratio", "price", "rating", "origin")}
_SCOPES = {
    Show.KEPT: "kept AND deleted_at IS NULL",
    Show.ALL: "deleted_at IS NULL",
    Show.TRASH: "deleted_at IS NOT NULL",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Pictures that fit; `more` says that there are others beyond them."""

    pictures: int
    more: bool


def count(session: Session, user_id: UUID, filters: Filters, *, most: int = MOST) -> Count:
    """How many pictures fit: exact, or `most` and more."""
    if not filters.text and filters.since is None and filters.until is None:
        known = _from_sums(session, user_id, filters)
        if known is not None:
            return Count(pictures=known, more=False)
    if not filters.text and not filters.groups:
        return _of_days(session, user_id, filters)
    hits = pages.find(session, user_id, replace(filters, oldest_first=False), limit=most)
    return Count(pictures=len(hits.image_ids), more=hits.following is not None)


def _from_sums(session: Session, user_id: UUID, filters: Filters) -> int | None:
    """The sum of the terms of one facet; None when the sums cannot tell."""
    if not filters.groups:
        return tallies.pictures(session, user_id, [""], filters.show)
    terms = filters.groups[0]
    adds_up = len(terms) == 1 or terms[0][0] in _ONE_EACH
    if len(filters.groups) > 1 or not adds_up or filters.show is Show.TRASH:
        return None
    return tallies.pictures(session, user_id, terms, filters.show)


def _of_days(session: Session, user_id: UUID, filters: Filters) -> Count:
    statement = f"""
        SELECT count(*) FROM (
          SELECT FROM vault_items WHERE user_id = :user_id AND {_SCOPES[filters.show]}
            AND created_at >= coalesce(CAST(:since AS timestamptz), '-infinity')
            AND created_at < coalesce(CAST(:until AS timestamptz), 'infinity')
          LIMIT {MOST_DAYS + 1}) AS these
    """  # noqa: S608 (constants of ours; values are bound)
    asked = {"user_id": user_id, "since": filters.since, "until": filters.until}
    found = int(session.execute(text(statement), asked).scalar_one())
    return Count(pictures=min(found, MOST_DAYS), more=found > MOST_DAYS)
