"""People and their sessions: the owner, sign-in links, who a token belongs to (by the database's clock)."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Float, bindparam, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlmodel import Session, col

from runtz_core import events
from runtz_core.credits import service as credits
from runtz_core.ids import new_id
from runtz_core.settings import Timing
from runtz_core.users.models import LinkPurpose, OneTimeLink, Role, SignIn, Tier, User

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


def interval(seconds: Any) -> Any:
    """So many seconds, as the database counts."""
    return func.make_interval(0, 0, 0, 0, 0, 0, seconds)


def seconds_ago(seconds: Any) -> Any:
    """That moment by the database's clock."""
    return func.clock_timestamp() - interval(seconds)


def _good(*, idle: Any, absolute: Any) -> tuple[ColumnElement[bool], ...]:
    """What holds for a session that is neither signed out nor idle nor old for too long (seconds)."""
    return (
        col(SignIn.revoked_at).is_(None),
        col(SignIn.seen_at) > seconds_ago(idle),
        col(SignIn.created_at) > seconds_ago(absolute),
    )


# Made once: every event and request asks it, and putting it together takes longer than the answer.
_WHO = (
    select(
        *(col(SignIn.id), col(User.id), col(User.name), col(User.role), col(User.tier)),
        (col(SignIn.seen_at) < seconds_ago(TOUCH_SECONDS)).label("stale"),
    )
    .join(User, col(User.id) == col(SignIn.user_id))
    .where(
        col(SignIn.token_sha256) == bindparam("token"),
        *_good(idle=bindparam("idle", type_=Float), absolute=bindparam("absolute", type_=Float)),
        col(User.disabled_at).is_(None),
    )
)


def ensure_owner(session: Session, *, name: str = "Owner") -> User:
    """The owner, made if there is none yet. Two processes doing this at once get the same person."""
    values = {"id": new_id(), "role": Role.OWNER.value, "tier": Tier.INFINITY.value, "name": name}
    session.execute(
        postgres_insert(User)
        .values(**values)
        # Written out: as a parameter it names no index once the connection has prepared the statement (after five).
        .on_conflict_do_nothing(index_elements=[col(User.role)], index_where=text(f"role = '{Role.OWNER}'"))
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
    return new_link(session, ensure_owner(session).id, LinkPurpose.SIGN_IN, seconds=seconds)


def new_link(session: Session, user_id: UUID, purpose: LinkPurpose, *, seconds: float) -> str:
    """A fresh one-time code of `user_id` for one purpose, good for `seconds`. Only its SHA-256 is stored."""
    code = new_secret()
    expires = func.clock_timestamp() + interval(seconds)
    session.execute(
        insert(OneTimeLink).values(
            id=new_id(), user_id=user_id, purpose=purpose, code_sha256=digest(code), expires_at=expires
        )
    )
    return code


def link_path(code: str) -> str:
    """Where a one-time code is used. In the fragment, so that it reaches no server's or proxy's log."""
    return f"/welcome#{code}"


def redeem(session: Session, code: str, purpose: LinkPurpose = LinkPurpose.SIGN_IN) -> UUID | None:
    """Use a one-time code up. Its person, or None: unknown, used, expired, for something else, or disabled."""
    used = (
        update(OneTimeLink)
        .where(
            col(OneTimeLink.code_sha256) == digest(code),
            col(OneTimeLink.purpose) == purpose,
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
    token = new_secret()
    agent = "".join(c for c in user_agent if c.isprintable())[:USER_AGENT_CHARS]
    session.execute(
        insert(SignIn).values(id=new_id(), user_id=user_id, token_sha256=digest(token), user_agent=agent)
    )
    return token


def who(session: Session, token: str, timing: Timing) -> Person | None:
    """The person a session token belongs to, or None: unknown, signed out, idle too long, too old, disabled.

    Limits come from `timing` (seconds). Touches the session at most once a minute.
    """
    found = session.execute(
        _WHO,
        {"token": digest(token), "idle": timing.session_idle, "absolute": timing.session_absolute},
    ).one_or_none()
    if found is None:
        return None
    session_id, user_id, name, role, tier, is_stale = found
    if is_stale:
        session.execute(
            update(SignIn).where(col(SignIn.id) == session_id).values(seen_at=func.clock_timestamp())
        )
    return Person(user_id=user_id, session_id=session_id, name=name, role=Role(role), tier=Tier(tier))


def end_session(session: Session, token: str) -> UUID | None:
    """Sign out; returns whose session it was. Open tabs lose their rights with their next event."""
    return _end(session, col(SignIn.token_sha256) == digest(token))


def end_one_session(session: Session, user_id: UUID, session_id: UUID) -> bool:
    """End one of this person's sessions. False when there is none such, or it is somebody else's."""
    return _end(session, col(SignIn.id) == session_id, col(SignIn.user_id) == user_id) is not None


def end_sessions(session: Session, user_id: UUID, *, but: UUID | None = None) -> None:
    """End all sessions of a person, or all `but` the one they sit at."""
    kept = () if but is None else (col(SignIn.id) != but,)
    _end(session, col(SignIn.user_id) == user_id, *kept)


def _end(session: Session, *which: ColumnElement[bool]) -> UUID | None:
    """Revoke, and have the open tabs of the person look again. Whose it was, None when nothing was open."""
    ended = (
        update(SignIn)
        .where(*which, col(SignIn.revoked_at).is_(None))
        .values(revoked_at=func.clock_timestamp())
        .returning(col(SignIn.user_id))
        .execution_options(synchronize_session=False)
    )
    user_id: UUID | None = next(iter(session.execute(ended).scalars().all()), None)
    if user_id is not None:
        events.sessions_changed(session, user_id)
    return user_id


@dataclass(frozen=True, kw_only=True)
class SessionRow:
    """One browser a person is signed in with."""

    session_id: UUID
    user_agent: str
    created_at: datetime
    seen_at: datetime


def sessions(session: Session, user_id: UUID, timing: Timing) -> list[SessionRow]:
    """The sessions of a person that are still good, the last used first."""
    found = session.execute(
        select(SignIn)
        .where(
            col(SignIn.user_id) == user_id, *_good(idle=timing.session_idle, absolute=timing.session_absolute)
        )
        .order_by(col(SignIn.seen_at).desc())
    ).scalars()
    return [
        SessionRow(
            session_id=row.id, user_agent=row.user_agent, created_at=row.created_at, seen_at=row.seen_at
        )
        for row in found
    ]


def new_secret() -> str:
    """A secret for a cookie or a link: 256 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(secret: str) -> str:
    """SHA-256 in hexadecimal; accepts whatever text a stranger sends."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
