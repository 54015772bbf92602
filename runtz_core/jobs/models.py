"""Tables of jobs and calls (D2)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

import runtz_core.images.models
import runtz_core.users.models  # noqa: F401 (tables that foreign keys here and there name)
from runtz_core.db import created_column, time_column
from runtz_core.ids import new_id


class CallKind(StrEnum):
    GENERATE = "generate"
    ENHANCE = "enhance"
    GRADE = "grade"
    DESCRIBE = "describe"
    UPSCALE = "upscale"


class CallState(StrEnum):
    """Where a call stands. The last four are ends; `unknown` waits for a person."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Stage(StrEnum):
    """What a card says while its call is not finished."""

    WAITING = "waiting"
    SENT = "sent"
    RENDERING = "rendering"
    SAVING = "saving"


UNFINISHED = (CallState.QUEUED, CallState.RUNNING)


class Batch(SQLModel, table=True):
    """Many jobs submitted together. Its state is that of their calls, and whether a person holds them."""

    __tablename__ = "batches"
    __table_args__ = (UniqueConstraint("user_id", "submission_key"), Index("batches_newest", "user_id", "id"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="RESTRICT")
    submission_key: str
    name: str
    source: str = Field(description='where the prompts came from: "pasted", "file", "library", "wildcards"')
    prompts: int
    pictures: int
    models: list[dict[str, str]] = Field(sa_type=JSONB, description="as on its jobs")
    ratio: str
    samples: int
    created_at: datetime = created_column()
    paused_at: datetime | None = time_column()
    cancelled_at: datetime | None = time_column()


class Job(SQLModel, table=True):
    """One submitted prompt. Its state is that of its calls."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("user_id", "submission_key"),
        Index("jobs_newest", "user_id", "created_at", "id"),
        Index("jobs_of_batch", "batch_id", "batch_row", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="RESTRICT")
    submission_key: str = Field(description="sent by the page; the same key is the same job (double clicks)")
    prompt: str = Field(sa_type=Text)
    negative: str | None = Field(default=None, sa_type=Text)
    ratio: str
    samples: int
    seed: int | None = Field(default=None, sa_type=BigInteger)
    models: list[dict[str, str]] = Field(
        sa_type=JSONB, description='[{"model": …, "tier": …}] in the order chosen'
    )
    writing: dict[str, Any] | None = Field(
        default=None,
        sa_type=JSONB,
        description="who wrote the prompts of its models from the person's words, and the prompts: see jobs.requests",
    )
    batch_id: UUID | None = Field(default=None, foreign_key="batches.id", ondelete="RESTRICT")
    batch_row: int | None = Field(default=None, description="its place in the batch, from 1")
    remix: str | None = Field(default=None, description="what is done with its inputs: see jobs.inputs.Remix")
    strength: int | None = Field(default=None, description="1 to 100: how far it may leave its base")
    created_at: datetime = created_column()


class JobInput(SQLModel, table=True):
    """A picture a job was made from. Every edge of a lineage is image, call, job, and this."""

    __tablename__ = "job_inputs"

    job_id: UUID = Field(foreign_key="jobs.id", primary_key=True, ondelete="CASCADE")
    position: int = Field(primary_key=True)
    image_id: UUID | None = Field(
        index=True,
        description="of images, of erased_images, or of one not brought in yet; None: nobody knows",
    )
    role: str = Field(description="base, reference or mask")


class Call(SQLModel, table=True):
    """One paid (or simulated) call to one vendor. Every write by a worker is fenced by `attempt`."""

    __tablename__ = "calls"
    __table_args__ = (
        Index("calls_of_job", "job_id", "position", "sample", "created_at"),
        Index("calls_of_person", "user_id", "created_at", "id"),
        Index("calls_due", "not_before", "created_at", postgresql_where=text("state = 'queued'")),
        Index(
            "calls_queue",
            "lane",
            "user_id",
            "created_at",
            "id",
            "not_before",
            postgresql_where=text("state = 'queued' AND reference IS NULL"),
        ),
        Index(
            "calls_resumable",
            "not_before",
            postgresql_where=text("state = 'queued' AND reference IS NOT NULL"),
        ),
        Index("calls_running", "lane", "lease_until", postgresql_where=text("state = 'running'")),
        Index("calls_usual", "model", "tier", "finished_at", postgresql_where=text("state = 'succeeded'")),
        Index("calls_dearer", "finished_at", postgresql_where=text("cost_usd_micros > price_usd_micros")),
        CheckConstraint("credits >= 0", name="credits_known"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    job_id: UUID | None = Field(default=None, foreign_key="jobs.id", ondelete="RESTRICT")
    user_id: UUID = Field(foreign_key="users.id", ondelete="RESTRICT")
    kind: CallKind = Field(default=CallKind.GENERATE, sa_type=Text)
    retry_of: UUID | None = Field(default=None, foreign_key="calls.id", unique=True, ondelete="RESTRICT")
    position: int = Field(default=0, description="place of the model in the job")
    sample: int = Field(default=0, description="0 … samples − 1")

    provider: str
    model: str
    tier: str
    simulated: bool
    key_owner_id: UUID | None = Field(
        default=None,
        foreign_key="users.id",
        ondelete="RESTRICT",
        description="whose key; None: the installation's",
    )
    lane: str = Field(description="what a concurrency limit counts: provider, plus whose key")
    request: dict[str, Any] = Field(sa_type=JSONB, description="frozen at submit: see jobs.requests")

    state: CallState = Field(default=CallState.QUEUED, sa_type=Text)
    attempt: int = Field(default=0, description="the fence: grows by one with every claim")
    worker: str | None = None
    lease_until: datetime | None = time_column()
    not_before: datetime = created_column()
    cancel_requested_at: datetime | None = time_column()

    intent_at: datetime | None = time_column()
    sent_at: datetime | None = time_column()
    reference: str | None = Field(default=None, sa_type=Text)
    received_at: datetime | None = time_column()
    request_id: str | None = None
    report: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, description="seed used, warnings, vendor's rewrite"
    )

    credits: int = Field(description="held at submit, and charged if a picture is delivered")
    price_usd_micros: int = Field(sa_type=BigInteger, description="our price list at submit, micro-dollars")
    markup_basis_points: int = 10_000
    cost_usd_micros: int | None = Field(default=None, sa_type=BigInteger)
    cost_basis: str | None = Field(
        default=None, description="usage, quote, table, simulated, person or unknown"
    )

    failure: str | None = None
    failure_detail: str | None = None
    resolution: str | None = Field(
        default=None, description='an unknown outcome as a person settled it: "billed" or "not_billed"'
    )
    resolved_at: datetime | None = time_column()
    spent_day: date | None = Field(
        default=None, description="the day in the house's time zone that its credits count for"
    )
    created_at: datetime = created_column()
    claimed_at: datetime | None = time_column()
    finished_at: datetime | None = time_column()


class CallResult(SQLModel, table=True):
    """What a text model answered, checked. A call that ends well has a picture or one of these."""

    __tablename__ = "call_results"

    call_id: UUID = Field(primary_key=True, foreign_key="calls.id", ondelete="RESTRICT")
    content: dict[str, Any] = Field(sa_type=JSONB)
    created_at: datetime = created_column()


class Worker(SQLModel, table=True):
    """A worker process that is alive: its heartbeat extends the leases of what it runs."""

    __tablename__ = "workers"

    id: str = Field(primary_key=True)
    started_at: datetime = created_column()
    seen_at: datetime = created_column()


class ApiRequest(SQLModel, table=True):
    """A request of a program that made a job, kept for a day: the same key gets the same answer."""

    __tablename__ = "api_requests"

    user_id: UUID = Field(foreign_key="users.id", primary_key=True, ondelete="CASCADE")
    key: str = Field(primary_key=True)
    body_sha256: str
    answer: dict[str, Any] = Field(sa_type=JSONB, description="ids, prices and states; no words of people")
    created_at: datetime = created_column()
