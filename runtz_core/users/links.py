"""Links the owner hands out: a new password for somebody, an invitation for somebody new."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlmodel import Session, col

from runtz_core.ids import new_id
from runtz_core.users import audit, people
from runtz_core.users import service as users
from runtz_core.users.models import Invite, LinkPurpose, OneTimeLink

NOTE_CHARS = 200


@dataclass(frozen=True, kw_only=True)
class InviteRow:
    """One invitation as the owner sees it. `state` is open, used, expired or revoked."""

    invite_id: UUID
    note: str
    state: str
    created_at: datetime
    expires_at: datetime


def reset_path(code: str) -> str:
    """Where a reset code is used. In the fragment, so that it reaches no server's or proxy's log."""
    return f"/reset#{code}"


def invite_path(code: str) -> str:
    """Where an invitation is used; in the fragment, as above."""
    return f"/register#{code}"


def new_reset_link(session: Session, user_id: UUID, *, actor: UUID, seconds: float, address: str = "") -> str:
    """A code with which a person chooses a new password, once, within `seconds`; older ones are void.

    Raises NoSuchPerson, NotAllowed.
    """
    user = people.locked(session, user_id)
    if user.disabled_at is not None:
        raise people.NotAllowed("This person is shut out; let them in first.")
    if user.email is None:
        raise people.NotAllowed("This person has no e-mail to sign in with; they set one in their profile.")
    void_reset_links(session, user_id)
    audit.record(session, "reset_link_made", actor=actor, subject=user_id, address=address)
    return users.new_link(session, user_id, LinkPurpose.RESET, seconds=seconds)


def void_reset_links(session: Session, user_id: UUID) -> None:
    """No reset link made so far for this person is good any more."""
    session.execute(
        update(OneTimeLink)
        .where(
            col(OneTimeLink.user_id) == user_id,
            col(OneTimeLink.purpose) == LinkPurpose.RESET,
            col(OneTimeLink.used_at).is_(None),
        )
        .values(used_at=func.clock_timestamp())
    )


def new_invite(session: Session, *, actor: UUID, seconds: float, note: str = "", address: str = "") -> str:
    """A code with which one new person may register within `seconds`. Raises BadField."""
    note = " ".join(note.split())
    if len(note) > NOTE_CHARS or not note.isprintable():
        raise people.BadField("note", f"A note is one line of up to {NOTE_CHARS} characters.")
    code = users.new_secret()
    session.execute(
        insert(Invite).values(
            id=new_id(),
            code_sha256=users.digest(code),
            note=note,
            made_by=actor,
            expires_at=func.clock_timestamp() + users.interval(seconds),
        )
    )
    audit.record(session, "invited", actor=actor, address=address)
    return code


def invites(session: Session) -> list[InviteRow]:
    """All invitations, the newest first."""
    is_open = col(Invite.expires_at) > func.clock_timestamp()
    found = session.execute(select(Invite, is_open).order_by(col(Invite.created_at).desc())).all()
    return [
        InviteRow(
            invite_id=row.id,
            note=row.note,
            state=_state(row, is_open),
            created_at=row.created_at,
            expires_at=row.expires_at,
        )
        for row, is_open in found
    ]


def _state(row: Invite, is_open: bool) -> str:
    if row.used_at is not None:
        return "used"
    if row.revoked_at is not None:
        return "revoked"
    return "open" if is_open else "expired"


def revoke_invite(session: Session, invite_id: UUID, *, actor: UUID, address: str = "") -> bool:
    """Make an invitation void. False when it was used or void already."""
    revoked = session.execute(
        update(Invite)
        .where(col(Invite.id) == invite_id, col(Invite.used_at).is_(None), col(Invite.revoked_at).is_(None))
        .values(revoked_at=func.clock_timestamp())
        .returning(col(Invite.id))
    ).first()
    if revoked is not None:
        audit.record(session, "invite_revoked", actor=actor, address=address)
    return revoked is not None


def open_invite(session: Session, code: str) -> UUID | None:
    """The invitation behind a code while it can be used, held until the transaction ends; else None."""
    found: UUID | None = session.execute(
        select(col(Invite.id))
        .where(
            col(Invite.code_sha256) == users.digest(code),
            col(Invite.used_at).is_(None),
            col(Invite.revoked_at).is_(None),
            col(Invite.expires_at) > func.clock_timestamp(),
        )
        .with_for_update()
    ).scalar_one_or_none()
    return found


def use_invite(session: Session, invite_id: UUID, user_id: UUID) -> None:
    """An invitation that `open_invite` holds has brought this person in."""
    values = {"used_at": func.clock_timestamp(), "used_by": user_id}
    session.execute(update(Invite).where(col(Invite.id) == invite_id).values(**values))
