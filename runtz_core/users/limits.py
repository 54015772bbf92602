"""How often somebody may try to prove who they are: 5 in 15 minutes for an account, 50 an hour for an address."""

from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, text
from sqlmodel import Session, col

from runtz_core.ids import new_id
from runtz_core.users.models import SignInAttempt
from runtz_core.users.service import digest, seconds_ago

KEPT_SECONDS = 24 * 3600.0
_LOCK = 0x52554E10  # the first half of the advisory locks taken here; the second is the address


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """So many tries in so many seconds."""

    tries: int
    seconds: float


PER_ACCOUNT = Rule(tries=5, seconds=15 * 60.0)  # of one account from one address
PER_ADDRESS = Rule(tries=50, seconds=3600.0)  # whatever the accounts


class TooManyTries(Exception):
    """Nothing was checked. The next try counts again in `minutes`, which the sentence says."""

    def __init__(self, minutes: int) -> None:
        super().__init__(minutes)
        self.minutes = minutes

    def __str__(self) -> str:
        unit = "minute" if self.minutes == 1 else "minutes"
        return f"Too many tries. Nothing was checked; try again in {self.minutes} {unit}."


def begin_try(session: Session, account: str, address: str) -> None:
    """Count one try before it is made, so that a hundred at once are counted too. Raises TooManyTries.

    `account` is what was typed (an e-mail, or the name of a form without one); only its hash is kept. The
    caller commits, checks the password, and calls `passed` if it was right.
    """
    # Tries from one address are counted one after another, until this transaction ends.
    keys = {"lock": _LOCK, "address": int(digest(address)[:7], 16)}
    session.execute(text("SELECT pg_advisory_xact_lock(:lock, :address)"), keys)
    session.execute(delete(SignInAttempt).where(col(SignInAttempt.created_at) < seconds_ago(KEPT_SECONDS)))
    mine = _account(account)
    for rule, account_sha256 in ((PER_ACCOUNT, mine), (PER_ADDRESS, None)):
        minutes = _minutes_left(session, rule, address, account_sha256)
        if minutes:
            raise TooManyTries(minutes)
    session.execute(insert(SignInAttempt).values(id=new_id(), account_sha256=mine, address=address))


def passed(session: Session, account: str, address: str) -> None:
    """The try was right: what this account's person mistyped here before is forgotten."""
    session.execute(
        delete(SignInAttempt).where(
            col(SignInAttempt.account_sha256) == _account(account), col(SignInAttempt.address) == address
        )
    )


def _account(typed: str) -> str:
    return digest(typed.strip().lower())


def _minutes_left(session: Session, rule: Rule, address: str, account_sha256: str | None) -> int:
    """Whole minutes until one of the last `rule.tries` tries falls out of the window; 0 when there is room."""
    window = seconds_ago(rule.seconds)
    query = select(func.extract("epoch", col(SignInAttempt.created_at) - window)).where(
        col(SignInAttempt.address) == address, col(SignInAttempt.created_at) > window
    )
    if account_sha256 is not None:
        query = query.where(col(SignInAttempt.account_sha256) == account_sha256)
    newest_first = query.order_by(col(SignInAttempt.created_at).desc()).offset(rule.tries - 1).limit(1)
    left = session.execute(newest_first).scalar_one_or_none()
    return 0 if left is None else 1 + int(left) // 60
