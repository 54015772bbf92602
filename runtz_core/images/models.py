"""Tables of pictures: blobs (bytes, shared by hash), images (what a person owns), rounds of checking."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field, SQLModel

from runtz_core.db import created_column, time_column
from runtz_core.ids import new_id


class Origin(StrEnum):
    """How a picture came here."""

    GENERATED = "generated"
    UPLOADED = "uploaded"
    IMPORTED = "imported"
    MASK = "mask"  # painted over another picture; never shown among pictures


class Blob(SQLModel, table=True):
    """One file on disk, named by its SHA-256 and never rewritten (D6). Counted by the images that use it."""

    __tablename__ = "blobs"
    __table_args__ = (Index("blobs_damaged", "sha256", postgresql_where=text("damage IS NOT NULL")),)

    sha256: str = Field(primary_key=True, max_length=64)
    size: int = Field(sa_type=BigInteger, description="bytes")
    media_type: str
    width: int
    height: int
    created_at: datetime = created_column()
    checked_at: datetime | None = time_column()
    damage: str | None = Field(default=None, description="what the last look found wrong: see scrub.Damage")


class Scrub(SQLModel, table=True):
    """One round of looking at every stored picture; the unfinished one goes on where it was."""

    __tablename__ = "scrubs"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    started_at: datetime = created_column()
    finished_at: datetime | None = time_column()
    population: int = 0
    checked: int = 0
    damaged: int = 0


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
    origin: Origin = Field(
        default=Origin.GENERATED, sa_type=Text, sa_column_kwargs={"server_default": text("'generated'")}
    )
    thumbhash: str | None = Field(default=None, description="base64, made after the picture is ready")
    created_at: datetime = created_column()
    deleted_at: datetime | None = time_column()
