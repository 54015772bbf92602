"""The early picture of a call that is still running, as its vendor streamed it."""

from uuid import UUID

from redis.exceptions import RedisError
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from runtz_app.api.guard import nothing_here, person_behind
from runtz_app.security import IMAGE_POLICY
from runtz_app.threads import run_blocking, run_core
from runtz_core import events
from runtz_core.ids import parse_id
from runtz_core.images.errors import BadImage
from runtz_core.images.formats import sniff
from runtz_core.jobs import service as jobs
from runtz_core.jobs.service import NotFound


async def partial(request: Request) -> Response:
    """GET /api/calls/{call_id}/partial?v=: `v` only makes a newer picture a new address.

    An owner's call without an early picture is no error (the picture itself may have come in between): 204.
    """
    call_id = parse_id(request.path_params["call_id"])
    if call_id is None:
        return nothing_here()
    try:
        await run_core(_require_owned, person_behind(request).user_id, call_id)
        early = await run_blocking(events.partial, call_id)
        form = sniff(early.data) if early else None
    except (NotFound, RedisError, BadImage):
        return nothing_here()
    if early is None or form is None:
        return Response(status_code=204)
    headers = {"Content-Security-Policy": IMAGE_POLICY}
    return Response(early.data, media_type=form.media_type, headers=headers)


def _require_owned(session: Session, user_id: UUID, call_id: UUID) -> None:
    jobs.owned_call(session, user_id, call_id)
