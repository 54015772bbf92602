"""Tables of the vault: one searchable row for each picture, tags, collections, tallies, known words."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Text,
    Uuid,
    false,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlmodel import Field, SQLModel

import runtz_core.images.models
import runtz_core.jobs.models
import runtz_core.users.models  # noqa: F401 (tables that foreign keys here name)
from runtz_core.db import created_column, time_column
from runtz_core.ids import new_id

_NEWEST = ("user_id", "created_at", "image_id")


def _default(value: str) -> dict[str, Any]:
    return {"server_default": value}


class VaultItem(SQLModel, table=True):
    """What of a picture is searched and filtered by. Rows come and follow by triggers (migration 0010).

    `kept` and `deleted_at` repeat the picture's own; they are written there and never here.
    """

    __tablename__ = "vault_items"
    __table_args__ = (
        Index("vault_newest", *_NEWEST, postgresql_where=text("deleted_at IS NULL")),
        Index("vault_kept", *_NEWEST, postgresql_where=text("kept AND deleted_at IS NULL")),
        Index("vault_trash", *_NEWEST, postgresql_where=text("deleted_at IS NOT NULL")),
        Index("vault_keys", "keys", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index("vault_search", "search", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index("vault_unseen", "created_at", postgresql_where=text("looked_at IS NULL")),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating_known"),
    )

    image_id: UUID = Field(primary_key=True, foreign_key="images.id", ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="users.id", ondelete="RESTRICT")
    created_at: datetime = created_column()
    kept: bool
    deleted_at: datetime | None = time_column()
    width: int
    height: int
    job_id: UUID | None = None
    provider: str | None = None
    model: str | None = None
    origin: str = Field(description="generated, uploaded or imported")
    simulated: bool
    damaged: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    credits: int = Field(description="what the picture was charged")
    usd_micros: int = Field(sa_type=BigInteger, description="what the vendor took, micro-dollars")

    title: str = Field(default="", sa_column_kwargs=_default(""))
    notes: str = Field(default="", sa_type=Text, sa_column_kwargs=_default(""))
    rating: int | None = Field(default=None, description="1 to 5; None: not rated")
    version: int = Field(
        default=1,
        sa_column_kwargs=_default("1"),
        description="grows with every change of title, notes, rating",
    )
    tag_ids: list[UUID] = Field(default_factory=list, sa_type=ARRAY(Uuid()), sa_column_kwargs=_default("{}"))
    collection_ids: list[UUID] = Field(
        default_factory=list, sa_type=ARRAY(Uuid()), sa_column_kwargs=_default("{}")
    )

    colours: list[str] = Field(default_factory=list, sa_type=ARRAY(Text()), sa_column_kwargs=_default("{}"))
    palette: list[str] = Field(default_factory=list, sa_type=ARRAY(Text()), sa_column_kwargs=_default("{}"))
    perceptual_hash: int | None = Field(default=None, sa_type=BigInteger)
    looked_at: datetime | None = time_column(description="when colours and hash were made")

    keys: list[int] = Field(
        default_factory=list, sa_type=ARRAY(BigInteger()), sa_column_kwargs=_default("{}")
    )
    search: str = Field(default="", sa_column=Column(TSVECTOR(), server_default="", nullable=False))


class Tag(SQLModel, table=True):
    """A word of one person's; which pictures carry it is in their rows."""

    __tablename__ = "tags"
    __table_args__ = (Index("tags_by_name", "user_id", literal_column("lower(name)"), unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="RESTRICT")
    name: str
    created_at: datetime = created_column()


class Collection(SQLModel, table=True):
    """A named set of pictures; which are in it is in their rows."""

    __tablename__ = "collections"
    __table_args__ = (
        Index("collections_by_name", "user_id", literal_column("lower(name)"), unique=True),
        Index("collections_by_cover", "cover_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="RESTRICT")
    name: str
    cover_id: UUID | None = Field(default=None, foreign_key="images.id", ondelete="SET NULL")
    created_at: datetime = created_column()


class Tally(SQLModel, table=True):
    """A difference of a count: the sum of a person's rows of one scope and term is how many there are."""

    __tablename__ = "vault_tallies"
    __table_args__ = (Index("tallies_of_person", "user_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_column_kwargs=_default("gen_random_uuid()"))
    user_id: UUID
    scope: str = Field(description="all, kept or trash")
    term: str
    pictures: int = Field(sa_type=BigInteger)
    credits: int = Field(sa_type=BigInteger)
    usd_micros: int = Field(sa_type=BigInteger)


class Word(SQLModel, table=True):
    """A word that some picture of this person is described with, for finding it misspelt."""

    __tablename__ = "vault_words"
    __table_args__ = (
        Index("vault_words_alike", "word", postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}),
    )

    user_id: UUID = Field(primary_key=True, foreign_key="users.id", ondelete="RESTRICT")
    word: str = Field(primary_key=True)


class ErasedImage(SQLModel, table=True):
    """A picture that a person threw away for good: the books know that its call did deliver."""

    __tablename__ = "erased_images"

    image_id: UUID = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="RESTRICT")
    call_id: UUID | None = Field(default=None, foreign_key="calls.id", unique=True, ondelete="RESTRICT")
    erased_at: datetime = created_column()
