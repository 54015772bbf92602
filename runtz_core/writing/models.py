"""Tables of writing: a person's choices, gradings with their rounds, verdicts on pairs of pictures."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

import runtz_core.jobs.models  # noqa: F401 (tables that foreign keys here name)
from runtz_core.db import created_column, time_column
from runtz_core.ids import new_id


class WritingChoice(SQLModel, table=True):
    """How a person wants to be helped with writing."""

    __tablename__ = "writing_choices"

    user_id: UUID = Field(primary_key=True, foreign_key="users.id", ondelete="CASCADE")
    writers: list[str] = Field(default_factory=list, sa_type=JSONB, description="vendors, best liked first")
    enhance: bool = Field(default=True, description="off stays off")
    judge_new: bool = Field(default=False, description="pictures of new jobs are judged by themselves")


class Grading(SQLModel, table=True):
    """One prompt marked, and perhaps improved in rounds. The best round is kept, not the last."""

    __tablename__ = "gradings"
    __table_args__ = (Index("gradings_newest", "user_id", "created_at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="RESTRICT")
    idea: str = Field(sa_type=Text)
    grader: str = Field(description="a text model's name, or rules")
    rounds: int = Field(description="most rounds wanted")
    most_credits: int = Field(description="what all rounds together may cost")
    stopped_at: datetime | None = time_column()
    ended: str | None = Field(default=None, description="why no further round follows, for a person")
    created_at: datetime = created_column()


class GradingRound(SQLModel, table=True):
    """One version of the prompt and its marks; without marks while they are awaited, or when there are none."""

    __tablename__ = "grading_rounds"

    grading_id: UUID = Field(primary_key=True, foreign_key="gradings.id", ondelete="CASCADE")
    position: int = Field(primary_key=True)
    call_id: UUID | None = Field(default=None, foreign_key="calls.id", unique=True, ondelete="RESTRICT")
    prompt: str = Field(sa_type=Text)
    marks: dict[str, Any] | None = Field(default=None, sa_type=JSONB)


class Ruling(SQLModel, table=True):
    """What a judge said of two pictures shown in one order."""

    __tablename__ = "rulings"
    __table_args__ = (Index("rulings_of_judge", "user_id", "judge", "simulated"),)

    call_id: UUID = Field(primary_key=True, foreign_key="calls.id", ondelete="RESTRICT")
    user_id: UUID = Field(foreign_key="users.id", ondelete="RESTRICT")
    job_id: UUID = Field(foreign_key="jobs.id", index=True, ondelete="RESTRICT")
    judge: str
    simulated: bool
    left_image_id: UUID = Field(foreign_key="images.id", ondelete="CASCADE")
    right_image_id: UUID = Field(foreign_key="images.id", ondelete="CASCADE")
    left_chars: int = Field(description="characters of the prompt the picture was made from")
    right_chars: int
    winner: str = Field(description="left, right or tie")
    reason: str = Field(sa_type=Text)
    left_checks: dict[str, Any] = Field(sa_type=JSONB)
    right_checks: dict[str, Any] = Field(sa_type=JSONB)
    created_at: datetime = created_column()
