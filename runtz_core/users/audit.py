"""What was done to accounts, rights, money and keys: written once, read by the owner, never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from runtz_core.ids import new_id
from runtz_core.users.models import AuditEntry, User

DETAIL_CHARS = 300  # of one detail; whatever is longer is cut


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    """One entry as the owner reads it; names are "" for nobody, as people are called today."""

    entry_id: UUID
    at: datetime
    action: str
    actor: str
    subject: str
    address: str
    details: dict[str, Any]


def record(
    session: Session,
    action: str,
    *,
    actor: UUID | None,
    subject: UUID | None = None,
    address: str = "",
    **details: str | int | bool | None,
) -> None:
    """Enter one action in the caller's transaction. Details are plain values; secrets and prompts never.

    `actor` is who did it (None: a stranger or the installation), `subject` to whom, `address` from where.
    """
    session.execute(
        insert(AuditEntry).values(
            id=new_id(),
            actor_id=actor,
            subject_id=subject,
            action=action,
            address=one_line(address)[:64],
            details={name: _plain(value) for name, value in details.items()},
        )
    )


def entries(
    session: Session, *, limit: int = 50, before: tuple[datetime, UUID] | None = None
) -> list[AuditRow]:
    """The newest entries, or those older than `before`: the (at, entry_id) of the last one seen."""
    actor, subject = aliased(User), aliased(User)
    query = (
        select(AuditEntry, col(actor.name), col(subject.name))
        .outerjoin(actor, col(actor.id) == col(AuditEntry.actor_id))
        .outerjoin(subject, col(subject.id) == col(AuditEntry.subject_id))
        .order_by(col(AuditEntry.created_at).desc(), col(AuditEntry.id).desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(col(AuditEntry.created_at), col(AuditEntry.id)) < before)
    return [
        AuditRow(
            entry_id=entry.id,
            at=entry.created_at,
            action=entry.action,
            actor=did or "",
            subject=to or "",
            address=entry.address,
            details=entry.details,
        )
        for entry, did, to in session.execute(query)
    ]


def one_line(text: str) -> str:
    """`text` without anything that could start a line of its own or steer a terminal."""
    return "".join(sign for sign in text if sign.isprintable())


def _plain(value: str | int | bool | None) -> str | int | bool | None:
    return one_line(value)[:DETAIL_CHARS] if isinstance(value, str) else value
