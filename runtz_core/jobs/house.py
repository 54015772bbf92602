"""What the owner decides about money: gifts and corrections, markup, caps and limits. Every step is audited."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Session, col

from runtz_core.connections import catalog
from runtz_core.credits import caps, rules
from runtz_core.credits import service as credits
from runtz_core.credits.amounts import checked_reason
from runtz_core.credits.models import ProviderCap, Purpose
from runtz_core.jobs.models import Call
from runtz_core.jobs.service import NotFound
from runtz_core.users import audit, people
from runtz_core.users.models import HouseRules, Registration, User

MOST_CREDITS = 2**31 - 1  # what a cap's column takes
MOST_BYTES = 2**50


class BadLimit(ValueError):
    """A limit that cannot be set; the sentence names it and what it may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The house's limits; None is no limit. Credits, and bytes a person."""

    registration: Registration
    daily_cap: int | None
    person_daily_cap: int | None
    confirm_above: int | None
    person_storage_quota: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Who does something to whom, from where, and under which key it is done only once."""

    actor: UUID
    subject: UUID
    key: str
    address: str = ""


def limits(session: Session) -> Limits:
    """The limits in force."""
    row = session.execute(select(HouseRules)).scalar_one()
    return Limits(
        registration=Registration(row.registration),
        daily_cap=row.daily_cap,
        person_daily_cap=row.person_daily_cap,
        confirm_above=row.confirm_above,
        person_storage_quota=row.person_storage_quota,
    )


def provider_caps(session: Session) -> dict[str, int]:
    """Daily caps by provider, in credits."""
    return {row.provider: row.daily_cap for row in session.execute(select(ProviderCap)).scalars()}


def set_limits(session: Session, wanted: Limits, *, actor: UUID, today: date, address: str = "") -> None:
    """Change the house's limits; what was spent `today` counts. Raises BadLimit."""
    values: dict[str, Any] = {
        "daily_cap": _checked("The daily cap", wanted.daily_cap),
        "person_daily_cap": _checked("The daily cap of a person", wanted.person_daily_cap),
        "confirm_above": _checked("The limit for asking first", wanted.confirm_above),
        "person_storage_quota": _checked("The storage quota", wanted.person_storage_quota, MOST_BYTES),
    }
    caps.close(session)
    session.execute(update(HouseRules).values(registration=Registration(wanted.registration), **values))
    caps.recount(session, today)
    audit.record(
        session, "limits_changed", actor=actor, address=address, registration=wanted.registration, **values
    )


def set_provider_cap(
    session: Session, provider: str, cap: int | None, *, actor: UUID, today: date, address: str = ""
) -> None:
    """Cap what everybody together spends on one provider a day; None lifts it. Raises BadLimit."""
    _checked("The cap", cap)
    if provider not in catalog.names(session).labels:
        raise BadLimit("There is no such provider.")
    caps.close(session)
    if cap is None:
        session.execute(delete(ProviderCap).where(col(ProviderCap.provider) == provider))
    else:
        session.execute(
            upsert(ProviderCap)
            .values(provider=provider, daily_cap=cap)
            .on_conflict_do_update(index_elements=[col(ProviderCap.provider)], set_={"daily_cap": cap})
        )
    caps.recount(session, today)
    audit.record(
        session, "provider_cap_changed", actor=actor, address=address, provider=provider, daily_cap=cap
    )


def set_person_limits(
    session: Session,
    user_id: UUID,
    *,
    daily_cap: int | None,
    storage_quota: int | None,
    actor: UUID,
    today: date,
    address: str = "",
) -> None:
    """One person's own limits; None: as for everybody. Raises BadLimit, people.NoSuchPerson."""
    values: dict[str, Any] = {
        "daily_cap": _checked("The daily cap", daily_cap),
        "storage_quota": _checked("The storage quota", storage_quota, MOST_BYTES),
    }
    caps.close(session)
    people.locked(session, user_id)
    session.execute(update(User).where(col(User.id) == user_id).values(**values))
    caps.recount(session, today)
    audit.record(session, "person_limits_changed", actor=actor, subject=user_id, address=address, **values)


def set_model(
    session: Session, model: str, *, enabled: bool, markup: int, actor: UUID, address: str = ""
) -> None:
    """Switch a model on or off and set its markup in basis points. Raises BadLimit."""
    if catalog.find_model(session, model) is None:
        raise BadLimit("There is no such model.")
    try:
        rules.set_rule(session, model, enabled=enabled, markup=markup)
    except rules.BadMarkup:
        raise BadLimit("A markup is a percentage from 0 to 10,000; 100 is the price itself.") from None
    audit.record(
        session, "model_changed", actor=actor, address=address, model=model, enabled=enabled, markup=markup
    )


def give(session: Session, deed: Deed, amount: int, *, reason: str) -> bool:
    """Grant credits, once per key; False when it had been done. Raises credits.service.BadAmount."""
    checked_reason(reason)
    done = credits.grant(
        session, deed.subject, amount, key=f"grant:{deed.key}", purpose=Purpose.GRANT, reason=reason.strip()
    )
    return done and _audited(session, "granted", deed, amount, reason)


def correct(session: Session, deed: Deed, amount: int, *, reason: str) -> bool:
    """Add or (below zero) take credits, once per key. Raises BadAmount and InsufficientCredits."""
    done = credits.adjust(session, deed.subject, amount, key=f"adjust:{deed.key}", reason=reason)
    return done and _audited(session, "adjusted", deed, amount, reason)


def refund(session: Session, deed: Deed, call_id: UUID, amount: int, *, reason: str) -> bool:
    """Give back some of what a call of the subject was charged, once per key.

    Raises BadAmount (RefundTooLarge: more than was charged), and NotFound when it is not a call of theirs.
    """
    call = session.get(Call, call_id)
    if call is None or call.user_id != deed.subject:
        raise NotFound(call_id)
    done = credits.refund(session, deed.subject, call_id, amount, key=f"refund:{deed.key}", reason=reason)
    return done and _audited(session, "refunded", deed, amount, reason, call=str(call_id))


def _audited(session: Session, action: str, deed: Deed, amount: int, reason: str, **details: str) -> bool:
    audit.record(
        session,
        action,
        actor=deed.actor,
        subject=deed.subject,
        address=deed.address,
        amount=amount,
        reason=reason.strip(),
        **details,
    )
    return True


def _checked(what: str, limit: int | None, most: int = MOST_CREDITS) -> int | None:
    if limit is None:
        return None
    if isinstance(limit, bool) or not isinstance(limit, int) or not 0 <= limit <= most:
        raise BadLimit(f"{what} is a whole number from 0 to {most:,}, or empty for no limit.")
    return limit
