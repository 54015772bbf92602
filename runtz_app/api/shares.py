"""Making, listing and revoking share links. The link itself is told once, when it is made."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from runtz_app.api import forms
from runtz_app.api.bodies import ids_of, read_json
from runtz_app.api.guard import nothing_here, person_behind
from runtz_app.threads import run_core
from runtz_core.db import utc_now
from runtz_core.ids import parse_id
from runtz_core.images.errors import ImageNotFound
from runtz_core.sharing import service as sharing

GONE = "One of these pictures is no longer here. No link was made; reload the page."


async def make(request: Request) -> Response:
    """POST /api/shares/new with ids, days ("1", "7", "30" or "" for no end) and with_prompt."""
    body = await read_json(request)
    days = body.get("days", "7")
    if not isinstance(days, str) or days not in sharing.DURATIONS:
        return JSONResponse({"problem": "A link ends after 1, 7 or 30 days, or not at all."}, 422)
    try:
        token = await run_core(
            sharing.make,
            person_behind(request).user_id,
            ids_of(body.get("ids"), most=sharing.MOST_PICTURES + 1),
            with_prompt=body.get("with_prompt") is True,
            seconds=sharing.DURATIONS[days],
            address=forms.address(request),
        )
    except sharing.ShareRefused as refused:
        return JSONResponse({"problem": refused.problem}, 422)
    except ImageNotFound:
        return JSONResponse({"problem": GONE}, 404)
    return JSONResponse({"path": sharing.share_path(token)})


async def links(request: Request) -> Response:
    """GET /api/shares?image=: one's links, the newest first; of one picture if it is named."""
    named = request.query_params.get("image")
    image_id = parse_id(named) if named else None
    if named and image_id is None:
        return nothing_here()
    found = await run_core(sharing.links, person_behind(request).user_id, image_id=image_id)
    return JSONResponse({"links": [asdict(one) for one in found], "now": utc_now().timestamp()})


async def revoke(request: Request) -> Response:
    """POST /api/shares/{share_id}/revoke: the link leads nowhere from now on."""
    share_id = parse_id(request.path_params["share_id"])
    person = person_behind(request).user_id
    if share_id is None or not await run_core(
        sharing.revoke, person, share_id, address=forms.address(request)
    ):
        return nothing_here()
    return JSONResponse({})
