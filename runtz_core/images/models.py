"""Tables of pictures: blobs (bytes, shared by hash) and images (what a person owns)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from runtz_core.db import created_column, time_column
from runtz_core.ids import new_id


class Blob(SQLModel, table=True):
    """One file on disk, named by its SHA-256 and never rewritten (D6). Counted by the images that use it."""

    __tablename__ = "blobs"

    sha256: str = Field(primary_key=True, max_length=64)
    size: int = Field(sa_type=BigInteger, description="bytes")
    media_type: str
    width: int
    height: int
    created_at: datetime = created_column()


class Image(SQLModel, table=True):
    """One stored picture of one person."""

    __tablename__ = "images"
    __table_args__ = (Index("images_newest", "user_id", "created_at", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="RESTRICT")
    call_id: UUID | None = Field(default=None, foreign_key="calls.id", unique=True, ondelete="RESTRICT")
    sha256: str = Field(foreign_key="blobs.sha256", index=True, ondelete="RESTRICT")
    width: int
    height: int
    kept: bool = False
    thumbhash: str | None = Field(default=None, description="base64, made after the picture is ready")
    created_at: datetime = created_column()
    deleted_at: datetime | None = time_column()
