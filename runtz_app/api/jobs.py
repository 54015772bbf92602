"""All originals of a job as one ZIP, streamed: nothing is packed in memory or on disk first."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from runtz_app.api.guard import nothing_here, person_behind
from runtz_app.threads import run_core
from runtz_core.ids import parse_id
from runtz_core.images import service as images

CHUNK = 256 * 1024  # bytes


async def download(request: Request) -> Response:
    """GET /api/jobs/{job_id}/download."""
    job_id = parse_id(request.path_params["job_id"])
    if job_id is None:
        return nothing_here()
    files = await run_core(images.job_files, person_behind(request).user_id, job_id)
    present = [(name, path) for name, path in files if path.is_file()]
    if not present:
        return nothing_here()
    disposition = f'attachment; filename="runtz-{job_id.hex[-4:]}.zip"'
    return StreamingResponse(
        zipped(present), media_type="application/zip", headers={"Content-Disposition": disposition}
    )


class Outbox:
    """A file that can only be written to; `take` hands over what was written since."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._chunks.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Everything is in the list already."""

    def close(self) -> None:
        """There is nothing to let go of."""

    def take(self) -> bytes:
        taken = b"".join(self._chunks)
        self._chunks.clear()
        return taken


def zipped(files: list[tuple[str, Path]]) -> Iterator[bytes]:
    """The bytes of a ZIP of `files`, piece by piece. Pictures are compressed already and stored as they are."""
    outbox = Outbox()
    with ZipFile(outbox, "w", ZIP_STORED) as archive:
        for name, path in files:
            info = ZipInfo.from_file(path, arcname=name)
            with path.open("rb") as source, archive.open(info, "w") as entry:
                while chunk := source.read(CHUNK):
                    entry.write(chunk)
                    yield outbox.take()
    yield outbox.take()
