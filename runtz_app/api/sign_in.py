"""Signing in by a password or a one-time link, and out: plain posts that set and clear the session cookie (D9)."""

from uuid import UUID

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from runtz_app.api import forms
from runtz_app.security import own_path, session_token
from runtz_app.threads import run_core, run_hashing
from runtz_core.jobs import queries
from runtz_core.settings import get_settings
from runtz_core.users import limits, passwords, signing
from runtz_core.users.signing import Known, Visit

# The same for an unknown e-mail, a wrong password, an account without one and one that is shut out.
WRONG = "This e-mail and password do not belong together."


async def sign_in(request: Request) -> Response:
    """POST e-mail, password, and where to go on to."""
    form = await forms.read_form(request)
    email, password = form.get("email", ""), form.get("password", "")
    visit = forms.visit_of(request)
    try:
        await run_core(limits.begin_try, email, visit.address)
    except limits.TooManyTries as limit:
        return forms.too_many(request, limit)
    somebody = await run_core(signing.known, email)
    token = None
    if await run_hashing(passwords.verify, password, somebody.stored):
        fresh = await rehashed(password, somebody)
        token = await run_core(signing.arrive_with_password, email, somebody, visit, rehashed=fresh)
    if token is None:
        await run_core(signing.refuse, somebody, address=visit.address)
        return forms.problem(request, WRONG, status=401)
    return _arrived(request, token, own_path(form.get("next", "/")))


async def rehashed(password: str, somebody: Known) -> str | None:
    """A new hash of a right password whose stored one has other parameters than today's."""
    outdated = somebody.stored is not None and passwords.is_outdated(somebody.stored)
    return await run_hashing(passwords.hashed, password) if outdated else None


async def reset(request: Request) -> Response:
    """POST a reset link's code and the new password; the person is signed in with it at once."""
    form = await forms.read_form(request)
    code, password = form.get("code", ""), form.get("password", "")
    visit = forms.visit_of(request)
    try:
        passwords.check_new(password)
        await run_core(limits.begin_try, "reset", visit.address)
    except passwords.WeakPassword as weak:
        return forms.problem(request, str(weak), field="password")
    except limits.TooManyTries as limit:
        return forms.too_many(request, limit)
    fresh = await run_hashing(passwords.hashed, password)
    token = await run_core(signing.reset_password, code, fresh, visit)
    if token is None:
        return forms.problem(
            request, "This link was used already, or it is too old. Ask the owner for another."
        )
    return _arrived(request, token, "/")


async def first_run(request: Request) -> Response:
    """Use a one-time code up and sign its person in; a code that is no good leads back with the reason."""
    form = await forms.read_form(request)
    signed_in = await run_core(_arrive_with_link, form.get("code", ""), forms.visit_of(request))
    if signed_in is None:
        return RedirectResponse("/welcome?problem=link", 303)
    token, is_new_here = signed_in
    response = RedirectResponse("/welcome" if is_new_here else "/", 303)
    forms.keep_session(response, token, get_settings())
    return response


async def sign_out(request: Request) -> Response:
    """End the session everywhere it is open, and clear its cookie."""
    settings = get_settings()
    token = session_token(request.headers.get("cookie", ""), settings)
    if token:
        await run_core(signing.leave, token, address=forms.address(request))
    response = RedirectResponse("/welcome?problem=out", 303)
    forms.drop_session(response, settings)
    return response


def _arrived(request: Request, token: str, path: str) -> Response:
    response = forms.done(request, path)
    forms.keep_session(response, token, get_settings())
    return response


def _arrive_with_link(session: Session, code: str, visit: Visit) -> tuple[str, bool] | None:
    """(session token, has never run a job), or None for a code that is no good."""
    found = signing.arrive_with_link(session, code, visit)
    return None if found is None else (found[1], _is_new(session, found[0]))


def _is_new(session: Session, user_id: UUID) -> bool:
    return queries.latest_job_id(session, user_id) is None
