"""The door of the mounted API: a signed-in person for every route that is not listed as public."""

import logging

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from runtz_app.identity import check_person
from runtz_core.users.service import Person

log = logging.getLogger(__name__)

API = "/api/"
PUBLIC_ROUTES = frozenset({"/api/auth/first-run", "/api/auth/sign-out"})

SIGN_IN_FIRST = "Sign in first: open the link that `./runtz link` prints."
DATABASE_AWAY = "The database does not answer. Try again in a moment."
NOT_HERE = "There is nothing here."


class RequirePerson:
    """Refuses requests below /api/ without a session, and tells the route whose request it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(API) and scope["path"] not in PUBLIC_ROUTES:
            refusal = await _identify(Request(scope))
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


async def _identify(request: Request) -> PlainTextResponse | None:
    try:
        person = await check_person(request.headers.get("cookie", ""))
    except (SQLAlchemyError, TimeoutError):
        log.exception("no session could be read")
        return PlainTextResponse(DATABASE_AWAY, 503)
    if person is None:
        return PlainTextResponse(SIGN_IN_FIRST, 401)
    request.state.person = person
    return None


def person_behind(request: Request) -> Person:
    """The person the guard let in."""
    person: Person = request.state.person
    return person


def nothing_here() -> PlainTextResponse:
    """The one answer for what does not exist and for what belongs to someone else."""
    return PlainTextResponse(NOT_HERE, 404)
