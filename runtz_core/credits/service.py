"""The only writer of credits. Every function is one step of the caller's transaction.

A call gets one reserve and one end (settle or release): unique indexes say so, and repeating either is a no-op.
The statements are in `credits.statements`; what a refused one must not leave behind is checked before it runs.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Session, col

from runtz_core.credits import caps
from runtz_core.credits.amounts import (
    BadAmount,
    InsufficientCredits,
    RefundTooLarge,
    checked_amount,
    checked_reason,
)
from runtz_core.credits.models import Account, AccountKind, Purpose, Transfer
from runtz_core.credits.statements import MOVE, RELEASE, RESERVE, SETTLE
from runtz_core.ids import new_id

__all__ = ["BadAmount", "InsufficientCredits", "RefundTooLarge"]

GRANTS_ID = UUID(int=1)  # made by the first migration
REVENUE_ID = UUID(int=2)

FREE_GRANT = 500  # credits a registered member starts with
INFINITY_LEVEL = 10_000  # credits an infinity account is filled up to once a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Credits a person can spend, and credits held by calls that are under way."""

    available: int
    held: int


@dataclass(frozen=True, slots=True)
class Hold:
    """What one call holds, and at which provider it counts."""

    amount: int
    provider: str


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
    """Give credits from the installation, once per `key`. False when that key was used before.

    Raises BadAmount, and LookupError for somebody without accounts.
    """
    return _move(session, user_id, checked_amount(amount), GRANTS_ID, key=key, purpose=purpose, reason=reason)


def adjust(session: Session, user_id: UUID, amount: int, *, key: str, reason: str) -> bool:
    """Correct a balance by `amount`, up or down, once per `key`; False when that key was used before.

    Raises BadAmount (also without a reason), InsufficientCredits below zero, LookupError without accounts.
    """
    if isinstance(amount, int) and not isinstance(amount, bool) and amount < 0:
        checked_amount(-amount)
        _require_unused_or_enough(session, user_id, key, -amount)
    else:
        checked_amount(amount)
    return _move(
        session, user_id, amount, GRANTS_ID, key=key, purpose=Purpose.ADJUST, reason=checked_reason(reason)
    )


def refund(session: Session, user_id: UUID, call_id: UUID, amount: int, *, key: str, reason: str) -> bool:
    """Give back some or all of what a call was charged, once per `key`; False when that key was used before.

    Raises BadAmount, RefundTooLarge when all refunds of the call would exceed its charge, LookupError.
    """
    checked_amount(amount)
    _available_locked(session, user_id)  # refunds of one person wait for each other from here on
    if _is_used(session, key):
        return False
    left = _refundable(session, call_id)
    if amount > left:
        raise RefundTooLarge(left)
    return _move(
        session,
        user_id,
        amount,
        REVENUE_ID,
        key=key,
        purpose=Purpose.REFUND,
        reason=checked_reason(reason),
        call_id=call_id,
    )


def top_up(session: Session, user_id: UUID, day: date) -> bool:
    """Fill an infinity account up to INFINITY_LEVEL, once per `day`. False when there was nothing to do."""
    missing = INFINITY_LEVEL - balance(session, user_id).available
    if missing <= 0:
        return False
    key = f"top_up:{user_id}:{day.isoformat()}"
    return grant(session, user_id, missing, key=key, purpose=Purpose.TOP_UP, reason="daily top-up")


def reserve(session: Session, user_id: UUID, holds: Mapping[UUID, Hold], *, day: date) -> None:
    """Hold credits for calls, all or none, and count them against the caps of `day`.

    Raises BadAmount, InsufficientCredits, and caps.CapReached after which the transaction must be rolled back.
    """
    holds = {call_id: hold for call_id, hold in holds.items() if hold.amount != 0}
    if not holds:
        return
    by_provider: Counter[str] = Counter()
    for hold in holds.values():
        by_provider[hold.provider] += checked_amount(hold.amount)
    total = checked_amount(by_provider.total())
    rows = session.execute(
        RESERVE,
        {
            "ids": [new_id() for _ in holds],
            "call_ids": list(holds),
            "amounts": [hold.amount for hold in holds.values()],
            "providers": list(by_provider),
            "provider_amounts": list(by_provider.values()),
            "user_id": user_id,
            "day": day,
        },
    ).all()
    if not rows:
        raise InsufficientCredits(total, balance(session, user_id).available)
    for refused in rows[1:]:
        raise caps.refusal(session, refused.scope, day, cap=refused.cap, asked=refused.asked)


def settle(session: Session, user_id: UUID, call_id: UUID) -> int:
    """Charge a call's hold: its picture was delivered. Returns the credits charged, 0 if it had ended."""
    return sum(_end(session, user_id, [call_id], Purpose.SETTLE).values())


def release(session: Session, user_id: UUID, call_id: UUID) -> int:
    """Give a call's hold back. Returns the credits released, 0 if it had ended."""
    return release_all(session, {call_id: user_id})


def release_all(session: Session, calls: Mapping[UUID, UUID]) -> int:
    """Give the holds of several calls (call id → whose) back. Returns the credits released.

    People in one order and caps after all accounts, so that two transactions doing this never deadlock.
    """
    released: dict[UUID, int] = {}
    for user_id in sorted(set(calls.values())):
        own = sorted(call_id for call_id, owner in calls.items() if owner == user_id)
        released |= _end(session, user_id, own, Purpose.RELEASE)
    if released:
        caps.give_back(session, list(released))
    return sum(released.values())


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


def _end(session: Session, user_id: UUID, call_ids: Sequence[UUID], purpose: Purpose) -> dict[UUID, int]:
    """End those calls that hold something and have not ended: call id → credits moved."""
    values: dict[str, Any] = {
        "ids": [new_id() for _ in call_ids],
        "call_ids": list(call_ids),
        "purpose": purpose,
        "user_id": user_id,
    }
    if purpose is Purpose.SETTLE:
        rows = session.execute(SETTLE, values | {"revenue": REVENUE_ID}).all()
    else:
        rows = session.execute(RELEASE, values).all()
    if any(not row.kept for row in rows):
        raise LookupError(f"{user_id} has no account for holds")
    return {row.call_id: row.amount for row in rows}


def _move(
    session: Session,
    user_id: UUID,
    amount: int,
    installation: UUID,
    *,
    key: str,
    purpose: Purpose,
    reason: str,
    call_id: UUID | None = None,
) -> bool:
    moved = session.execute(
        MOVE,
        {
            "id": new_id(),
            "key": key,
            "purpose": purpose,
            "amount": amount,
            "call_id": call_id,
            "reason": reason,
            "user_id": user_id,
            "installation": installation,
        },
    ).one()
    if moved.made and not moved.moved:
        raise LookupError(f"{user_id} has no account to spend from")
    return bool(moved.made)


def _require_unused_or_enough(session: Session, user_id: UUID, key: str, amount: int) -> None:
    available = _available_locked(session, user_id)
    if available < amount and not _is_used(session, key):
        raise InsufficientCredits(amount, available)


def _available_locked(session: Session, user_id: UUID) -> int:
    """What a person can spend, locked until the transaction ends. Raises LookupError."""
    found: int | None = session.execute(
        select(col(Account.balance))
        .where(col(Account.user_id) == user_id, col(Account.kind) == AccountKind.AVAILABLE)
        .with_for_update()
    ).scalar_one_or_none()
    if found is None:
        raise LookupError(f"{user_id} has no account to spend from")
    return found


def _is_used(session: Session, key: str) -> bool:
    return session.execute(select(col(Transfer.id)).where(col(Transfer.key) == key)).first() is not None


def _refundable(session: Session, call_id: UUID) -> int:
    """What was charged for a call and not given back yet."""
    sign = case((col(Transfer.purpose) == Purpose.SETTLE, 1), else_=-1)
    left: int = session.execute(
        select(func.coalesce(func.sum(sign * col(Transfer.amount)), 0)).where(
            col(Transfer.call_id) == call_id, col(Transfer.purpose).in_([Purpose.SETTLE, Purpose.REFUND])
        )
    ).scalar_one()
    return int(left)
