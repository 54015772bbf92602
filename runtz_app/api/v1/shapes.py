"""What goes over the wire in version 1: checked on the way in, and what the OpenAPI document says."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from runtz_core.failures import FailureKind
from runtz_core.jobs.models import CallKind, CallState
from runtz_core.jobs.requests import MAX_SEED

# As in runtz_core.providers.base; a test holds the two together, and types need the words themselves.
Ratio = Literal[
    "1:1", "4:5", "3:4", "2:3", "9:16", "5:4", "4:3", "3:2", "16:9", "21:9", "1:2", "2:1", "1:3", "3:1"
]

MOST_MODELS = 64
PROMPT_CHARS = 32_000
PAGE = 100

Words = Annotated[str, Field(max_length=PROMPT_CHARS)]


class _In(BaseModel):
    """What a program sends: exact types, nothing unknown."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class ChosenModel(_In):
    """One model of a run."""

    model: Annotated[str, Field(min_length=1, max_length=200, description="an `id` of GET /models")]
    tier: Annotated[str, Field(max_length=60, description="one of its tiers; empty: its default")] = ""


class NewJob(_In):
    """A prompt and who is asked."""

    prompt: Annotated[Words, Field(min_length=1)]
    models: Annotated[list[ChosenModel], Field(min_length=1, max_length=MOST_MODELS)]
    ratio: Ratio = "1:1"
    samples: Annotated[int, Field(ge=1, le=16, description="pictures of each model")] = 1
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = None
    negative: Words | None = None
    confirmed: Annotated[
        bool, Field(description="run it although it is dearer than the owner lets pass unasked")
    ] = False


class MadeCall(BaseModel):
    """A call as it was submitted."""

    id: UUID
    model: str
    tier: str
    sample: int
    simulated: bool
    credits: Annotated[int, Field(description="held until it ends")]


class MadeJob(BaseModel):
    """A job as it was submitted; the same for every repetition of the request."""

    id: UUID
    credits_held: int
    calls: list[MadeCall]


class Picture(BaseModel):
    """A stored picture; its bytes are at /images/{id}."""

    id: UUID
    width: int
    height: int
    media_type: str
    bytes: int
    sha256: str
    kept: bool


class Call(BaseModel):
    """One call to one provider as it stands."""

    id: UUID
    job_id: UUID | None
    kind: CallKind
    provider: str
    model: str
    tier: str
    sample: int
    simulated: bool
    state: CallState
    credits: Annotated[int, Field(description="held while unfinished, charged when succeeded, else 0")]
    usd_micros: Annotated[int | None, Field(description="at the provider, millionths of a dollar")]
    failure: FailureKind | None
    failure_text: str | None
    retry_of: UUID | None
    created_at: datetime
    finished_at: datetime | None
    image: Picture | None


class JobLine(BaseModel):
    """A job in the list."""

    id: UUID
    created_at: datetime
    prompt: str
    ratio: str
    samples: int
    unfinished: Annotated[int, Field(description="calls still under way; 0: the job has ended")]


class Job(JobLine):
    """A job with its calls, in the order chosen. A retry stands in the place of its failure."""

    negative: str | None
    seed: int | None
    calls: list[Call]


class Jobs(BaseModel):
    """A page of jobs, the newest first."""

    jobs: list[JobLine]
    next: Annotated[UUID | None, Field(description="`before` of the next page; null at the end")]


class Cancelled(BaseModel):
    """What cancelling met."""

    unfinished: Annotated[
        int, Field(description="calls that had not ended; what was sent already may still come")
    ]


class Model(BaseModel):
    """A model as it would run now, at the asked ratio."""

    id: str
    label: str
    provider: str
    tiers: list[str]
    tier: Annotated[str, Field(description="its default, which the price is for")]
    size: str
    price_credits: int
    price_usd_micros: int
    simulated: bool
    takes_seed: bool
    available: bool
    reason: Annotated[str, Field(description="why it is not available, or empty")]


class Models(BaseModel):
    """Every model of this installation."""

    models: list[Model]


class Balance(BaseModel):
    """A person's credits."""

    available: int
    held: Annotated[int, Field(description="by calls under way")]


class Trouble(BaseModel):
    """What went wrong."""

    code: str
    message: Annotated[
        str, Field(description="for people: what happened, whether it cost anything, what next")
    ]


class Problem(BaseModel):
    """Every answer that is not a success."""

    error: Trouble
