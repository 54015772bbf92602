"""Do the books add up? The ledger's invariants, each one query for the rows that break it.

All queries see one moment (REPEATABLE READ), so calls that end meanwhile raise no false alarm.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

SHOWN = 20  # offending rows shown of each check
LATE = 300  # seconds after which a lease that ran out should have been reaped


@dataclass(frozen=True, kw_only=True)
class Check:
    """One claim about the books, and what breaks it."""

    invariant: str  # "I1" … "I6"
    claim: str
    broken: int
    rows: list[dict[str, Any]] = field(default_factory=list)  # the first SHOWN

    @property
    def holds(self) -> bool:
        return self.broken == 0


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was looked at (rows by table) and what was found."""

    counted: dict[str, int]
    checks: list[Check]

    @property
    def in_order(self) -> bool:
        return all(check.holds for check in self.checks)

    def lines(self) -> Iterator[str]:
        """The report as people read it."""
        yield "Looked at " + ", ".join(f"{count:,} {table}" for table, count in self.counted.items()) + "."
        for check in self.checks:
            yield f"{check.invariant}  {'ok  ' if check.holds else 'FAIL'}  {check.claim}"
            yield from (f"          {row}" for row in check.rows)
            if check.broken > len(check.rows):
                yield f"          … and {check.broken - len(check.rows):,} more"
        yield "The books are in order." if self.in_order else "The books are NOT in order; see above."

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {"in_order": self.in_order, **asdict(self)}


# (invariant, claim, query for the rows that break it). Calls without credits have no transfers.
_CHECKS = (
    (
        "I1",
        "every transfer has two opposite entries of its amount, on two accounts",
        """SELECT transfers.id AS transfer, transfers.key, transfers.amount, count(entries.*) AS entries,
                  coalesce(sum(entries.amount), 0) AS sum
           FROM transfers LEFT JOIN entries ON entries.transfer_id = transfers.id GROUP BY transfers.id
           HAVING count(entries.*) <> 2 OR sum(entries.amount) <> 0 OR max(entries.amount) <> transfers.amount""",
    ),
    (
        "I1",
        "every transfer goes where its purpose says, for the person whose call it is",
        """SELECT transfers.id AS transfer, transfers.key, source.kind AS source, target.kind AS target
           FROM transfers
           JOIN entries AS minus ON minus.transfer_id = transfers.id AND minus.amount < 0
           JOIN entries AS plus ON plus.transfer_id = transfers.id AND plus.amount > 0
           JOIN accounts AS source ON source.id = minus.account_id
           JOIN accounts AS target ON target.id = plus.account_id
           LEFT JOIN calls ON calls.id = transfers.call_id
           WHERE NOT CASE purpose
             WHEN 'reserve' THEN (source.kind, target.kind) = ('available', 'held')
             WHEN 'settle' THEN (source.kind, target.kind) = ('held', 'revenue')
             WHEN 'release' THEN (source.kind, target.kind) = ('held', 'available')
             WHEN 'refund' THEN (source.kind, target.kind) = ('revenue', 'available')
             WHEN 'adjust' THEN (source.kind, target.kind) IN (('grants', 'available'), ('available', 'grants'))
             ELSE (source.kind, target.kind) = ('grants', 'available') END
           OR (purpose IN ('reserve', 'settle', 'release', 'refund')) <> (transfers.call_id IS NOT NULL)
           OR source.user_id <> target.user_id
           OR (calls.user_id IS NOT NULL AND calls.user_id <> coalesce(source.user_id, target.user_id))""",
    ),
    (
        "I2",
        "every balance is the sum of its entries, and its version their number",
        """SELECT accounts.id AS account, accounts.user_id AS person, kind, accounts.balance, accounts.version,
                  coalesce(sum(entries.amount), 0) AS sum, count(entries.*) AS entries
           FROM accounts LEFT JOIN entries ON entries.account_id = accounts.id
           WHERE accounts.user_id IS NOT NULL GROUP BY accounts.id
           HAVING accounts.balance <> coalesce(sum(entries.amount), 0) OR accounts.version <> count(entries.*)""",
    ),
    (
        "I2",
        "every entry follows from the one before it",
        """SELECT * FROM (
             SELECT account_id AS account, transfer_id AS transfer, entries.version, amount, entries.balance,
                    lag(entries.balance, 1, 0::bigint) OVER chain AS before, row_number() OVER chain AS place
             FROM entries JOIN accounts ON accounts.id = entries.account_id
             WHERE accounts.user_id IS NOT NULL WINDOW chain AS (PARTITION BY account_id ORDER BY entries.version)
           ) AS chained WHERE before + amount IS DISTINCT FROM balance OR place IS DISTINCT FROM version""",
    ),
    (
        "I3",
        "nobody is below zero",
        "SELECT id AS account, user_id AS person, kind, balance FROM accounts WHERE balance < 0",
    ),
    (
        "I4",
        "every call that costs credits held its price once and, when it ended, ended once",
        """SELECT calls.id AS call, state, credits,
                  count(*) FILTER (WHERE purpose = 'reserve' AND amount = credits) AS reserves,
                  count(*) FILTER (WHERE purpose IN ('settle', 'release') AND amount = credits) AS ends
           FROM calls LEFT JOIN transfers ON transfers.call_id = calls.id GROUP BY calls.id
           HAVING count(*) FILTER (WHERE purpose = 'reserve') <> (credits > 0)::int
             OR count(*) FILTER (WHERE purpose = 'reserve' AND amount = credits) <> (credits > 0)::int
             OR count(*) FILTER (WHERE purpose IN ('settle', 'release'))
                <> (credits > 0 AND state NOT IN ('queued', 'running'))::int""",
    ),
    (
        "I5",
        "a call is charged when its picture is here, and only then",
        """SELECT calls.id AS call, state, purpose AS ended_by, images.id AS picture
           FROM calls JOIN users ON users.id = calls.user_id
           LEFT JOIN transfers ON transfers.call_id = calls.id AND purpose IN ('settle', 'release')
           LEFT JOIN images ON images.call_id = calls.id
           LEFT JOIN erased_images ON erased_images.call_id = calls.id
           WHERE (purpose = 'settle') <> (state = 'succeeded')
             OR (kind = 'generate' AND users.deleted_at IS NULL
                 AND (images.id IS NOT NULL OR erased_images.image_id IS NOT NULL) <> (state = 'succeeded'))""",
    ),
    (
        "I5",
        "an enhancement or grade is charged when its answer is here, and no call that failed has one",
        """SELECT calls.id AS call, kind, state FROM calls JOIN users ON users.id = calls.user_id
           LEFT JOIN call_results ON call_results.call_id = calls.id
           WHERE users.deleted_at IS NULL
             AND ((call_results.call_id IS NOT NULL AND state <> 'succeeded')
               OR (kind IN ('enhance', 'grade') AND state = 'succeeded' AND call_results.call_id IS NULL))""",
    ),
    (
        "I5",
        "no call was given back more than it was charged",
        """SELECT call_id AS call, coalesce(sum(amount) FILTER (WHERE purpose = 'settle'), 0) AS charged,
                  sum(amount) FILTER (WHERE purpose = 'refund') AS refunded
           FROM transfers WHERE purpose IN ('settle', 'refund') GROUP BY call_id
           HAVING sum(amount) FILTER (WHERE purpose = 'refund')
                  > coalesce(sum(amount) FILTER (WHERE purpose = 'settle'), 0)""",
    ),
    (
        "I6",
        "what a person has on hold is what their unfinished calls hold",
        """SELECT accounts.user_id AS person, accounts.balance AS held, coalesce(sum(credits), 0) AS unfinished
           FROM accounts LEFT JOIN calls
             ON calls.user_id = accounts.user_id AND calls.state IN ('queued', 'running')
           WHERE accounts.kind = 'held' GROUP BY accounts.id
           HAVING accounts.balance <> coalesce(sum(credits), 0)""",
    ),
    (
        "I6",
        f"no lease ran out more than {LATE} s ago",
        f"""SELECT id AS call, worker, lease_until FROM calls
            WHERE state = 'running' AND lease_until < clock_timestamp() - interval '{LATE} seconds'""",  # noqa: S608
    ),
    (
        "I6",
        "a capped day has spent what its calls held or were charged",
        """SELECT spendings.scope, spendings.day, spendings.credits AS counted, coalesce(sum(calls.credits), 0) AS calls
           FROM spendings LEFT JOIN calls ON calls.spent_day = spendings.day
             AND calls.state IN ('queued', 'running', 'succeeded') AND spendings.scope
               IN ('all', 'provider:' || calls.provider, 'user:' || calls.user_id)
           GROUP BY spendings.scope, spendings.day HAVING spendings.credits > coalesce(sum(calls.credits), 0)""",
    ),
)

_AT_REST = (
    "I6",
    "nothing is under way",
    """SELECT id AS call, state, lease_until FROM calls WHERE state IN ('queued', 'running')""",
)

_TABLES = ("accounts", "transfers", "entries", "calls", "images")


def check(session: Session, *, at_rest: bool = False) -> Report:
    """Check every invariant; `at_rest` also claims that nothing is under way. The session must be fresh."""
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return Report(
        counted={
            table: session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608
            for table in _TABLES
        },
        checks=[_look(session, *one) for one in (*_CHECKS, *((_AT_REST,) if at_rest else ()))],
    )


def _look(session: Session, invariant: str, claim: str, broken_rows: str) -> Check:
    query = text(
        f"SELECT to_jsonb(broken) AS row, count(*) OVER () AS broken FROM ({broken_rows}) AS broken LIMIT {SHOWN}"  # noqa: S608
    )
    found = session.execute(query).all()
    return Check(
        invariant=invariant,
        claim=claim,
        broken=found[0].broken if found else 0,
        rows=[row.row for row in found],
    )
