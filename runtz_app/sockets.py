"""How many sockets one person, or one address without a session, may hold open in this process."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from runtz_app.identity import check_person
from runtz_app.pace import Places
from runtz_app.security import address_of
from runtz_core.settings import get_settings

VISITORS = 3  # times as many for an address nobody of which is signed in: a whole office may share one
TRY_AGAIN_LATER = 1013  # RFC 6455 registry


class FewSockets:
    """Refuses the socket after the last one; the page then says that the connection is lost, and tries again."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app = app
        self._people = Places(most)
        self._visitors = Places(most * VISITORS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        person = await check_person(headers.get("cookie", ""))
        address = address_of(scope, get_settings().trusted_proxy_hops)
        places, key = (self._people, str(person.user_id)) if person else (self._visitors, address)
        if not places.take(key):
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER, "reason": "too many tabs"})
            return
        try:
            await self._app(scope, receive, send)
        finally:
            places.leave(key)
