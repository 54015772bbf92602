"""People and their sessions: the owner, one-time links, who a token belongs to (by the database's clock)."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlmodel import Session, col

from runtz_core.credits import service as credits
from runtz_core.ids import new_id
from runtz_core.settings import Timing
from runtz_core.users.models import OneTimeLink, Role, SignIn, Tier, User

TOKEN_BYTES = 32  # 256 bits: cannot be guessed, so a plain SHA-256 of it is safe to store
USER_AGENT_CHARS = 300
TOUCH_SECONDS = 60  # how stale `seen_at` may be; saves one write for nearly every event


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is behind a request, as the session row says now."""

    user_id: UUID
    session_id: UUID
    name: str
    role: Role
    tier: Tier

    @property
    def is_owner(self) -> bool:
        return self.role == Role.OWNER


def ensure_owner(session: Session, *, name: str = "Owner") -> User:
    """The owner, made if there is none yet. Two processes doing this at once get the same person."""
    values = {"id": new_id(), "role": Role.OWNER.value, "tier": Tier.INFINITY.value, "name": name}
    session.execute(
        postgres_insert(User)
        .values(**values)
        .on_conflict_do_nothing(
            index_elements=[col(User.role)], index_where=col(User.role) == Role.OWNER.value
        )
    )
    owner: User = session.execute(select(User).where(col(User.role) == Role.OWNER)).scalar_one()
    credits.open_accounts(session, owner.id)
    return owner


def arrive(session: Session, user_id: UUID, *, day: date) -> None:
    """A person is here: infinity accounts are filled up, once per `day` (in the installation's time zone).

    Called at sign-in and when a page loads, because one sign-in lasts for weeks.
    """
    tier = session.execute(select(col(User.tier)).where(col(User.id) == user_id)).scalar_one()
    if tier == Tier.INFINITY:
        credits.top_up(session, user_id, day)


def new_owner_link(session: Session, *, seconds: float) -> str:
    """A fresh one-time code that signs the owner in, good for `seconds`. Only its SHA-256 is stored."""
    owner = ensure_owner(session)
    code = secrets.token_urlsafe(TOKEN_BYTES)
    expires = func.clock_timestamp() + _seconds(seconds)
    session.execute(
        insert(OneTimeLink).values(
            id=new_id(), user_id=owner.id, code_sha256=digest(code), expires_at=expires
        )
    )
    return code


def link_path(code: str) -> str:
    """Where a one-time code is used. In the fragment, so that it reaches no server's or proxy's log."""
    return f"/welcome#{code}"


def redeem(session: Session, code: str) -> UUID | None:
    """Use a one-time code up. The person it signs in, or None: unknown, used, expired or disabled."""
    used = (
        update(OneTimeLink)
        .where(
            col(OneTimeLink.code_sha256) == digest(code),
            col(OneTimeLink.used_at).is_(None),
            col(OneTimeLink.expires_at) > func.clock_timestamp(),
            col(OneTimeLink.user_id) == col(User.id),
            col(User.disabled_at).is_(None),
        )
        .values(used_at=func.clock_timestamp())
        .returning(col(OneTimeLink.user_id))
    )
    return session.execute(used).scalar_one_or_none()


def start_session(session: Session, user_id: UUID, *, user_agent: str = "") -> str:
    """Sign a person in. The token for their cookie; only its SHA-256 is stored."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    agent = "".join(c for c in user_agent if c.isprintable())[:USER_AGENT_CHARS]
    session.execute(
        insert(SignIn).values(id=new_id(), user_id=user_id, token_sha256=digest(token), user_agent=agent)
    )
    return token


def who(session: Session, token: str, timing: Timing) -> Person | None:
    """The person a session token belongs to, or None: unknown, signed out, idle too long, too old, disabled.

    Limits come from `timing` (seconds). Touches the session at most once a minute.
    """
    now = func.clock_timestamp()
    stale = (col(SignIn.seen_at) < now - _seconds(TOUCH_SECONDS)).label("stale")
    found = session.execute(
        select(col(SignIn.id), col(User.id), col(User.name), col(User.role), col(User.tier), stale)
        .join(User, col(User.id) == col(SignIn.user_id))
        .where(
            col(SignIn.token_sha256) == digest(token),
            col(SignIn.revoked_at).is_(None),
            col(SignIn.seen_at) > now - _seconds(timing.session_idle),
            col(SignIn.created_at) > now - _seconds(timing.session_absolute),
            col(User.disabled_at).is_(None),
        )
    ).one_or_none()
    if found is None:
        return None
    session_id, user_id, name, role, tier, is_stale = found
    if is_stale:
        session.execute(update(SignIn).where(col(SignIn.id) == session_id).values(seen_at=now))
    return Person(user_id=user_id, session_id=session_id, name=name, role=Role(role), tier=Tier(tier))


def end_session(session: Session, token: str) -> None:
    """Sign out. Open tabs lose their rights with their next event. Unknown tokens are ignored."""
    session.execute(
        update(SignIn)
        .where(col(SignIn.token_sha256) == digest(token), col(SignIn.revoked_at).is_(None))
        .values(revoked_at=func.clock_timestamp())
    )


def digest(secret: str) -> str:
    """SHA-256 in hexadecimal; accepts whatever text a stranger sends."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _seconds(seconds: float) -> Any:
    return func.make_interval(0, 0, 0, 0, 0, 0, seconds)
