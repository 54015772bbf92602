"""What a ZIP says of each picture: its own facts, its notes, and the call, job and inputs it came of."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from runtz_core.cells import MARK, plain
from runtz_core.images.formats import FORMATS
from runtz_core.images.models import Blob, Image, Origin
from runtz_core.images.service import file_word
from runtz_core.jobs.models import Call, Job, JobInput
from runtz_core.vault.models import Collection, Tag, VaultItem

FORMAT, VERSION = "runtz-picture", 1
JOB_FIELDS = ("prompt", "negative", "ratio", "samples", "seed", "models", "remix", "strength")
CALL_FIELDS = (
    "kind", "position", "sample", "provider", "model", "tier", "simulated", "request", "report", "request_id",
    "credits", "price_usd_micros", "cost_usd_micros", "cost_basis",
)  # fmt: skip
TIMES = ("created_at", "sent_at", "received_at", "finished_at")
COLUMNS = (
    "file", "id", "sha256", "created_at", "origin", "width", "height", "bytes", "kept", "rating", "title",
    "notes", "tags", "collections", "provider", "model", "tier", "simulated", "seed", "credits",
    "cost_usd_micros", "prompt", "negative", "ratio", "remix", "made_from",
)  # fmt: skip
IMPORTED = "imported"  # in a call's report: its figures at the installation it came from


def written(value: Mapping[str, Any]) -> bytes:
    """JSON as it always is written, so that equal facts are equal bytes."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def sidecars(session: Session, user_id: UUID, image_ids: Sequence[UUID]) -> list[tuple[str, dict[str, Any]]]:
    """(name of the picture's file, its facts) of this person's pictures and the masks they came of, oldest first."""
    wanted = set(image_ids) | _masks_of(session, user_id, image_ids)
    rows: Any = session.execute(
        select(Image, Blob, VaultItem, Call, Job)
        .join(Blob, col(Blob.sha256) == col(Image.sha256))
        .outerjoin(VaultItem, col(VaultItem.image_id) == col(Image.id))
        .outerjoin(Call, col(Call.id) == col(Image.call_id))
        .outerjoin(Job, col(Job.id) == col(Call.job_id))
        .where(col(Image.user_id) == user_id, col(Image.id).in_(wanted), col(Image.deleted_at).is_(None))
        .order_by(col(Image.created_at), col(Image.id))
    ).all()
    named = _names(session, user_id)
    goes_along = {image.id for image, *_ in rows}
    inputs = _inputs(session, [job.id for *_, job in rows if job is not None], goes_along)
    return [
        (_file_name(image, blob, item, call), _facts(image, blob, item, call, job, named, inputs))
        for image, blob, item, call, job in rows
    ]


def _masks_of(session: Session, user_id: UUID, image_ids: Sequence[UUID]) -> set[UUID]:
    mask = Image.__table__.alias("mask")  # type: ignore[attr-defined]
    query = (
        select(mask.c.id)
        .join(JobInput, col(JobInput.image_id) == mask.c.id)
        .join(Call, col(Call.job_id) == col(JobInput.job_id))
        .join(Image, col(Image.call_id) == col(Call.id))
        .where(mask.c.user_id == user_id, mask.c.origin == Origin.MASK, col(Image.id).in_(image_ids))
    )
    return set(session.execute(query).scalars())


def _names(session: Session, user_id: UUID) -> dict[UUID, str]:
    """What this person's tags and collections are called."""
    found: dict[UUID, str] = {}
    for rows in (Tag, Collection):
        query = select(col(rows.id), col(rows.name)).where(col(rows.user_id) == user_id)
        found |= {row[0]: row[1] for row in session.execute(query)}
    return found


def _inputs(
    session: Session, job_ids: Iterable[UUID], goes_along: Set[UUID]
) -> dict[UUID, list[dict[str, Any]]]:
    """What each job was made from; the hash only of what goes along, so that equal selections are equal anywhere."""
    query: Any = (
        select(JobInput, col(Image.sha256))
        .outerjoin(Image, col(Image.id) == col(JobInput.image_id))
        .where(col(JobInput.job_id).in_(set(job_ids)))
        .order_by(col(JobInput.job_id), col(JobInput.position))
    )
    found: dict[UUID, list[dict[str, Any]]] = {}
    for one, sha256 in session.execute(query):
        known = sha256 if one.image_id in goes_along else None
        told = {"role": one.role, "image": one.image_id and str(one.image_id), "sha256": known}
        found.setdefault(one.job_id, []).append(told)
    return found


def _file_name(image: Image, blob: Blob, item: VaultItem | None, call: Call | None) -> str:
    word = file_word((item.title if item else "") or (call.model if call else "") or image.origin)
    ending = FORMATS[blob.media_type].extension
    return f"pictures/{image.created_at:%Y-%m-%d}-{word}-{image.id.hex[-12:]}.{ending}"


def _facts(
    image: Image,
    blob: Blob,
    item: VaultItem | None,
    call: Call | None,
    job: Job | None,
    named: Mapping[UUID, str],
    inputs: Mapping[UUID, list[dict[str, Any]]],
) -> dict[str, Any]:
    def names_of(ids: Iterable[UUID]) -> list[str]:
        return sorted(named[one] for one in ids if one in named)

    return {
        "format": FORMAT,
        "version": VERSION,
        "id": str(image.id),
        "sha256": blob.sha256,
        "media_type": blob.media_type,
        "bytes": blob.size,
        "width": image.width,
        "height": image.height,
        "origin": str(image.origin),
        "kept": image.kept,
        "created_at": image.created_at.isoformat(),
        "title": item.title if item else "",
        "notes": item.notes if item else "",
        "rating": item.rating if item else None,
        "tags": names_of(item.tag_ids if item else ()),
        "collections": names_of(item.collection_ids if item else ()),
        "call": None if call is None else _call(call),
        "job": None if job is None else _job(job, inputs.get(job.id, [])),
    }


def _call(call: Call) -> dict[str, Any]:
    report = dict(call.report)
    before = report.pop(IMPORTED, {})  # its figures where it was made, which were never charged here
    facts = {name: getattr(call, name) for name in CALL_FIELDS} | {"report": report}
    facts |= {name: _time(getattr(call, name)) for name in TIMES}
    told: dict[str, Any] = {"id": str(call.id)} | facts | before
    return told


def _job(job: Job, inputs: list[dict[str, Any]]) -> dict[str, Any]:
    facts = {name: getattr(job, name) for name in JOB_FIELDS}
    return {"id": str(job.id), "created_at": _time(job.created_at), "inputs": inputs} | facts


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def table(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> bytes:
    """All of it as one CSV for a spreadsheet: nothing in it can act as a formula."""
    buffer = io.StringIO()
    sheet = csv.writer(buffer, lineterminator="\r\n")
    sheet.writerow(COLUMNS)
    for name, facts in rows:
        sheet.writerow([plain(value) for value in _row(name, facts)])
    return (MARK + buffer.getvalue()).encode()


def _row(name: str, facts: Mapping[str, Any]) -> list[Any]:
    call, job = facts["call"] or {}, facts["job"] or {}
    known = dict(facts) | {
        "file": name,
        "tags": "; ".join(facts["tags"]),
        "collections": "; ".join(facts["collections"]),
        "seed": call.get("report", {}).get("seed_used", call.get("request", {}).get("seed")),
        "made_from": "; ".join(one["image"] for one in job.get("inputs", ()) if one["image"]),
    }
    for source in (call, job):
        known |= {column: source[column] for column in COLUMNS if column in source and column not in known}
    return [known.get(column) for column in COLUMNS]
