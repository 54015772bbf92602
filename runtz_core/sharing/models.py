"""The table of share links."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy import Uuid as UuidColumn
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from runtz_core.db import created_column, time_column
from runtz_core.ids import new_id


class Share(SQLModel, table=True):
    """A link that shows a few pictures of one person to whoever has it. Only the SHA-256 of its token is stored."""

    __tablename__ = "shares"
    __table_args__ = (
        Index("shares_of_person", "user_id", "created_at", "id"),
        Index("shares_of_image", "image_ids", postgresql_using="gin"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="RESTRICT")
    token_sha256: str = Field(unique=True)
    image_ids: list[UUID] = Field(sa_type=ARRAY(UuidColumn), description="1 to 6, in the order shown")
    with_prompt: bool
    created_at: datetime = created_column()
    expires_at: datetime | None = time_column(description="None: until it is revoked")
    revoked_at: datetime | None = time_column()
    opened: int = Field(default=0, description="how often its page was asked for")
    opened_at: datetime | None = time_column()
