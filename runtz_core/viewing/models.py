"""The table of verdicts: what a person picked when they compared pictures."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Text, UniqueConstraint
from sqlalchemy import Uuid as UuidColumn
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from runtz_core.db import created_column
from runtz_core.ids import new_id


class Outcome(StrEnum):
    """How a comparison ended."""

    PICK = "pick"
    NONE = "none"
    TIE = "tie"


class Verdict(SQLModel, table=True):
    """One person's word on one set of pictures; comparing the same set again replaces it."""

    __tablename__ = "verdicts"
    __table_args__ = (
        UniqueConstraint("user_id", "blind", "image_ids"),
        CheckConstraint("(outcome = 'pick') = (chosen_id IS NOT NULL)", name="a_pick_names_a_picture"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="RESTRICT")
    image_ids: list[UUID] = Field(sa_type=ARRAY(UuidColumn), description="in the order of their ids")
    outcome: Outcome = Field(sa_type=Text)
    chosen_id: UUID | None = None
    blind: bool = Field(description="the names of the models were hidden; counted apart")
    created_at: datetime = created_column()
