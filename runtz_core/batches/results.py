"""What came out of a batch as files: a table of every picture, and names for the originals that sort."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from runtz_core.batches.service import owned
from runtz_core.cells import MARK, plain
from runtz_core.connections.catalog import names
from runtz_core.images.formats import FORMATS
from runtz_core.images.models import Blob, Image
from runtz_core.jobs import queries
from runtz_core.jobs.models import Call, CallState, Job

COLUMNS = (
    "row", "prompt", "negative", "ratio", "model", "tier", "sample", "outcome", "failure", "credits", "usd",
    "simulated", "kept", "file", "job", "call", "image",
)  # fmt: skip
AT_ONCE = 100  # rows read at a time


def table(
    session: Session, user_id: UUID, batch_id: UUID, *, after: int = 0, named: Mapping[UUID, str]
) -> list[tuple[object, ...]]:
    """Lines of the table for the AT_ONCE rows after row `after`, in the order of COLUMNS; [] at the end.

    `named` is what `file_names` gives. Raises NotFound.
    """
    owned(session, user_id, batch_id)
    jobs = session.execute(
        select(Job)
        .where(col(Job.batch_id) == batch_id, col(Job.batch_row) > after)
        .order_by(col(Job.batch_row))
        .limit(AT_ONCE)
    ).scalars()
    known = {job.id: job for job in jobs}
    labels = names(session)
    lines = []
    for call, image in queries.latest_calls(session, list(known)):
        if call.job_id is not None:
            lines.append(_line(known[call.job_id], call, image, labels.model(call.model), named))
    return sorted(lines, key=lambda line: line[0])  # type: ignore[arg-type, return-value]


def whole(session: Session, user_id: UUID, batch_id: UUID, named: Mapping[UUID, str]) -> bytes:
    """The whole table as the bytes of a CSV. Raises NotFound."""
    pieces, after = [written([COLUMNS], first=True)], 0
    while page := table(session, user_id, batch_id, after=after, named=named):
        pieces.append(written(page))
        after = int(str(page[-1][0]))
    return "".join(pieces).encode()


def written(lines: Iterable[Sequence[object]], *, first: bool = False) -> str:
    """Lines of the table as CSV."""
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    return (MARK if first else "") + out.getvalue()


def _line(
    job: Job, call: Call, image: Image | None, label: str, named: Mapping[UUID, str]
) -> tuple[object, ...]:
    there = image is not None and image.deleted_at is None
    return (
        job.batch_row, plain(job.prompt), plain(job.negative), job.ratio, plain(label), call.tier, call.sample + 1,
        call.state, call.failure or "", call.credits if call.state == CallState.SUCCEEDED else 0,
        f"{(call.cost_usd_micros or 0) / 1_000_000:.6f}", _yes(call.simulated), _yes(bool(image and image.kept)),
        named.get(image.id, "") if image and there else "", str(job.id), str(call.id),
        str(image.id) if image and there else "",
    )  # fmt: skip


def _yes(true: bool) -> str:
    return "yes" if true else "no"


def file_names(session: Session, user_id: UUID, batch_id: UUID) -> dict[UUID, str]:
    """What each picture that is there is called in a ZIP, in the order of the grid. Raises NotFound."""
    owned(session, user_id, batch_id)
    rows = session.execute(
        select(col(Image.id), Job, Call, col(Blob.media_type))
        .join(Call, col(Call.job_id) == col(Job.id))
        .join(Image, col(Image.call_id) == col(Call.id))
        .join(Blob, col(Blob.sha256) == col(Image.sha256))
        .where(col(Job.batch_id) == batch_id, col(Image.deleted_at).is_(None))
        .order_by(col(Job.batch_row), col(Call.position), col(Call.sample), col(Call.id))
    )
    return dict(_apart((image_id, _name(job, call, media_type)) for image_id, job, call, media_type in rows))


def _name(job: Job, call: Call, media_type: str) -> str:
    """`pictures/0012-a-quiet-harbour-2-flux-2-pro-1.png`: rows in order, then models, then samples."""
    words = re.sub(r"[^a-z0-9]+", "-", job.prompt.lower()).strip("-")[:40].strip("-") or "prompt"
    model = re.sub(r"[^a-z0-9]+", "-", call.model.lower()).strip("-")
    ending = FORMATS[media_type].extension if media_type in FORMATS else "bin"
    return f"pictures/{job.batch_row:04}-{words}-{call.position + 1}-{model}-{call.sample + 1}.{ending}"


def _apart(named: Iterator[tuple[UUID, str]]) -> Iterator[tuple[UUID, str]]:
    """A retry of a picture that came after all shares its name; the second one gets a number."""
    seen: dict[str, int] = {}
    for image_id, name in named:
        seen[name] = seen.get(name, 0) + 1
        stem, _, ending = name.rpartition(".")
        yield image_id, (name if seen[name] == 1 else f"{stem}-again{seen[name] - 1}.{ending}")
