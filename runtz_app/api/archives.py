"""Pictures as a ZIP with everything known of them, out and in; neither is ever whole in memory."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from runtz_app.api.bodies import ids_of
from runtz_app.api.guard import nothing_here, person_behind
from runtz_app.api.uploads import TooLarge, to_disk
from runtz_app.api.zipping import CHUNK, Outbox
from runtz_app.threads import run_core
from runtz_core.archive import entering
from runtz_core.archive.entering import Import
from runtz_core.archive.reading import BadArchive, Contents, Found, contents, opened, unpacked
from runtz_core.archive.writing import ArchiveEntry, entries
from runtz_core.ids import parse_id
from runtz_core.images.decoder import get_decoder
from runtz_core.images.errors import BadImage, ImageError
from runtz_core.images.intake import get_store, receive, receive_upload
from runtz_core.images.service import job_images
from runtz_core.jobs.requests import SubmissionRefused
from runtz_core.settings import get_settings

MOST_SELECTED = 5_000
MOST_FORM = 512 * 1024  # bytes of a form with that many ids
_SHOWN = 20  # problems told one by one


async def export(request: Request) -> Response:
    """GET /api/exports?ids=a,b or ?job=id, or POST a form with `ids`: the pictures with all that is known of them."""
    person = person_behind(request).user_id
    job_id = parse_id(request.query_params.get("job", ""))
    if job_id is not None:
        ids = await run_core(job_images, person, job_id)
    else:
        written = request.query_params.get("ids", "") or await _form_ids(request)
        ids = ids_of(written.split(","), most=MOST_SELECTED)
    found = await run_core(entries, person, ids) if ids else []
    if not found:
        return nothing_here()
    count = sum(entry.path is not None for entry in found)
    name = f"runtz-{datetime.now(UTC):%Y-%m-%d}-{count}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(packed(found), media_type="application/zip", headers=headers)


async def _form_ids(request: Request) -> str:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_FORM:
            return ""
    try:
        return parse_qs(body.decode("utf-8", "replace"), max_num_fields=2).get("ids", [""])[-1]
    except ValueError:
        return ""


def packed(found: list[ArchiveEntry]) -> Iterator[bytes]:
    """The bytes of the ZIP, piece by piece; equal entries give equal bytes."""
    outbox = Outbox()
    with ZipFile(outbox, "w") as archive:
        for entry in found:
            info = ZipInfo(entry.name, date_time=entry.moment.astimezone(UTC).timetuple()[:6])
            info.external_attr = 0o644 << 16
            info.compress_type = ZIP_DEFLATED if entry.path is None else ZIP_STORED
            if entry.path is None:
                archive.writestr(info, entry.data)
                yield outbox.take()
                continue
            info.file_size = entry.path.stat().st_size
            with entry.path.open("rb") as source, archive.open(info, "w") as target:
                while chunk := source.read(CHUNK):
                    target.write(chunk)
                    yield outbox.take()
    yield outbox.take()


async def take_in(request: Request) -> Response:
    """POST /api/imports: a ZIP as the body. Answers lines of JSON: how far it is, and at last what became of it."""
    limits, store = get_settings().limits, get_store()
    with ExitStack() as files:
        path = files.enter_context(store.incoming())
        try:
            await to_disk(request, path, limits.import_bytes)
            archive = files.enter_context(opened(path))
            found = await asyncio.to_thread(contents, archive, limits)
        except TooLarge:
            words = f"That is larger than {limits.import_bytes >> 30} GB, the most that is taken at once."
            return JSONResponse({"problem": f"{words} Nothing was imported."}, 413)
        except BadArchive as refused:
            return JSONResponse({"problem": refused.problem}, 422)
        except ImageError as refused:
            return JSONResponse({"problem": refused.reason}, 507)
        kept = files.pop_all()
    lines = Taking(archive, found, person_behind(request).user_id).lines(kept)
    return StreamingResponse(lines, media_type="application/x-ndjson")


@dataclass(slots=True)
class Taking:
    """One import under way."""

    archive: ZipFile
    found: Contents
    person: UUID

    async def lines(self, files: ExitStack) -> AsyncIterator[str]:
        """Take every picture in and tell how far it is; what is refused is told in words and changes nothing else."""
        going, problems, total = Import(user_id=self.person), [], len(self.found.pictures)
        with files:
            for place, one in enumerate(self.found.pictures, start=1):
                try:
                    await self._take(going, one)
                except (BadArchive, BadImage, SubmissionRefused, ImageError) as refused:
                    words = getattr(refused, "problem", None) or getattr(refused, "reason", "")
                    problems.append(f"{one.entry.filename[:80]}: {words}")
                yield json.dumps({"done": place, "of": total}) + "\n"
            missing = await run_core(entering.join, going)
        yield (
            json.dumps(
                {
                    "imported": going.taken,
                    "known": going.known,
                    "refused": len(problems),
                    "problems": problems[:_SHOWN],
                    "skipped": self.found.skipped,
                    "missing_parents": missing,
                }
            )
            + "\n"
        )

    async def _take(self, going: Import, one: Found) -> None:
        limits, store, decoder = get_settings().limits, get_store(), get_decoder()
        if one.facts is None:
            data = await asyncio.to_thread(unpacked, self.archive, one.entry, limits.upload_bytes)
            with store.incoming() as path:
                await asyncio.to_thread(path.write_bytes, data)
                plain = await receive_upload(store, decoder, path, limits)
            await run_core(entering.enter_plain, self.person, plain)
            going.taken += 1
            return
        facts = entering.read(one.facts, one.entry.filename)
        data = await asyncio.to_thread(unpacked, self.archive, one.entry, limits.image_bytes)
        if hashlib.sha256(data).hexdigest() != facts.sha256:
            raise BadArchive("The picture is not the one its JSON speaks of.")
        stored = await receive(store, decoder, data, limits)
        await run_core(entering.enter, going, facts, stored)
