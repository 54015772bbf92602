"""A finished (or stopped) job as plain data, for the command line and whoever reads its JSON."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from runtz_core.connections.catalog import names
from runtz_core.images.intake import get_store
from runtz_core.images.models import Blob, Image
from runtz_core.jobs import cards
from runtz_core.jobs.models import CallState
from runtz_core.jobs.queries import latest_calls
from runtz_core.jobs.service import owned_job


def outcome(session: Session, user_id: UUID, job_id: UUID) -> dict[str, Any]:
    """The job and, under `generations`, each of its pictures or failures. Raises NotFound.

    `seconds` runs from submit to the stored picture, `credits` is what was charged, `usd_micros` what the
    vendor charges (0 when simulated), `path` where the original lies.
    """
    job = owned_job(session, user_id, job_id)
    labels = names(session)
    blobs = {
        row.call_id: row
        for row in session.execute(
            select(col(Image.call_id), col(Blob.sha256), col(Blob.media_type))
            .join(Blob, col(Blob.sha256) == col(Image.sha256))
            .where(col(Image.user_id) == user_id)
            .where(col(Image.call_id).in_([call.id for call, _ in latest_calls(session, [job_id])]))
        )
    }
    generations = []
    for call, image in latest_calls(session, [job_id]):
        blob = blobs.get(call.id)
        generations.append(
            {
                "call": str(call.id),
                "provider": call.provider,
                "provider_label": labels.provider(call.provider),
                "model": call.model,
                "tier": call.tier,
                "sample": call.sample + 1,
                "simulated": call.simulated,
                "state": str(call.state),
                "width": image.width if image else None,
                "height": image.height if image else None,
                "sha256": blob.sha256 if blob else None,
                "path": str(get_store().original(blob.sha256, blob.media_type)) if blob else None,
                "seconds": round(cards.duration(call), 3),
                "credits": call.credits if call.state == CallState.SUCCEEDED else 0,
                "usd_micros": call.cost_usd_micros,
                "failure": call.failure,
            }
        )
    return {
        "job": str(job.id),
        "prompt": job.prompt,
        "ratio": job.ratio,
        "samples": job.samples,
        "seed": job.seed,
        "generations": generations,
    }
