"""The table of lanes: what all workers together have learned about one provider as called with one key."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from runtz_core.db import time_column


class Lane(SQLModel, table=True):
    """One lane (`openai/installation`). Changed under its row's lock, on the database's clock."""

    __tablename__ = "lanes"
    __table_args__ = (CheckConstraint("room >= 1", name="room_for_one"),)

    lane: str = Field(primary_key=True)
    room: int | None = Field(
        default=None, description="calls in flight allowed now; None: the published limit"
    )
    successes: int = Field(default=0, description="in a row since `room` last changed")
    grown_at: datetime | None = time_column(description="when `room` last changed")
    cut_at: datetime | None = time_column(description="calls sent before this say nothing new about `room`")
    paused_until: datetime | None = time_column(description="the provider named this moment (Retry-After)")
    failures: int = Field(default=0, description="in a row")
    tripped_at: datetime | None = time_column(description="the breaker is open, or half open, since")
    rests_until: datetime | None = time_column(
        description="until then nothing is sent; then one call is, to see"
    )
    tripped_by: str | None = Field(
        default=None, sa_type=Text, description="the failure that was one too many"
    )
    recent: dict[str, list[int]] = Field(
        default_factory=dict,
        sa_type=JSONB,
        description="of the last minute: tick → ended, failed, tried again",
    )
    latency: float | None = Field(
        default=None, sa_type=Float, description="seconds, weighted to the newest calls"
    )
    refused_key: str | None = Field(default=None, description="fingerprint of the key the provider refused")
    refused_at: datetime | None = time_column()
    refusal_read_at: datetime | None = time_column(description="the owner has put the banner away")


def blank(lane: str) -> dict[str, Any]:
    """The row of a lane nobody has used yet."""
    return {"lane": lane, "successes": 0, "failures": 0, "recent": {}}
