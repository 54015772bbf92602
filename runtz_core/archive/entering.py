"""Taking in what a ZIP holds: each picture once, with its notes, its shelves, and the call and job it came of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select, update
from sqlmodel import Session, col

from runtz_core import events
from runtz_core.archive.reading import BadArchive
from runtz_core.archive.sidecar import CALL_FIELDS, IMPORTED, JOB_FIELDS, TIMES
from runtz_core.ids import new_id
from runtz_core.images import service as images
from runtz_core.images.intake import Stored
from runtz_core.images.models import Image, Origin
from runtz_core.jobs import quota
from runtz_core.jobs.models import Call, CallKind, CallState, Job, JobInput
from runtz_core.jobs.requests import thaw
from runtz_core.providers.base import RATIOS, Role
from runtz_core.vault import sorting
from runtz_core.vault.models import VaultItem
from runtz_core.vault.sorting import Shelf

_BORDER = ConfigDict(extra="ignore", frozen=True)


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("NUL")
    return text.encode("utf-8").decode()  # half characters raise UnicodeEncodeError, which is a ValueError


Text = Annotated[str, AfterValidator(_without_nul)]
Word = Annotated[Text, Field(max_length=200)]
Micros = Annotated[int, Field(ge=0, lt=2**62)]


class InputFacts(BaseModel):
    """One picture a job was made from."""

    model_config = _BORDER
    role: Role
    image: UUID | None = None


class JobFacts(BaseModel):
    """The job, as its sidecar tells it."""

    model_config = _BORDER
    id: UUID
    created_at: AwareDatetime
    prompt: Annotated[Text, Field(max_length=100_000)]
    negative: Annotated[Text, Field(max_length=100_000)] | None = None
    ratio: Literal[*RATIOS]  # type: ignore[valid-type]
    samples: Annotated[int, Field(ge=1, le=1000)]
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    models: list[dict[Word, Word]] = Field(max_length=200)
    remix: Word | None = None
    strength: Annotated[int, Field(ge=1, le=100)] | None = None
    inputs: list[InputFacts] = Field(default_factory=list, max_length=100)


class CallFacts(BaseModel):
    """The call, as its sidecar tells it."""

    model_config = _BORDER
    id: UUID
    kind: CallKind
    position: Annotated[int, Field(ge=0, lt=2**31)]
    sample: Annotated[int, Field(ge=0, lt=2**31)]
    provider: Word
    model: Word
    tier: Word
    simulated: bool
    request: dict[str, Any]
    report: dict[str, Any]
    request_id: Word | None = None
    credits: Annotated[int, Field(ge=0, lt=2**31)]
    price_usd_micros: Micros
    cost_usd_micros: Micros | None = None
    cost_basis: Word | None = None
    created_at: AwareDatetime
    sent_at: AwareDatetime | None = None
    received_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None


class Facts(BaseModel):
    """A picture, as its sidecar tells it."""

    model_config = _BORDER
    id: UUID
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    origin: Origin
    kept: bool
    created_at: AwareDatetime
    title: Annotated[Text, Field(max_length=500)] = ""
    notes: Annotated[Text, Field(max_length=20_000)] = ""
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    tags: list[Word] = Field(default_factory=list, max_length=500)
    collections: list[Word] = Field(default_factory=list, max_length=500)
    call: CallFacts | None = None
    job: JobFacts | None = None


@dataclass(slots=True)
class Import:
    """One import while it runs: which id became which, and what is to be joined in the end."""

    user_id: UUID
    images: dict[UUID, UUID] = field(default_factory=dict)
    jobs: dict[UUID, UUID] = field(default_factory=dict)
    made_from: dict[UUID, list[InputFacts]] = field(default_factory=dict)
    taken: int = 0
    known: int = 0  # were here already


def read(raw: Mapping[str, Any], name: str) -> Facts:
    """A sidecar's facts, checked. Raises BadArchive."""
    try:
        facts = Facts.model_validate(dict(raw))
        if facts.call is not None:
            thaw(facts.call.request)
            if "\\u0000" in str(raw) or "\x00" in str(raw):
                raise ValueError("NUL")
    except (ValidationError, ValueError, KeyError, TypeError, AttributeError):
        raise BadArchive(f"The JSON beside {name[:60]!r} says things that cannot be.") from None
    if (facts.call is None) != (facts.job is None):
        raise BadArchive(f"The JSON beside {name[:60]!r} has a call without its job.")
    return facts


def is_known(session: Session, user_id: UUID, facts: Facts) -> bool:
    """Whether this person has this picture already."""
    image = session.get(Image, facts.id)
    return image is not None and image.user_id == user_id and image.sha256 == facts.sha256


def enter(session: Session, going: Import, facts: Facts, stored: Stored) -> None:
    """Write down a picture whose bytes are stored, unless it is known. Raises SubmissionRefused for a full quota."""
    if is_known(session, going.user_id, facts):
        going.images[facts.id] = facts.id
        going.known += 1
        return
    quota.check_room(session, going.user_id, stored.size)
    job_id = _job(session, going, facts.job) if facts.job else None
    call_id = _call(session, going, facts.call, job_id) if facts.call and job_id else None
    image = images.record(
        session,
        user_id=going.user_id,
        call_id=call_id,
        stored=stored,
        origin=facts.origin,
        image_id=_free(session, Image, facts.id),
        created_at=facts.created_at,
        kept=facts.kept,
    )
    going.images[facts.id] = image.id
    _describe(session, going, facts)
    going.taken += 1


def _free(session: Session, table: type[Image] | type[Call] | type[Job], wanted: UUID) -> UUID | None:
    """`wanted` when nobody here has it: a picture keeps its id wherever it goes."""
    return wanted if session.get(table, wanted) is None else None


def _job(session: Session, going: Import, facts: JobFacts) -> UUID:
    if facts.id in going.jobs:
        return going.jobs[facts.id]
    key = f"imported-{facts.id}"
    mine = select(col(Job.id)).where(
        col(Job.user_id) == going.user_id, (col(Job.submission_key) == key) | (col(Job.id) == facts.id)
    )
    found: UUID | None = session.execute(mine).scalars().first()
    if found is None:
        found = _free(session, Job, facts.id) or new_id()
        told = {name: getattr(facts, name) for name in JOB_FIELDS}
        session.add(
            Job(
                id=found,
                user_id=going.user_id,
                submission_key=key,
                created_at=facts.created_at,
                **told,
            )
        )
        session.flush()
        going.made_from[found] = facts.inputs
    going.jobs[facts.id] = found
    return found


def _call(session: Session, going: Import, facts: CallFacts, job_id: UUID) -> UUID:
    """The call as history: it cost nothing here, and its figures of then are kept aside."""
    before = {name: getattr(facts, name) for name in CALL_FIELDS if name not in ("request", "report")}
    money = ("credits", "price_usd_micros", "cost_usd_micros", "cost_basis")
    told: dict[str, Any] = {name: value for name, value in before.items() if name not in money}
    told |= {name: getattr(facts, name) for name in TIMES}
    call_id = _free(session, Call, facts.id) or new_id()
    session.add(
        Call(
            id=call_id,
            job_id=job_id,
            user_id=going.user_id,
            lane=f"{facts.provider}/{IMPORTED}",
            request=facts.request,
            report=facts.report | {IMPORTED: {name: before[name] for name in money}},
            state=CallState.SUCCEEDED,
            attempt=1,
            credits=0,
            price_usd_micros=0,
            cost_usd_micros=0,
            cost_basis=IMPORTED,
            **told,
        )
    )
    session.flush()
    return call_id


def _describe(session: Session, going: Import, facts: Facts) -> None:
    image_id = going.images[facts.id]
    session.execute(
        update(VaultItem)
        .where(col(VaultItem.image_id) == image_id)
        .values(title=facts.title, notes=facts.notes, rating=facts.rating)
        .execution_options(synchronize_session=False)
    )
    for shelf, names in ((Shelf.TAG, facts.tags), (Shelf.COLLECTION, facts.collections)):
        for name in names:
            made = sorting.make(session, going.user_id, shelf, name)
            sorting.put(session, going.user_id, shelf, made, [image_id])


def join(session: Session, going: Import) -> int:
    """Tie jobs to the pictures they were made from, now that all are here. Returns how many of those are missing.

    One that is missing keeps its number: brought in later, it is in its place. A number that is somebody else's goes.
    """
    missing = 0
    for job_id, inputs in going.made_from.items():
        for position, one in enumerate(inputs):
            known = going.images.get(one.image) if one.image else None
            if known is None and one.image:
                row = session.get(Image, one.image)
                missing += row is None
                known = one.image if row is None or row.user_id == going.user_id else None
            missing += known is None
            session.add(JobInput(job_id=job_id, position=position, role=one.role, image_id=known))
    session.flush()
    events.vault_changed(session, going.user_id)
    return missing


def enter_plain(session: Session, user_id: UUID, stored: Stored) -> UUID:
    """Write down a picture nothing is known of. Raises SubmissionRefused for a full quota."""
    quota.check_room(session, user_id, stored.size)
    return images.record(session, user_id=user_id, call_id=None, stored=stored, origin=Origin.IMPORTED).id
