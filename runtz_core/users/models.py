"""Tables of people, their sessions and one-time links."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from runtz_core.db import created_column, time_column
from runtz_core.ids import new_id


class Role(StrEnum):
    OWNER = "owner"
    MEMBER = "member"


class Tier(StrEnum):
    FREE = "free"
    PRO = "pro"
    INFINITY = "infinity"


class User(SQLModel, table=True):
    """A person. The first one, made by `up`, is the owner and needs neither e-mail nor password."""

    __tablename__ = "users"
    __table_args__ = (
        Index("one_owner", "role", unique=True, postgresql_where=text("role = 'owner'")),
        Index("users_email", text("lower(email)"), unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    role: Role = Field(default=Role.MEMBER, sa_type=Text)
    tier: Tier = Field(default=Tier.FREE, sa_type=Text)
    name: str
    email: str | None = None
    password_hash: str | None = None
    google_subject: str | None = Field(default=None, unique=True, description="Google's id of this person")
    daily_cap: int | None = Field(default=None, description="credits a day; None: the installation's rule")
    storage_quota: int | None = Field(default=None, sa_type=BigInteger, description="bytes; None: as above")
    created_at: datetime = created_column()
    disabled_at: datetime | None = time_column()
    deleted_at: datetime | None = time_column(description="the person is gone; their books stay, nameless")


class SignIn(SQLModel, table=True):
    """A browser session. Only the SHA-256 of its token is stored."""

    __tablename__ = "sessions"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    token_sha256: str = Field(unique=True)
    user_agent: str = ""
    created_at: datetime = created_column()
    seen_at: datetime = created_column()
    revoked_at: datetime | None = time_column()


class LinkPurpose(StrEnum):
    """What a one-time link is good for."""

    SIGN_IN = "sign_in"
    RESET = "reset"


class OneTimeLink(SQLModel, table=True):
    """A link that lets one person do one thing once. Only the SHA-256 of its code is stored."""

    __tablename__ = "one_time_links"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    purpose: LinkPurpose = Field(default=LinkPurpose.SIGN_IN, sa_type=Text)
    code_sha256: str = Field(unique=True)
    created_at: datetime = created_column()
    expires_at: datetime = created_column()
    used_at: datetime | None = time_column()


class ApiToken(SQLModel, table=True):
    """What lets a program act for a person. Only the SHA-256 of the token is stored."""

    __tablename__ = "api_tokens"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    name: str
    token_sha256: str = Field(unique=True)
    last_four: str = Field(description="of the token, so that a person tells theirs apart")
    scopes: list[str] = Field(sa_type=JSONB, description="see users.tokens")
    created_at: datetime = created_column()
    used_at: datetime | None = time_column()
    revoked_at: datetime | None = time_column()


class Registration(StrEnum):
    """Who may make an account without the owner doing it for them."""

    OPEN = "open"
    INVITE = "invite"
    CLOSED = "closed"


class HouseRules(SQLModel, table=True):
    """What the owner decided for everybody; one row, made by its migration."""

    __tablename__ = "house_rules"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(default=1, primary_key=True)
    registration: Registration = Field(default=Registration.INVITE, sa_type=Text)
    daily_cap: int | None = Field(default=None, description="credits a day, everybody together")
    person_daily_cap: int | None = Field(default=None, description="credits a day and person")
    person_storage_quota: int | None = Field(default=None, sa_type=BigInteger, description="bytes a person")
    confirm_above: int | None = Field(
        default=None, description="a run dearer than this asks first, in credits"
    )


class Invite(SQLModel, table=True):
    """A link that lets one person register. Only the SHA-256 of its code is stored."""

    __tablename__ = "invites"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code_sha256: str = Field(unique=True)
    note: str = Field(default="", description="for whom, in the owner's words")
    made_by: UUID = Field(foreign_key="users.id", ondelete="RESTRICT")
    created_at: datetime = created_column()
    expires_at: datetime = created_column()
    used_at: datetime | None = time_column()
    used_by: UUID | None = Field(default=None, foreign_key="users.id", ondelete="RESTRICT")
    revoked_at: datetime | None = time_column()


class SignInAttempt(SQLModel, table=True):
    """A failed try to prove who one is, kept for the limits and dropped after a day."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        Index("attempts_by_account", "account_sha256", "address", "created_at"),
        Index("attempts_by_address", "address", "created_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_sha256: str = Field(description="of the lower-case e-mail: no list of addresses is kept here")
    address: str
    created_at: datetime = created_column()


class AuditEntry(SQLModel, table=True):
    """Something done to accounts, rights, money or keys. Never changed, never deleted, holds no secret."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("audit_newest", "created_at", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    actor_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="RESTRICT")
    subject_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="RESTRICT")
    action: str = Field(description='"signed_in", "grant", "key_saved" …')
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    address: str = ""
    created_at: datetime = created_column()
