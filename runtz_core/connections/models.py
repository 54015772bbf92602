"""Tables of provider keys, base URLs and the owner's own servers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from runtz_core.db import created_column
from runtz_core.ids import new_id


class ProviderKey(SQLModel, table=True):
    """A sealed API key. `user_id` NULL is the installation's, whose calls cost credits (D7, D10)."""

    __tablename__ = "provider_keys"
    __table_args__ = (UniqueConstraint("provider", "user_id", postgresql_nulls_not_distinct=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    provider: str
    user_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="CASCADE")
    sealed: bytes
    key_version: int = Field(description="which master key sealed it")
    last_four: str
    created_at: datetime = created_column()


class ProviderAddress(SQLModel, table=True):
    """A base URL the owner set instead of the vendor's own."""

    __tablename__ = "provider_addresses"

    provider: str = Field(primary_key=True)
    base_url: str


class CustomServer(SQLModel, table=True):
    """An OpenAI-compatible server the owner declared. Its provider id is `custom-<slug>`."""

    __tablename__ = "custom_servers"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    slug: str = Field(unique=True)
    label: str
    base_url: str
    created_at: datetime = created_column()


class CustomModel(SQLModel, table=True):
    """One model of such a server: sizes by ratio, price of a picture (0 is a price; unknown is refused)."""

    __tablename__ = "custom_models"
    __table_args__ = (
        UniqueConstraint("server_id", "model"),
        CheckConstraint("usd_micros >= 0", name="price_known"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    server_id: UUID = Field(foreign_key="custom_servers.id", ondelete="CASCADE")
    model: str
    label: str
    sizes: dict[str, list[int]] = Field(
        sa_type=JSONB, description='ratio -> [width, height], e.g. {"1:1": [1024, 1024]}'
    )
    usd_micros: int = Field(sa_type=BigInteger)
