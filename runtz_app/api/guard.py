"""The door of the mounted API: who may call which route is in `access`; everybody else is turned away here."""

import logging

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from runtz_app.access import Access, of_route
from runtz_app.identity import check_person
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(API):
            needed = of_route(scope["path"])
            if needed is not Access.PUBLIC:
                refusal = await _identify(Request(scope), needed)
                if refusal is not None:
                    await refusal(scope, receive, send)
                    return
        await self._app(scope, receive, send)


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
