"""Tables of people, their sessions and one-time links."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, Text, text
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
    created_at: datetime = created_column()
    disabled_at: datetime | None = time_column()


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


class OneTimeLink(SQLModel, table=True):
    """A link that signs one person in once. Only the SHA-256 of its code is stored."""

    __tablename__ = "one_time_links"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    purpose: str = "sign_in"
    code_sha256: str = Field(unique=True)
    created_at: datetime = created_column()
    expires_at: datetime = created_column()
    used_at: datetime | None = time_column()
