"""What the account forms share: reading a posted form, answering it, the session cookie, whose browser it is."""

from datetime import datetime
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from runtz_app.security import address_of, session_cookie, session_token
from runtz_core.settings import Settings, get_settings
from runtz_core.users.limits import TooManyTries
from runtz_core.users.signing import Visit

MAX_FORM = 16 * 1024  # bytes; the largest has three fields of 128 characters, each up to twelve bytes here


async def read_form(request: Request) -> dict[str, str]:
    """A small url-encoded form; anything larger or stranger is an empty one."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM:
            return {}
    try:
        values = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10)
    except ValueError:
        return {}
    return {name: found[-1].replace("\x00", "\ufffd") for name, found in values.items()}


def done(request: Request, path: str) -> Response:
    """The form did what it says; the browser goes on to `path`."""
    if _wants_json(request):
        return JSONResponse({"next": path})
    return RedirectResponse(path, 303)


def problem(request: Request, words: str, *, field: str = "", status: int = 422) -> Response:
    """The form did nothing; `words` say why, beside `field` if it is about one."""
    if _wants_json(request):
        return JSONResponse({"problem": words, "field": field}, status)
    return PlainTextResponse(words, status)


def too_many(request: Request, limit: TooManyTries) -> Response:
    """Nothing was checked."""
    response = problem(request, str(limit), status=429)
    response.headers["Retry-After"] = str(limit.minutes * 60)
    return response


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def visit_of(request: Request) -> Visit:
    """The browser behind a request."""
    settings = get_settings()
    return Visit(
        day=datetime.now(settings.zone).date(),
        user_agent=request.headers.get("user-agent", ""),
        address=address(request),
        old_token=session_token(request.headers.get("cookie", ""), settings),
    )


def address(request: Request) -> str:
    """The network address of the browser behind a request."""
    return address_of(request.scope, get_settings().trusted_proxy_hops)


def keep_session(response: Response, token: str, settings: Settings) -> None:
    """Give the browser its session cookie."""
    cookie = session_cookie(settings)
    response.set_cookie(
        cookie.name,
        token,
        max_age=int(settings.timing.session_absolute),
        path="/",
        secure=cookie.secure,
        httponly=True,
        samesite="lax",
    )


def drop_session(response: Response, settings: Settings) -> None:
    """Take the session cookie away."""
    cookie = session_cookie(settings)
    response.delete_cookie(cookie.name, path="/", secure=cookie.secure, httponly=True, samesite="lax")
