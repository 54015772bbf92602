"""Finished pictures without a worker: a job as it is after delivery."""

from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlmodel import Session, col

from runtz_core.images import service as images
from runtz_core.images.intake import Stored
from runtz_core.images.models import Image
from runtz_core.jobs.models import Call, CallKind, CallState, Job


def job_of(session: Session, person: UUID, prompt: str = "a quiet harbour", **values: Any) -> UUID:
    """A job without calls yet."""
    defaults: dict[str, Any] = {"ratio": "3:4", "samples": 1, "models": []}
    job = Job(user_id=person, submission_key=uuid4().hex, prompt=prompt, **(defaults | values))
    session.add(job)
    session.flush()
    return job.id


def picture_of(
    session: Session,
    person: UUID,
    job_id: UUID,
    *,
    provider: str = "flux",
    model: str = "flux-2-pro",
    sent: str = "a quiet harbour",
    credits: int = 45,
    kind: CallKind = CallKind.GENERATE,
    size: tuple[int, int] = (960, 1280),
    seed: tuple[int | None, int | None] = (None, None),
) -> UUID:
    """A call that delivered a picture. `seed` is what was asked for and what was sent. Commits."""
    call = Call(
        job_id=job_id, user_id=person, kind=kind, provider=provider, model=model, tier="standard", simulated=True,
        lane="x", state=CallState.SUCCEEDED, credits=credits, price_usd_micros=credits * 1000,
        request={"prompt": sent, "width": size[0], "height": size[1], "ratio": "3:4", "ratio_asked": "3:4",
                 "seed_asked": seed[0], "seed": seed[1], "model": model, "tier": "standard", "negative": None},
    )  # fmt: skip
    session.add(call)
    session.flush()
    stored = Stored(
        sha256=sha256(call.id.bytes).hexdigest(), size=1_000_000, media_type="image/png", width=size[0], height=size[1]
    )  # fmt: skip
    image = images.record(session, user_id=person, call_id=call.id, stored=stored)
    session.commit()
    return image.id


def delete(session: Session, image_id: UUID) -> None:
    """Into the trash."""
    from sqlalchemy import func

    session.execute(update(Image).where(col(Image.id) == image_id).values(deleted_at=func.clock_timestamp()))
    session.commit()
