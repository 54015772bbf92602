"""Pictures over HTTP, to their owner only: the original byte for byte, or a WebP of one of two widths."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from runtz_app.api.guard import nothing_here, person_behind
from runtz_app.security import IMAGE_POLICY
from runtz_app.threads import run_core
from runtz_core.ids import parse_id
from runtz_core.images import service as images
from runtz_core.images.errors import ImageDamaged, ImageError, ImageNotFound, ThumbnailBusy
from runtz_core.images.formats import FORMATS, WEBP
from runtz_core.images.store import WIDTHS

# An image never changes under its address, and only its owner's browser may keep it.
FOREVER = "private, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A file to send."""

    path: Path
    media_type: str
    tag: str  # changes with the bytes
    extension: str


async def image(request: Request) -> Response:
    """GET /api/images/{image_id}.{ext}, with ?w=320 or 1024 for a WebP of that width."""
    text, _, extension = request.path_params["name"].partition(".")
    width = _width(request.query_params.get("w"))
    known = {form.extension for form in FORMATS.values()}
    if width is None or extension not in known:
        return nothing_here()
    return await answer(request, person_behind(request).user_id, text, width, attachment=False)


async def download(request: Request) -> Response:
    """GET /api/images/{image_id}/download: the original, to be saved."""
    image_id = request.path_params["image_id"]
    return await answer(request, person_behind(request).user_id, image_id, 0, attachment=True)


async def answer(request: Request, user_id: UUID, text: str, width: int, *, attachment: bool) -> Response:
    """A picture of this person by the text of its id: the original, or (`width`) a WebP."""
    image_id = parse_id(text)
    if image_id is None:
        return nothing_here()
    try:
        served = await run_core(_find, user_id, image_id, width)
    except (ImageNotFound, FileNotFoundError):
        return nothing_here()
    except ImageDamaged as damaged:
        return PlainTextResponse(damaged.reason, 404)
    except ThumbnailBusy as busy:
        return PlainTextResponse(busy.reason, 503, {"Retry-After": "3"})
    except ImageError as problem:
        return PlainTextResponse(problem.reason, 500)
    if not served.path.is_file():
        return PlainTextResponse("The file of this picture is missing on the server's disk.", 404)
    headers = {
        "ETag": f'"{served.tag}"',
        "Cache-Control": FOREVER,
        "Content-Security-Policy": IMAGE_POLICY,
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return FileResponse(
        served.path,
        media_type=served.media_type,
        headers=headers,
        filename=f"runtz-{image_id}.{served.extension}",
        content_disposition_type="attachment" if attachment else "inline",
    )


def _find(session: Session, user_id: UUID, image_id: UUID, width: int) -> Served:
    """What to send for this person. Raises ImageNotFound, ImageDamaged and what making a missing thumbnail raises."""
    stored = images.find(session, user_id, image_id)
    if stored is None:
        raise ImageNotFound
    if stored.damaged:
        raise ImageDamaged
    if not width:
        form = FORMATS[stored.media_type]
        return Served(
            path=stored.path, media_type=form.media_type, tag=stored.sha256, extension=form.extension
        )
    path = images.thumbnail(session, user_id, image_id, width)
    tag = f"{stored.sha256}-{width}"
    return Served(path=path, media_type=WEBP.media_type, tag=tag, extension=WEBP.extension)


def _width(text: str | None) -> int | None:
    """0 for the original, one of our widths, or None for anything else."""
    if text is None:
        return 0
    return int(text) if text.isdecimal() and int(text) in WIDTHS else None
