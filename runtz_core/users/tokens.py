"""Tokens for programs: what lets a script act for a person, within scopes, until it is revoked (S19)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update
from sqlmodel import Session, col

from runtz_core.ids import new_id
from runtz_core.users import audit
from runtz_core.users.models import ApiToken, User
from runtz_core.users.service import TOUCH_SECONDS, digest, new_secret, seconds_ago

PREFIX: Final = "runtz_"  # so that scanners of leaked secrets, and people, know it by sight
NAME_CHARS = 60
MOST = 50  # good tokens of one person


class TokenScope(StrEnum):
    """What a token is good for."""

    READ = "read"
    RUN = "run"


class BadToken(ValueError):
    """The token cannot be made; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who is behind a request with a token, and what it may do."""

    user_id: UUID
    token_id: UUID
    scopes: frozenset[TokenScope]


@dataclass(frozen=True, kw_only=True)
class TokenRow:
    """A token as its person sees it: never the token itself."""

    token_id: UUID
    name: str
    last_four: str
    scopes: tuple[TokenScope, ...]
    created_at: datetime
    used_at: datetime | None


def make(
    session: Session, user_id: UUID, *, name: str, scopes: Collection[TokenScope], address: str = ""
) -> str:
    """A new token: the prefix and 256 random bits. Only its SHA-256 is kept, so it is shown this once.

    Raises BadToken.
    """
    name = " ".join(audit.one_line(name).split())
    if not 1 <= len(name) <= NAME_CHARS:
        raise BadToken(f"Name the token, in at most {NAME_CHARS} characters, after what will use it.")
    if not scopes:
        raise BadToken("Choose what the token may do.")
    if len(tokens(session, user_id)) >= MOST:
        raise BadToken(f"You have {MOST} tokens. Revoke one that is no longer used first.")
    token = PREFIX + new_secret()
    session.execute(
        insert(ApiToken).values(
            id=new_id(),
            user_id=user_id,
            name=name,
            token_sha256=digest(token),
            last_four=token[-4:],
            scopes=sorted(scopes),
        )
    )
    audit.record(
        session, "token_made", actor=user_id, subject=user_id, address=address, name=name,
        scopes=" ".join(sorted(scopes)),
    )  # fmt: skip
    return token


def tokens(session: Session, user_id: UUID) -> list[TokenRow]:
    """A person's tokens that were not revoked, the newest first."""
    found = session.execute(
        select(ApiToken)
        .where(col(ApiToken.user_id) == user_id, col(ApiToken.revoked_at).is_(None))
        .order_by(col(ApiToken.id).desc())
    ).scalars()
    return [
        TokenRow(
            token_id=row.id,
            name=row.name,
            last_four=row.last_four,
            scopes=tuple(TokenScope(scope) for scope in row.scopes),
            created_at=row.created_at,
            used_at=row.used_at,
        )
        for row in found
    ]


def revoke(session: Session, user_id: UUID, token_id: UUID, *, address: str = "") -> bool:
    """End a token, from its next use on. False when there is none such, or it is somebody else's."""
    ended = session.execute(
        update(ApiToken)
        .where(
            col(ApiToken.id) == token_id,
            col(ApiToken.user_id) == user_id,
            col(ApiToken.revoked_at).is_(None),
        )
        .values(revoked_at=func.clock_timestamp())
        .returning(col(ApiToken.name))
    ).scalar_one_or_none()
    if ended is None:
        return False
    audit.record(session, "token_revoked", actor=user_id, subject=user_id, address=address, name=ended)
    return True


_BEARER = (
    select(
        *(col(ApiToken.id), col(ApiToken.user_id), col(ApiToken.scopes)),
        (col(ApiToken.used_at).is_(None) | (col(ApiToken.used_at) < seconds_ago(TOUCH_SECONDS))).label(
            "stale"
        ),
    )
    .join(User, col(User.id) == col(ApiToken.user_id))
    .where(
        col(ApiToken.token_sha256) == bindparam("token"),
        col(ApiToken.revoked_at).is_(None),
        col(User.disabled_at).is_(None),
    )
)


def bearer(session: Session, token: str) -> Bearer | None:
    """Whose token this is, or None: made up, revoked, or of somebody who was shut out. Notes its use."""
    if not token.startswith(PREFIX) or len(token) > 200:
        return None
    found = session.execute(_BEARER, {"token": digest(token)}).one_or_none()
    if found is None:
        return None
    if found.stale:
        session.execute(
            update(ApiToken).where(col(ApiToken.id) == found.id).values(used_at=func.clock_timestamp())
        )
    return Bearer(
        user_id=found.user_id,
        token_id=found.id,
        scopes=frozenset(TokenScope(scope) for scope in found.scopes),
    )
