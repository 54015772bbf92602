"""Pictures people send: the bytes go to disk as they come, are checked and written anew, and only then are theirs."""

from pathlib import Path
from uuid import UUID

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from runtz_app.api.guard import nothing_here, person_behind
from runtz_app.threads import run_core
from runtz_core import events
from runtz_core.ids import parse_id
from runtz_core.images import service as images
from runtz_core.images.decoder import get_decoder
from runtz_core.images.errors import BadImage, DecoderUnavailable, StorageFull
from runtz_core.images.intake import Stored, get_store, receive_upload
from runtz_core.images.models import Origin
from runtz_core.images.store import refusals_named
from runtz_core.jobs import quota
from runtz_core.jobs.requests import SubmissionRefused
from runtz_core.settings import get_settings

MASK_BYTES = 4 * 2**20


class TooLarge(Exception):
    """More was sent than is taken; reading stopped there."""


async def to_disk(request: Request, path: Path, most: int) -> int:
    """Write the body to `path` as it comes, at most `most` bytes; returns how many. Raises TooLarge, StorageFull.

    What a caller says of its length is believed only when it says too much.
    """
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > most:
        raise TooLarge
    size = 0
    with refusals_named(), path.open("wb") as file:
        async for chunk in request.stream():
            size += len(chunk)
            if size > most:
                raise TooLarge
            file.write(chunk)
    return size


async def upload(request: Request) -> Response:
    """POST /api/uploads: one picture as the body. Answers its id, size in pixels and addresses."""
    return await _taken(request, get_settings().limits.upload_bytes, None)


async def mask(request: Request) -> Response:
    """POST /api/masks/{image_id}: a PNG as large as that picture, white where it may change."""
    image_id = parse_id(request.path_params["image_id"])
    base = await run_core(images.owned, person_behind(request).user_id, image_id) if image_id else None
    if base is None:
        return nothing_here()
    return await _taken(request, MASK_BYTES, (base.width, base.height))


async def _taken(request: Request, most: int, base: tuple[int, int] | None) -> Response:
    person, limits, store = person_behind(request).user_id, get_settings().limits, get_store()
    with store.incoming() as path:
        try:
            size = await to_disk(request, path, most)
            await run_core(quota.check_room, person, size)
            stored = await receive_upload(store, get_decoder(), path, limits, mask=base is not None)
            if base is not None and base != (stored.width, stored.height):
                raise BadImage("The mask is not as large as its picture; paint it again.")
            origin = Origin.UPLOADED if base is None else Origin.MASK
            image_id = await run_core(_entered, person, stored, origin)
        except TooLarge:
            words = f"That is larger than {most / 2**20:g} MB, the most that is taken. Nothing was kept."
            return JSONResponse({"problem": words}, 413, headers={"Connection": "close"})
        except BadImage as refused:
            return JSONResponse({"problem": f"{refused.reason} Nothing was kept."}, 422)
        except SubmissionRefused as refused:
            return JSONResponse({"problem": refused.problem}, 409)
        except StorageFull as refused:
            return JSONResponse({"problem": refused.reason}, 507)
        except DecoderUnavailable as refused:
            return JSONResponse({"problem": refused.reason}, 503)
    url = f"/api/images/{image_id}.webp?w="
    seen = {"id": str(image_id), "width": stored.width, "height": stored.height}
    return JSONResponse(seen | {"thumb": f"{url}320", "url": f"{url}1024"}, 201)


def _entered(session: Session, person: UUID, stored: Stored, origin: Origin) -> UUID:
    """Checked once more where it counts: what others sent meanwhile is in by now."""
    quota.check_room(session, person, stored.size)
    entered = images.record(session, user_id=person, call_id=None, stored=stored, origin=origin)
    events.vault_changed(session, person)
    return entered.id
