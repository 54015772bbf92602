"""The only writer of credits. Every function is one step of the caller's transaction.

Locks are always taken in one order, a person's `available` before their `held`, so two transactions of one
person wait for each other and never deadlock. A call gets one reserve and one end (settle or release): unique
indexes say so, and repeating either is a no-op.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Session, col

from runtz_core.credits.models import Account, AccountKind, Entry, Purpose, Transfer
from runtz_core.ids import new_id

GRANTS_ID = UUID(int=1)  # made by the first migration
REVENUE_ID = UUID(int=2)

FREE_GRANT = 500  # credits a registered member starts with
INFINITY_LEVEL = 10_000  # credits an infinity account is filled up to once a day


class InsufficientCredits(Exception):
    """The hold is larger than what is available. Nothing was changed."""

    def __init__(self, needed: int, available: int) -> None:
        super().__init__(needed, available)
        self.needed = needed
        self.available = available


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Credits a person can spend, and credits held by calls that are under way."""

    available: int
    held: int


def price_in_credits(usd_micros: int, markup_basis_points: int = 10_000) -> int:
    """Credits for a price in micro-dollars: rounded up, at least 1 unless the price is 0 (D7)."""
    if usd_micros == 0:
        return 0
    scaled = usd_micros * markup_basis_points
    return max(1, -(-scaled // 10_000_000))


def open_accounts(session: Session, user_id: UUID) -> None:
    """Give a person their two accounts; a no-op when they have them."""
    rows = [
        {"id": new_id(), "user_id": user_id, "kind": kind, "balance": 0, "version": 0}
        for kind in (AccountKind.AVAILABLE, AccountKind.HELD)
    ]
    session.execute(upsert(Account).values(rows).on_conflict_do_nothing())


def balance(session: Session, user_id: UUID) -> Balance:
    """What a person has. Someone without accounts has nothing."""
    rows = session.execute(
        select(col(Account.kind), col(Account.balance)).where(col(Account.user_id) == user_id)
    )
    found = {row.kind: row.balance for row in rows}
    return Balance(available=found.get(AccountKind.AVAILABLE, 0), held=found.get(AccountKind.HELD, 0))


def grant(session: Session, user_id: UUID, amount: int, *, key: str, purpose: Purpose, reason: str) -> bool:
    """Give credits from the installation, once per `key`. False when that key was used before."""
    transfer_id = _insert_transfer(session, key=key, purpose=purpose, amount=amount, reason=reason)
    if transfer_id is None:
        return False
    available = _move(session, user_id, AccountKind.AVAILABLE, amount, entries=1)
    _insert_entries(
        session,
        [_installation_entry(transfer_id, GRANTS_ID, -amount), _entry(transfer_id, available, amount)],
    )
    return True


def top_up(session: Session, user_id: UUID, day: date) -> bool:
    """Fill an infinity account up to INFINITY_LEVEL, once per `day`. False when there was nothing to do."""
    missing = INFINITY_LEVEL - balance(session, user_id).available
    if missing <= 0:
        return False
    key = f"top_up:{user_id}:{day.isoformat()}"
    return grant(session, user_id, missing, key=key, purpose=Purpose.TOP_UP, reason="daily top-up")


def reserve(session: Session, user_id: UUID, holds: Mapping[UUID, int]) -> None:
    """Hold credits for calls (call id → credits ≥ 0), all or none. Raises InsufficientCredits."""
    holds = {call_id: amount for call_id, amount in holds.items() if amount}
    if not holds:
        return
    total = sum(holds.values())
    available = _move(session, user_id, AccountKind.AVAILABLE, -total, entries=len(holds))
    if available is None:
        raise InsufficientCredits(total, balance(session, user_id).available)
    held = _move(session, user_id, AccountKind.HELD, total, entries=len(holds))
    transfers: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    left = total
    for number, (call_id, amount) in enumerate(holds.items(), start=1):
        left -= amount
        behind = len(holds) - number
        transfer_id = new_id()
        transfers.append(_transfer(transfer_id, f"reserve:{call_id}", Purpose.RESERVE, amount, call_id))
        entries.append(_entry(transfer_id, available, -amount, balance=left, behind=behind))
        entries.append(_entry(transfer_id, held, amount, balance=-left, behind=behind))
    session.execute(insert(Transfer), transfers)
    _insert_entries(session, entries)


def settle(session: Session, user_id: UUID, call_id: UUID) -> int:
    """Charge a call's hold: its picture was delivered. Returns the credits charged, 0 if it had ended."""
    return _end(session, user_id, call_id, Purpose.SETTLE)


def release(session: Session, user_id: UUID, call_id: UUID) -> int:
    """Give a call's hold back. Returns the credits released, 0 if it had ended."""
    return _end(session, user_id, call_id, Purpose.RELEASE)


def _end(session: Session, user_id: UUID, call_id: UUID, purpose: Purpose) -> int:
    amount = session.execute(
        select(col(Transfer.amount)).where(
            col(Transfer.call_id) == call_id, col(Transfer.purpose) == Purpose.RESERVE
        )
    ).scalar_one_or_none()
    if amount is None:
        return 0
    key = f"end:{call_id}"
    transfer_id = _insert_transfer(session, key=key, purpose=purpose, amount=amount, call_id=call_id)
    if transfer_id is None:
        return 0
    if purpose is Purpose.RELEASE:
        available = _move(session, user_id, AccountKind.AVAILABLE, amount, entries=1)
        other = _entry(transfer_id, available, amount)
    else:
        other = _installation_entry(transfer_id, REVENUE_ID, amount)
    held = _move(session, user_id, AccountKind.HELD, -amount, entries=1)
    _insert_entries(session, [_entry(transfer_id, held, -amount), other])
    return int(amount)


@dataclass(frozen=True, slots=True)
class _Moved:
    """An account after its row was locked and changed."""

    account_id: UUID
    balance: int
    version: int


def _move(session: Session, user_id: UUID, kind: AccountKind, amount: int, *, entries: int) -> _Moved | None:
    """Lock and change one account; None when it would go below zero. Raises LookupError without account."""
    row = session.execute(
        update(Account)
        .where(
            col(Account.user_id) == user_id,
            col(Account.kind) == kind,
            col(Account.balance) + amount >= 0,
        )
        .values(balance=col(Account.balance) + amount, version=col(Account.version) + entries)
        .returning(col(Account.id), col(Account.balance), col(Account.version))
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is not None:
        return _Moved(*row)
    if kind is AccountKind.AVAILABLE and amount < 0:
        return None
    raise LookupError(f"{kind} account of {user_id} cannot take {amount}")


def _insert_transfer(
    session: Session,
    *,
    key: str,
    purpose: Purpose,
    amount: int,
    call_id: UUID | None = None,
    reason: str | None = None,
) -> UUID | None:
    """The new transfer's id, or None when its key (or the call's end) exists already."""
    values = _transfer(new_id(), key, purpose, amount, call_id) | {"reason": reason}
    statement = upsert(Transfer).values(values).on_conflict_do_nothing().returning(col(Transfer.id))
    return session.execute(statement).scalar_one_or_none()


def _transfer(
    transfer_id: UUID, key: str, purpose: Purpose, amount: int, call_id: UUID | None
) -> dict[str, Any]:
    return {"id": transfer_id, "key": key, "purpose": purpose, "amount": amount, "call_id": call_id}


def _entry(
    transfer_id: UUID, moved: _Moved | None, amount: int, *, balance: int = 0, behind: int = 0
) -> dict[str, Any]:
    """One side of a transfer. `balance` and `behind` place it when several entries came with one lock."""
    if moved is None:
        raise LookupError("a person's account is missing")
    return {
        "transfer_id": transfer_id,
        "account_id": moved.account_id,
        "amount": amount,
        "balance": moved.balance + balance,
        "version": moved.version - behind,
    }


def _installation_entry(transfer_id: UUID, account_id: UUID, amount: int) -> dict[str, Any]:
    return {
        "transfer_id": transfer_id,
        "account_id": account_id,
        "amount": amount,
        "balance": None,
        "version": None,
    }


def _insert_entries(session: Session, entries: list[dict[str, Any]]) -> None:
    session.execute(insert(Entry), entries)


def charged(session: Session, call_ids: list[UUID]) -> dict[UUID, tuple[int, int]]:
    """(held now, charged) in credits for each call that ever held anything."""
    rows = session.execute(
        select(
            col(Transfer.call_id),
            func.max(case((col(Transfer.purpose) == Purpose.RESERVE, col(Transfer.amount)), else_=0)),
            func.max(case((col(Transfer.purpose) == Purpose.SETTLE, col(Transfer.amount)), else_=0)),
            func.bool_or(col(Transfer.purpose).in_([Purpose.SETTLE, Purpose.RELEASE])),
        )
        .where(col(Transfer.call_id).in_(call_ids))
        .group_by(col(Transfer.call_id))
    )
    return {call_id: (0 if ended else reserved, settled) for call_id, reserved, settled, ended in rows}
