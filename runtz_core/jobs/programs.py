"""Jobs as programs read them: plain values of one person, whatever the pages make of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from runtz_core import words
from runtz_core.connections.catalog import Names, names
from runtz_core.failures import FailureKind
from runtz_core.images.models import Blob, Image
from runtz_core.jobs.models import UNFINISHED, Call, CallState, Job
from runtz_core.jobs.queries import latest_calls
from runtz_core.jobs.service import owned_call, owned_job


def made(session: Session, user_id: UUID, job_id: UUID) -> dict[str, Any]:
    """A job as it was submitted: ids and prices, which never change. Raises NotFound."""
    owned_job(session, user_id, job_id)
    calls = session.execute(
        select(Call)
        .where(col(Call.job_id) == job_id, col(Call.retry_of).is_(None))
        .order_by(col(Call.position), col(Call.sample))
    ).scalars()
    lines = [
        {
            "id": str(call.id),
            "model": call.model,
            "tier": call.tier,
            "sample": call.sample + 1,
            "simulated": call.simulated,
            "credits": call.credits,
        }
        for call in calls
    ]
    return {"id": str(job_id), "credits_held": sum(line["credits"] for line in lines), "calls": lines}


def job(session: Session, user_id: UUID, job_id: UUID) -> dict[str, Any]:
    """A job with its calls as they stand. Raises NotFound."""
    found = owned_job(session, user_id, job_id)
    rows = latest_calls(session, [job_id])
    labels, blobs = names(session), _blobs(session, [image for _, image in rows])
    calls = [_call(call, image, labels, blobs) for call, image in rows]
    unfinished = sum(call["state"] in UNFINISHED for call in calls)
    more = {"negative": found.negative, "seed": found.seed, "calls": calls}
    return _line(found, unfinished) | more


def call(session: Session, user_id: UUID, call_id: UUID) -> dict[str, Any]:
    """One call as it stands. Raises NotFound."""
    found = owned_call(session, user_id, call_id)
    image = session.execute(select(Image).where(col(Image.call_id) == call_id)).scalar_one_or_none()
    return _call(found, image, names(session), _blobs(session, [image]))


def jobs(
    session: Session, user_id: UUID, *, before: UUID | None, limit: int
) -> tuple[list[dict[str, Any]], UUID | None]:
    """A page of this person's jobs, newest first, older than the job `before`; and where the next one begins."""
    unfinished = (
        select(func.count(col(Call.id)))
        .where(col(Call.job_id) == col(Job.id), col(Call.state).in_(UNFINISHED))
        .scalar_subquery()
    )
    query = select(Job, unfinished).where(col(Job.user_id) == user_id)
    if before is not None:
        query = query.where(col(Job.id) < before)  # ids are time-ordered, so they are the cursor
    rows = session.execute(query.order_by(col(Job.id).desc()).limit(limit + 1)).all()
    page = [_line(found, count) for found, count in rows[:limit]]
    return page, rows[limit - 1][0].id if len(rows) > limit else None


def _line(found: Job, unfinished: int) -> dict[str, Any]:
    return {
        "id": found.id,
        "created_at": found.created_at,
        "prompt": found.prompt,
        "ratio": found.ratio,
        "samples": found.samples,
        "unfinished": unfinished,
    }


def _call(found: Call, image: Image | None, labels: Names, blobs: dict[str, Blob]) -> dict[str, Any]:
    failure = FailureKind(found.failure) if found.failure and found.state not in UNFINISHED else None
    paid = found.state in UNFINISHED or found.state == CallState.SUCCEEDED
    detail = found.failure_detail or ""
    return {
        "id": found.id,
        "job_id": found.job_id,
        "kind": found.kind,
        "provider": found.provider,
        "model": found.model,
        "tier": found.tier,
        "sample": found.sample + 1,
        "simulated": found.simulated,
        "state": found.state,
        "credits": found.credits if paid else 0,
        "usd_micros": found.cost_usd_micros,
        "failure": failure,
        "failure_text": words.failure_text(failure, labels.provider(found.provider), detail)
        if failure
        else None,
        "retry_of": found.retry_of,
        "created_at": found.created_at,
        "finished_at": found.finished_at,
        "image": _picture(image, blobs),
    }


def _picture(image: Image | None, blobs: dict[str, Blob]) -> dict[str, Any] | None:
    if image is None or image.deleted_at is not None:
        return None
    blob = blobs[image.sha256]
    return {
        "id": image.id,
        "width": image.width,
        "height": image.height,
        "media_type": blob.media_type,
        "bytes": blob.size,
        "sha256": image.sha256,
        "kept": image.kept,
    }


def _blobs(session: Session, images: Sequence[Image | None]) -> dict[str, Blob]:
    wanted = {image.sha256 for image in images if image is not None}
    found = session.execute(select(Blob).where(col(Blob.sha256).in_(wanted))).scalars()
    return {blob.sha256: blob for blob in found}
