"""The door of version 1: a token that is good, in scope and in pace; cookies open nothing here."""

from starlette.requests import Request
from starlette.responses import Response

from runtz_app.api.v1.answers import problem
from runtz_app.pace import Pace
from runtz_app.security import SAFE_METHODS, address_of
from runtz_app.threads import run_core
from runtz_core.settings import get_settings
from runtz_core.users import tokens
from runtz_core.users.tokens import Bearer, TokenScope

BURST_SECONDS = 5.0
ADDRESSES = 5.0  # an address may be several people's: so many times the pace of one

_AGAIN = {"Retry-After": "1"}
_BEARER = {"WWW-Authenticate": 'Bearer realm="runtz"'}


class Door:
    """Who may pass. Paces are counted by each web process for itself."""

    def __init__(self, *, per_second: float) -> None:
        burst = int(per_second * BURST_SECONDS)
        self._people = Pace(per_second=per_second, burst=burst)
        self._addresses = Pace(per_second=per_second * ADDRESSES, burst=int(burst * ADDRESSES))

    async def refusal(self, request: Request) -> Response | None:
        """Why the request does not pass; None when it does, and then the route knows whose it is."""
        settings = get_settings()
        if not self._addresses.admits(address_of(request.scope, settings.trusted_proxy_hops)):
            return _too_fast()
        bearer = await _bearer(request)
        if bearer is None:
            words = "Send a token: Authorization: Bearer runtz_… (make one in Profile, API tokens)."
            return problem(401, "no_token", words, _BEARER)
        if not self._people.admits(str(bearer.user_id)):
            return _too_fast()
        needed = TokenScope.READ if request.method in SAFE_METHODS else TokenScope.RUN
        if needed not in bearer.scopes:
            return problem(403, "scope", f"This token may not do that: it lacks the scope “{needed}”.")
        request.state.bearer = bearer
        return None


def bearer_of(request: Request) -> Bearer:
    """Whom the door let in."""
    bearer: Bearer = request.state.bearer
    return bearer


async def _bearer(request: Request) -> Bearer | None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        return None
    return await run_core(tokens.bearer, token.strip())


def _too_fast() -> Response:
    words = (
        "This came faster than the server takes it. Nothing was done or charged; wait a moment and try again."
    )
    return problem(429, "too_fast", words, _AGAIN)
