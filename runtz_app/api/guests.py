"""What a share link shows to people without an account: a page, its pictures, and the card messengers show.

The token in the address is the only key; it opens the pictures of its own link and nothing else. A token that is
unknown, revoked or over gets one and the same answer.
"""

from pathlib import Path
from uuid import UUID

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from runtz_app.api import forms, guest_page
from runtz_app.pace import Pace
from runtz_app.security import IMAGE_POLICY, origins
from runtz_app.threads import run_blocking, run_core
from runtz_core.ids import parse_id
from runtz_core.images.errors import ImageError, ImageNotFound
from runtz_core.settings import get_settings
from runtz_core.sharing import preview
from runtz_core.sharing import service as sharing

# A page is one request and up to six pictures; ten people behind one address open it at once.
PACE = Pace(per_second=4.0, burst=120)
TOO_FAST = "That was faster than this server takes it. Try again in a minute."

# Ten minutes at most: a revoked link is soon blind in browsers that have seen it.
FOR_A_WHILE = {"Cache-Control": "private, max-age=600", "X-Robots-Tag": "noindex"}
NEVER_KEPT = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}


async def page(request: Request) -> Response:
    """GET /s/{token}."""
    if (slow_down := _too_fast(request)) is not None:
        return slow_down
    token = request.path_params["token"]
    shown = await run_core(sharing.view, token, count=request.method == "GET")
    if shown is None:
        return _gone()
    return HTMLResponse(guest_page.shared(shown, token, _origin(request)), headers=NEVER_KEPT)


async def picture(request: Request) -> Response:
    """GET /s/{token}/{image_id}.webp, with ?w=320 for the small one; `preview.jpg` in the place of a picture."""
    if (slow_down := _too_fast(request)) is not None:
        return slow_down
    token, (text, _, extension) = request.path_params["token"], request.path_params["name"].partition(".")
    if (text, extension) == ("preview", "jpg"):
        return await _card(token)
    image_id = parse_id(text)
    if image_id is None or extension != "webp":
        return _gone()
    width = 320 if request.query_params.get("w") == "320" else 1024
    try:
        path = await run_core(sharing.shared_file, token, image_id, width=width)
    except (ImageNotFound, FileNotFoundError):
        return _gone()
    except ImageError as problem:
        return PlainTextResponse(problem.reason, 503, {"Retry-After": "3", **NEVER_KEPT})
    headers = {"Content-Security-Policy": IMAGE_POLICY, **FOR_A_WHILE}
    return FileResponse(path, media_type="image/webp", headers=headers)


async def _card(token: str) -> Response:
    try:
        files = await run_core(_files, token)
        data = await run_blocking(preview.card, files)
    except (ImageError, OSError):
        return _gone()
    headers = {
        "Content-Security-Policy": IMAGE_POLICY,
        "Cross-Origin-Resource-Policy": "cross-origin",  # messengers show it on pages of their own
        **FOR_A_WHILE,
    }
    return Response(data, media_type="image/jpeg", headers=headers)


def _files(session: Session, token: str) -> list[Path]:
    shown = sharing.view(session, token, count=False)
    if shown is None:
        raise ImageNotFound
    return [sharing.shared_file(session, token, UUID(one.id)) for one in shown.pictures[: preview.MOST_SHOWN]]


def _gone() -> Response:
    return HTMLResponse(guest_page.nothing(), 404, headers=NEVER_KEPT)


def _too_fast(request: Request) -> Response | None:
    if PACE.admits(forms.address(request)):
        return None
    return PlainTextResponse(TOO_FAST, 429, {"Retry-After": "60", **NEVER_KEPT})


def _origin(request: Request) -> str:
    """Where this server is reached: as asked for if that is one of ours, else as configured."""
    ours = origins(get_settings())
    asked = f"{request.url.scheme}://{request.url.netloc}"
    return asked if asked in ours else ours[0]
