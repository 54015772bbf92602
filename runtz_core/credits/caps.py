"""Daily caps: credits a person, a provider and the whole installation may hold or spend on one day.

A capped scope has one row a day in `spendings`: the statement that reserves raises it, guarded, and giving a hold
back lowers it. Whoever changes caps locks the table against both and counts anew, so a cap set at noon knows about
the morning and no call in between is missed (both statements lock the table before they look at anything).
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import Session, col

from runtz_core.credits.models import Spending


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """A cap that stands in the way. Credits, for one day of the installation's time zone."""

    scope: str  # "all", "provider:<id>" or "user:<id>"
    cap: int
    spent: int  # held or charged so far that day
    asked: int


class CapReached(Exception):
    """The run would exceed a daily cap. The caller's transaction must be rolled back; nothing was spent."""

    def __init__(self, reached: Cap) -> None:
        super().__init__(reached)
        self.reached = reached


def refusal(session: Session, scope: str, day: date, *, cap: int, asked: int) -> CapReached:
    """What to raise when `scope` would exceed its cap."""
    spent: int | None = session.execute(
        select(col(Spending.credits)).where(col(Spending.scope) == scope, col(Spending.day) == day)
    ).scalar_one_or_none()
    return CapReached(Cap(scope=scope, cap=cap, spent=spent or 0, asked=asked))


# What calls count for, by scope and day: {calls} is the condition that chooses them.
_COUNTED = """
SELECT scope, spent_day AS day, CAST(sum(credits) AS bigint) AS amount
FROM calls CROSS JOIN LATERAL (VALUES ('all'), ('provider:' || provider), ('user:' || user_id)) AS scopes(scope)
WHERE spent_day IS NOT NULL AND {calls} GROUP BY scope, spent_day
"""

_GIVE_BACK = text(f"""
WITH gone AS ({_COUNTED.format(calls="id = ANY(:call_ids)")}), locked AS (
  SELECT spendings.scope, spendings.day, gone.amount FROM spendings JOIN gone USING (scope, day)
  ORDER BY spendings.scope, spendings.day FOR UPDATE OF spendings
)
UPDATE spendings SET credits = spendings.credits - locked.amount FROM locked
WHERE spendings.scope = locked.scope AND spendings.day = locked.day
""")  # noqa: S608 (constants of this file)


def give_back(session: Session, call_ids: list[UUID]) -> None:
    """Take calls whose holds were released out of the count of the day they were submitted on."""
    session.execute(_GIVE_BACK, {"call_ids": call_ids})


# Calls that count. Days before today matter only while one of their calls may still be given back.
_COUNTING = """
state IN ('queued', 'running', 'succeeded') AND (spent_day >= :today OR spent_day IN (
  SELECT spent_day FROM calls WHERE state IN ('queued', 'running')))
"""

_RECOUNT = text(f"""
INSERT INTO spendings (scope, day, credits)
SELECT scope, day, amount FROM ({_COUNTED.format(calls=_COUNTING)}) AS counted
WHERE CASE split_part(scope, ':', 1)
  WHEN 'all' THEN (SELECT daily_cap IS NOT NULL FROM house_rules)
  WHEN 'provider' THEN split_part(scope, ':', 2) IN (SELECT provider FROM provider_caps)
  ELSE EXISTS (SELECT FROM users, house_rules WHERE 'user:' || users.id = scope
               AND coalesce(users.daily_cap, house_rules.person_daily_cap) IS NOT NULL)
END
""")  # noqa: S608


def close(session: Session) -> None:
    """Let nobody reserve or release until this transaction ends. Call it before changing any cap."""
    session.execute(text("LOCK TABLE spendings IN SHARE ROW EXCLUSIVE MODE"))


def recount(session: Session, today: date) -> None:
    """Count every capped scope anew from its calls, after caps changed behind `close`."""
    session.execute(text("DELETE FROM spendings"))
    session.execute(_RECOUNT, {"today": today})
