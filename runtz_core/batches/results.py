"""What came out of a batch as files: a table of every picture, and the originals under names that sort."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from runtz_core.batches.service import owned
from runtz_core.connections.catalog import names
from runtz_core.images.formats import FORMATS
from runtz_core.images.intake import get_store
from runtz_core.images.models import Blob, Image
from runtz_core.jobs import queries
from runtz_core.jobs.models import Call, CallState, Job

COLUMNS = (
    "row", "prompt", "negative", "ratio", "model", "tier", "sample", "outcome", "failure", "credits", "usd",
    "simulated", "kept", "file", "job", "call", "image",
)  # fmt: skip
AT_ONCE = 100  # rows read at a time

# What a spreadsheet takes for the start of a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe(cell: str) -> str:
    """Text that no spreadsheet runs as a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def table(session: Session, user_id: UUID, batch_id: UUID, *, after: int = 0) -> list[tuple[object, ...]]:
    """Lines of the table for the AT_ONCE rows after row `after`, in the order of COLUMNS; [] at the end.

    Raises NotFound.
    """
    owned(session, user_id, batch_id)
    jobs = session.execute(
        select(Job)
        .where(col(Job.batch_id) == batch_id, col(Job.batch_row) > after)
        .order_by(col(Job.batch_row))
        .limit(AT_ONCE)
    ).scalars()
    known = {job.id: job for job in jobs}
    rows = queries.latest_calls(session, list(known))
    types = _types(session, [image.sha256 for _, image in rows if image])
    labels = names(session)
    lines = []
    for call, image in rows:
        if call.job_id is not None:
            lines.append(_line(known[call.job_id], call, image, labels.model(call.model), types))
    return sorted(lines, key=lambda line: line[0])  # type: ignore[arg-type, return-value]


def _types(session: Session, hashes: list[str]) -> dict[str, str]:
    found = session.execute(
        select(col(Blob.sha256), col(Blob.media_type)).where(col(Blob.sha256).in_(hashes))
    )
    return {row.sha256: row.media_type for row in found}


def _line(job: Job, call: Call, image: Image | None, label: str, types: dict[str, str]) -> tuple[object, ...]:
    there = image is not None and image.deleted_at is None
    return (
        job.batch_row, safe(job.prompt), safe(job.negative or ""), job.ratio, safe(label), call.tier, call.sample + 1,
        call.state, call.failure or "", call.credits if call.state == CallState.SUCCEEDED else 0,
        f"{(call.cost_usd_micros or 0) / 1_000_000:.6f}", _yes(call.simulated), _yes(bool(image and image.kept)),
        _name(job, call, types.get(image.sha256, "")) if image and there else "", str(job.id), str(call.id),
        str(image.id) if image and there else "",
    )  # fmt: skip


def _yes(true: bool) -> str:
    return "yes" if true else "no"


def _name(job: Job, call: Call, media_type: str) -> str:
    """`0012-a-quiet-harbour-flux-2-pro-1.png`: rows in order, then models, then samples."""
    words = re.sub(r"[^a-z0-9]+", "-", job.prompt.lower()).strip("-")[:40].strip("-") or "prompt"
    model = re.sub(r"[^a-z0-9]+", "-", call.model.lower()).strip("-")
    ending = FORMATS[media_type].extension if media_type in FORMATS else "bin"
    return f"{job.batch_row:04}-{words}-{call.position + 1}-{model}-{call.sample + 1}.{ending}"


def files(session: Session, user_id: UUID, batch_id: UUID) -> list[tuple[str, Path]]:
    """(name in the archive, original) of every picture there is. Raises NotFound."""
    owned(session, user_id, batch_id)
    store = get_store()
    rows = session.execute(
        select(Job, Call, Blob)
        .join(Call, col(Call.job_id) == col(Job.id))
        .join(Image, col(Image.call_id) == col(Call.id))
        .join(Blob, col(Blob.sha256) == col(Image.sha256))
        .where(col(Job.batch_id) == batch_id, col(Image.deleted_at).is_(None))
        .order_by(col(Job.batch_row), col(Call.position), col(Call.sample), col(Call.id))
    )
    return list(_apart(
        (_name(job, call, blob.media_type), store.original(blob.sha256, blob.media_type))
        for job, call, blob in rows
    ))  # fmt: skip


def _apart(named: Iterator[tuple[str, Path]]) -> Iterator[tuple[str, Path]]:
    """A retry of a picture that came after all shares its name; the second one gets a number."""
    seen: dict[str, int] = {}
    for name, path in named:
        seen[name] = seen.get(name, 0) + 1
        stem, _, ending = name.rpartition(".")
        yield (name if seen[name] == 1 else f"{stem}-again{seen[name] - 1}.{ending}"), path


def image_ids(session: Session, user_id: UUID, batch_id: UUID) -> list[UUID]:
    """Every picture of the batch that is there, in the order of the grid. Raises NotFound."""
    owned(session, user_id, batch_id)
    return list(
        session.execute(
            select(col(Image.id))
            .join(Call, col(Image.call_id) == col(Call.id))
            .join(Job, col(Call.job_id) == col(Job.id))
            .where(col(Job.batch_id) == batch_id, col(Image.deleted_at).is_(None))
            .order_by(col(Job.batch_row), col(Call.position), col(Call.sample))
        ).scalars()
    )
