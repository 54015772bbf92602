"""Signing in by a one-time code, and out: plain posts that set and clear the session cookie (D9)."""

from datetime import date, datetime
from urllib.parse import parse_qs

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from runtz_app.security import session_cookie, session_token
from runtz_app.threads import run_core
from runtz_core.jobs import queries
from runtz_core.settings import Settings, get_settings
from runtz_core.users import service as users

MAX_FORM = 4096  # bytes; a code has 43


async def first_run(request: Request) -> Response:
    """Use a one-time code up and sign its person in; a code that is no good leads back with the reason."""
    settings = get_settings()
    form = await _form(request)
    signed_in = await run_core(
        _sign_in,
        form.get("code", ""),
        user_agent=request.headers.get("user-agent", ""),
        old_token=session_token(request.headers.get("cookie", ""), settings),
        day=datetime.now(settings.zone).date(),
    )
    if signed_in is None:
        return RedirectResponse("/welcome?problem=link", 303)
    token, is_new_here = signed_in
    response = RedirectResponse("/welcome" if is_new_here else "/", 303)
    _set_cookie(response, token, settings)
    return response


async def sign_out(request: Request) -> Response:
    """End the session everywhere it is open, and clear its cookie."""
    settings = get_settings()
    token = session_token(request.headers.get("cookie", ""), settings)
    if token:
        await run_core(users.end_session, token)
    response = RedirectResponse("/welcome?problem=out", 303)
    cookie = session_cookie(settings)
    response.delete_cookie(cookie.name, path="/", secure=cookie.secure, httponly=True, samesite="lax")
    return response


def _sign_in(
    session: Session, code: str, *, user_agent: str, old_token: str | None, day: date
) -> tuple[str, bool] | None:
    """(session token, has never run a job), or None for a code that is no good."""
    user_id = users.redeem(session, code)
    if user_id is None:
        return None
    if old_token:
        users.end_session(session, old_token)
    users.arrive(session, user_id, day=day)
    token = users.start_session(session, user_id, user_agent=user_agent)
    return token, queries.latest_job_id(session, user_id) is None


def _set_cookie(response: Response, token: str, settings: Settings) -> None:
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


async def _form(request: Request) -> dict[str, str]:
    """A small url-encoded form; anything larger or stranger is an empty one."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM:
            return {}
    values = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    return {name: found[-1] for name, found in values.items()}
