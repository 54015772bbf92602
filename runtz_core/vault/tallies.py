"""How many pictures there are of everything, without counting them: sums of what triggers wrote down."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

FOLD_ABOVE = 2_000  # differences of a person that are read as they are; more are summed up first

_SUMS = text("""
SELECT scope, term, sum(pictures) AS pictures, sum(credits) AS credits, sum(usd_micros) AS usd_micros,
  count(*) AS differences
FROM vault_tallies WHERE user_id = :user_id GROUP BY scope, term
""")
_TOTAL = text("""
SELECT coalesce(sum(pictures), 0) FROM vault_tallies
WHERE user_id = :user_id AND scope = :scope AND term = ANY(:terms)
""")
# Rows that somebody else is folding are gone when our turn comes, and theirs are there: nothing counts twice.
_FOLD = text("""
WITH gone AS (DELETE FROM vault_tallies WHERE user_id = :user_id RETURNING *)
INSERT INTO vault_tallies (user_id, scope, term, pictures, credits, usd_micros)
SELECT user_id, scope, term, sum(pictures), sum(credits), sum(usd_micros) FROM gone
GROUP BY user_id, scope, term HAVING sum(pictures) <> 0
""")
_MANY = text("SELECT user_id FROM vault_tallies GROUP BY user_id HAVING count(*) > :most")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """Pictures of one term, with what they were charged (credits) and what vendors took (micro-dollars)."""

    pictures: int
    credits: int
    usd_micros: int


NOTHING = Sum(pictures=0, credits=0, usd_micros=0)
Sums = dict[str, dict[str, Sum]]  # by scope (all, kept, trash) and term


def read(session: Session, user_id: UUID) -> Sums:
    """Every count of this person's."""
    found: Sums = defaultdict(dict)
    differences = 0
    for row in session.execute(_SUMS, {"user_id": user_id}):
        differences += row.differences - 1
        if row.pictures:
            found[row.scope][row.term] = Sum(
                pictures=int(row.pictures), credits=int(row.credits), usd_micros=int(row.usd_micros)
            )
    if differences > FOLD_ABOVE:
        fold(session, user_id)
    return found


def pictures(session: Session, user_id: UUID, terms: Sequence[str], scope: str) -> int:
    """How many pictures of these terms this person has in a scope; the term "" is all of them."""
    asked = {"user_id": user_id, "scope": scope, "terms": list(terms)}
    return int(session.execute(_TOTAL, asked).scalar_one())


def fold(session: Session, user_id: UUID) -> None:
    """Put a person's differences together, one row for each count."""
    session.execute(_FOLD, {"user_id": user_id})


def fold_all(session: Session) -> int:
    """Fold for everybody who has many differences; hourly. Returns for how many."""
    people = session.execute(_MANY, {"most": FOLD_ABOVE}).scalars().all()
    for user_id in people:
        fold(session, user_id)
    return len(people)
