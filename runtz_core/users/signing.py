"""Proving who one is: by a password, a sign-in link or a reset link. Hashing itself is the caller's (it is slow)."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from runtz_core.users import audit, limits, links
from runtz_core.users import service as users
from runtz_core.users.models import LinkPurpose, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known about a typed e-mail: nobody (both None), or a person and what checks their password."""

    user_id: UUID | None = None
    stored: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The browser somebody signs in with."""

    day: date  # today in the installation's time zone
    user_agent: str = ""
    address: str = ""
    old_token: str | None = field(default=None, repr=False)


def known(session: Session, email: str) -> Known:
    """Who signs in with this e-mail, if anybody may."""
    email = email.strip().replace("\x00", "")
    found = session.execute(
        select(col(User.id), col(User.password_hash)).where(
            func.lower(col(User.email)) == func.lower(_storable(email)), col(User.disabled_at).is_(None)
        )
    ).one_or_none()
    return Known() if found is None else Known(user_id=found[0], stored=found[1])


def proof_of(session: Session, user_id: UUID) -> Known:
    """The same for somebody who is signed in."""
    stored = session.execute(select(col(User.password_hash)).where(col(User.id) == user_id)).scalar_one()
    return Known(user_id=user_id, stored=stored)


def refuse(session: Session, somebody: Known, *, address: str, how: str = "password") -> None:
    """Write down a wrong password."""
    audit.record(session, "sign_in_failed", actor=None, subject=somebody.user_id, address=address, how=how)


def arrive(session: Session, user_id: UUID, visit: Visit, *, how: str) -> str:
    """Sign a proven person in: a new token for their cookie, the old one of this browser dead."""
    if visit.old_token:
        users.end_session(session, visit.old_token)
    users.arrive(session, user_id, day=visit.day)
    audit.record(session, "signed_in", actor=user_id, subject=user_id, address=visit.address, how=how)
    return users.start_session(session, user_id, user_agent=visit.user_agent)


def arrive_with_password(
    session: Session, email: str, somebody: Known, visit: Visit, *, rehashed: str | None = None
) -> str | None:
    """The same after a right password. None when it was changed, or its person shut out, meanwhile.

    `rehashed` replaces a hash made with other parameters than today's.
    """
    unchanged = known(session, email)
    if somebody.user_id is None or unchanged != somebody:
        return None
    if rehashed is not None:
        _keep(session, somebody.user_id, rehashed)
    limits.passed(session, email, visit.address)
    return arrive(session, somebody.user_id, visit, how="password")


def leave(session: Session, token: str, *, address: str = "") -> None:
    """Sign out. Unknown tokens are ignored."""
    user_id = users.end_session(session, token)
    if user_id is not None:
        audit.record(session, "signed_out", actor=user_id, subject=user_id, address=address)


def change_password(
    session: Session, somebody: Known, fresh: str, *, session_id: UUID, address: str = ""
) -> bool:
    """Replace a password whose current one was checked against `somebody`; other sessions end.

    False when it was changed from elsewhere since.
    """
    if somebody.user_id is None or proof_of(session, somebody.user_id) != somebody:
        return False
    _keep(session, somebody.user_id, fresh)
    users.end_sessions(session, somebody.user_id, but=session_id)
    links.void_reset_links(session, somebody.user_id)
    audit.record(
        session, "password_changed", actor=somebody.user_id, subject=somebody.user_id, address=address
    )
    return True


def reset_password(session: Session, code: str, fresh: str, visit: Visit) -> str | None:
    """Use a reset code up and sign its person in; everything they were signed in with ends.

    None for a code that is no good.
    """
    user_id = users.redeem(session, code, LinkPurpose.RESET)
    if user_id is None:
        return None
    _keep(session, user_id, fresh)
    users.end_sessions(session, user_id)
    links.void_reset_links(session, user_id)
    audit.record(session, "password_reset", actor=user_id, subject=user_id, address=visit.address)
    return arrive(session, user_id, visit, how="reset link")


def arrive_with_link(session: Session, code: str, visit: Visit) -> tuple[UUID, str] | None:
    """(person, token) for a one-time sign-in code, or None for one that is no good."""
    user_id = users.redeem(session, code)
    if user_id is None:
        audit.record(session, "sign_in_failed", actor=None, address=visit.address, how="link")
        return None
    return user_id, arrive(session, user_id, visit, how="link")


def _keep(session: Session, user_id: UUID, password_hash: str) -> None:
    session.execute(update(User).where(col(User.id) == user_id).values(password_hash=password_hash))


def _storable(text: str) -> str:
    """Text that Postgres takes, whatever a stranger sent."""
    return text.encode("utf-8", "replace").decode()
