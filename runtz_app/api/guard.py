"""The door of the mounted API: who may call which route is in `access`; everybody else is turned away here."""

import logging

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from runtz_app.access import Access, of_route
from runtz_app.api.v1.answers import problem
from runtz_app.api.v1.door import Door
from runtz_app.identity import check_person
from runtz_core.settings import get_settings
from runtz_core.users.service import Person

log = logging.getLogger(__name__)

API = "/api/"

SIGN_IN_FIRST = "Sign in first: with your e-mail, or with the link that `./runtz link` prints."
DATABASE_AWAY = "The database does not answer. Nothing was changed; try again in a moment."
NOT_HERE = "There is nothing here."


class RequirePerson:
    """Refuses requests below /api/ to whom they are not for, and tells the route whose request it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._door: Door | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(API):
            needed = of_route(scope["path"])
            if needed is not Access.PUBLIC:
                request = Request(scope)
                by_token = needed is Access.TOKEN
                refusal = await (self._by_token(request) if by_token else _identify(request, needed))
                if refusal is not None:
                    await refusal(scope, receive, send)
                    return
        await self._app(scope, receive, send)

    async def _by_token(self, request: Request) -> Response | None:
        if self._door is None:  # made at the first request: settings are not read at import
            self._door = Door(per_second=get_settings().limits.events_per_second)
        try:
            return await self._door.refusal(request)
        except SQLAlchemyError:
            log.exception("no token could be read")
            return problem(503, "database_away", DATABASE_AWAY)


async def _identify(request: Request, needed: Access) -> PlainTextResponse | None:
    try:
        person = await check_person(request.headers.get("cookie", ""))
    except SQLAlchemyError:
        log.exception("no session could be read")
        return PlainTextResponse(DATABASE_AWAY, 503)
    if person is None:
        return PlainTextResponse(SIGN_IN_FIRST, 401)
    if needed is Access.OWNER and not person.is_owner:
        return nothing_here()
    request.state.person = person
    return None


def person_behind(request: Request) -> Person:
    """The person the guard let in."""
    person: Person = request.state.person
    return person


def nothing_here() -> PlainTextResponse:
    """The one answer for what does not exist and for what belongs to someone else."""
    return PlainTextResponse(NOT_HERE, 404)
