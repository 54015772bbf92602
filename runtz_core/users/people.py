"""What the owner sees and decides about people, and what each person decides about themselves."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from runtz_core.db import database_now
from runtz_core.users import audit
from runtz_core.users import service as users
from runtz_core.users.models import Role, SignIn, Tier, User

NAME_CHARS = 80
EMAIL_CHARS = 254  # RFC 5321
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)*")
_JOINERS = "\u200c\u200d"  # what families of emoji and several scripts are written with


class NoSuchPerson(LookupError):
    """There is nobody with this id."""


class NotAllowed(ValueError):
    """This cannot be done; the sentence says why."""


class BadField(ValueError):
    """One field of a form is not accepted: which, and a sentence for its person."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field = field
        self.problem = problem

    def __str__(self) -> str:
        return self.problem


@dataclass(frozen=True, kw_only=True)
class PersonRow:
    """One person as the owner sees them. Never carries a hash."""

    user_id: UUID
    name: str
    email: str
    role: Role
    tier: Tier
    disabled: bool
    deleted: bool
    has_password: bool
    google: bool
    created_at: datetime
    last_seen: datetime | None


def people(session: Session) -> list[PersonRow]:
    """Everybody, the oldest account first."""
    return _rows(session)


def profile(session: Session, user_id: UUID) -> PersonRow:
    """One person. Raises NoSuchPerson."""
    found = _rows(session, user_id)
    if not found:
        raise NoSuchPerson(user_id)
    return found[0]


def _rows(session: Session, user_id: UUID | None = None) -> list[PersonRow]:
    last_seen = (
        select(func.max(col(SignIn.seen_at))).where(col(SignIn.user_id) == col(User.id)).scalar_subquery()
    )
    query = select(User, last_seen).order_by(col(User.created_at), col(User.id))
    if user_id is not None:
        query = query.where(col(User.id) == user_id)
    return [
        PersonRow(
            user_id=user.id,
            name=user.name,
            email=user.email or "",
            role=Role(user.role),
            tier=Tier(user.tier),
            disabled=user.disabled_at is not None,
            deleted=user.deleted_at is not None,
            has_password=user.password_hash is not None,
            google=user.google_subject is not None,
            created_at=user.created_at,
            last_seen=seen,
        )
        for user, seen in session.execute(query)
    ]


def anybody_has_password(session: Session) -> bool:
    """Whether signing in by a password can work at all here."""
    query = select(col(User.id)).where(col(User.password_hash).is_not(None), col(User.disabled_at).is_(None))
    return session.execute(query.limit(1)).first() is not None


def set_tier(session: Session, user_id: UUID, tier: Tier, *, actor: UUID, address: str = "") -> None:
    """Move a person to another tier. Raises NoSuchPerson, NotAllowed."""
    user = locked(session, user_id)
    if user.role == Role.OWNER:
        raise NotAllowed("The owner's tier stays infinity.")
    before, user.tier = user.tier, Tier(tier)
    session.flush()
    audit.record(
        session, "tier_changed", actor=actor, subject=user_id, address=address, before=before, after=tier
    )


def set_disabled(session: Session, user_id: UUID, disabled: bool, *, actor: UUID, address: str = "") -> None:
    """Shut a person out (their sessions end, running pictures finish) or let them in again.

    Raises NoSuchPerson, NotAllowed.
    """
    user = locked(session, user_id)
    if user.role == Role.OWNER:
        raise NotAllowed("The owner cannot be shut out of their own installation.")
    if user.deleted_at is not None:
        raise NotAllowed("This person deleted their account; it cannot be opened again.")
    user.disabled_at = database_now(session) if disabled else None
    session.flush()
    if disabled:
        users.end_sessions(session, user_id)
    action = "disabled" if disabled else "enabled"
    audit.record(session, action, actor=actor, subject=user_id, address=address)


def rename(session: Session, user_id: UUID, *, name: str, email: str) -> bool:
    """Change a person's name and e-mail ("" for none); whether the e-mail is another one now.

    Raises NoSuchPerson, BadField.
    """
    user = locked(session, user_id)
    wanted = checked_email(email) if email.strip() else None
    if wanted is None and user.email is not None and user.google_subject is None:
        raise BadField("email", "You sign in with this e-mail, so it cannot be empty.")
    changed = wanted != user.email
    values = {"name": checked_name(name), "email": wanted}
    try:
        with session.begin_nested():
            session.execute(update(User).where(col(User.id) == user_id).values(**values))
    except IntegrityError:
        raise BadField("email", "This e-mail cannot be used here.") from None
    return changed


def locked(session: Session, user_id: UUID) -> User:
    """A person's row, as it is now, held until the transaction ends. Raises NoSuchPerson."""
    # key_share: work that only refers to the person, such as storing their picture, need not wait.
    user = session.get(User, user_id, with_for_update={"key_share": True}, populate_existing=True)
    if user is None:
        raise NoSuchPerson(user_id)
    return user


def checked_name(name: str) -> str:
    """A name as it is kept. Raises BadField."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    plain = name
    for joiner in _JOINERS:
        plain = plain.replace(joiner, "")
    if not plain:
        raise BadField("name", "Enter a name; it is shown to you and to the owner.")
    if len(name) > NAME_CHARS or not plain.isprintable():
        raise BadField("name", f"A name is one line of up to {NAME_CHARS} visible characters.")
    return name


def checked_email(email: str) -> str:
    """An e-mail address as it is kept: what was typed, trimmed. Raises BadField."""
    email = unicodedata.normalize("NFC", email.strip())
    if len(email) > EMAIL_CHARS or not email.isprintable() or not _EMAIL.fullmatch(email):
        raise BadField("email", "This does not look like an e-mail address.")
    return email
