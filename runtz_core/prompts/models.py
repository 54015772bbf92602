"""Tables of words people keep: saved prompts with their versions and uses, word lists, presets of one's own."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

import runtz_core.jobs.models  # noqa: F401 (tables that foreign keys here name)
from runtz_core.db import created_column, time_column
from runtz_core.ids import new_id


class SavedPrompt(SQLModel, table=True):
    """One prompt in somebody's library, in its newest version."""

    __tablename__ = "saved_prompts"
    __table_args__ = (Index("saved_prompts_newest", "user_id", "updated_at", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="RESTRICT")
    name: str
    description: str = Field(default="", sa_type=Text)
    body: str = Field(sa_type=Text)
    negative: str = Field(default="", sa_type=Text)
    tags: list[str] = Field(default_factory=list, sa_type=ARRAY(Text), sa_column_kwargs={"nullable": False})
    favourite: bool = False
    version: int = 1
    uses: int = 0
    used_at: datetime | None = time_column()
    created_at: datetime = created_column()
    updated_at: datetime = created_column()


class PromptVersion(SQLModel, table=True):
    """What a saved prompt said at one version; never changed."""

    __tablename__ = "prompt_versions"

    prompt_id: UUID = Field(foreign_key="saved_prompts.id", ondelete="CASCADE", primary_key=True)
    version: int = Field(primary_key=True)
    body: str = Field(sa_type=Text)
    negative: str = Field(default="", sa_type=Text)
    created_at: datetime = created_column()


class PromptUse(SQLModel, table=True):
    """A job that was run from a saved prompt."""

    __tablename__ = "prompt_uses"

    job_id: UUID = Field(foreign_key="jobs.id", ondelete="RESTRICT", primary_key=True)
    prompt_id: UUID = Field(foreign_key="saved_prompts.id", ondelete="CASCADE", index=True)
    version: int


class WordList(SQLModel, table=True):
    """The words that `__name__` stands for."""

    __tablename__ = "word_lists"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="RESTRICT")
    name: str = Field(description="lower case")
    words: list[str] = Field(sa_type=ARRAY(Text), sa_column_kwargs={"nullable": False})
    updated_at: datetime = created_column()


class OwnPreset(SQLModel, table=True):
    """A preset somebody made for themselves."""

    __tablename__ = "own_presets"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="RESTRICT", index=True)
    name: str
    words: str = Field(sa_type=Text, description="what it adds to the prompt")
    questions: list[dict[str, Any]] = Field(sa_type=JSONB, description='[{"ask": …, "hint": …}]')
    updated_at: datetime = created_column()
