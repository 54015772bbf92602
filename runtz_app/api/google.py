"""Signing in with Google: to Google with a sealed note of what was sent, and back with its answer."""

from dataclasses import asdict
from uuid import UUID

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from runtz_app import notes
from runtz_app.api import forms
from runtz_app.identity import check_person
from runtz_app.security import origins, own_path, session_cookie
from runtz_app.threads import run_blocking, run_core
from runtz_core.settings import Settings, get_settings
from runtz_core.users import google, people, registration, signing
from runtz_core.users.google import Client, Flow, GoogleRefused, Identity
from runtz_core.users.signing import Visit

BACK = "/api/auth/google/back"
NOT_CONFIGURED = "Signing in with Google is not set up on this server."


def is_configured(settings: Settings) -> bool:
    """Whether the operator registered this installation with Google."""
    return bool(settings.google_client_id and settings.google_client_secret)


async def start(request: Request) -> Response:
    """POST, and go to Google. For somebody who is signed in, it connects Google to their account."""
    settings = get_settings()
    if not is_configured(settings):
        return forms.problem(request, NOT_CONFIGURED, status=404)
    form = await forms.read_form(request)
    person = await check_person(request.headers.get("cookie", ""))
    try:
        address, flow = await google.begin(_client(request, settings))
    except GoogleRefused as refusal:
        return forms.problem(request, str(refusal), status=502)
    note = {
        **asdict(flow),
        "next": own_path(form.get("next", "/")),
        "invite": form.get("invite", ""),
        "person": str(person.user_id) if person else "",
    }
    response = forms.done(request, address)
    cookie = session_cookie(settings)
    response.set_cookie(
        _cookie(settings), await run_blocking(notes.seal, settings, note), max_age=notes.GOOD_FOR, path="/",
        secure=cookie.secure, httponly=True, samesite="lax",
    )  # fmt: skip
    return response


async def back(request: Request) -> Response:
    """GET: where Google sends the browser back to."""
    settings = get_settings()
    try:
        if not is_configured(settings):
            raise GoogleRefused(NOT_CONFIGURED)
        note = await run_blocking(notes.unseal, settings, request.cookies.get(_cookie(settings), ""))
        if note is None:
            raise GoogleRefused(
                "This sign-in was not started in this browser, or too long ago. Start it again."
            )
        flow = Flow(state=note["state"], nonce=note["nonce"], verifier=note["verifier"])
        identity = await google.finish(_client(request, settings), flow, request.query_params)
        response = await _arrived(request, settings, note, identity)
    except (GoogleRefused, people.NotAllowed, people.BadField) as refusal:
        response = await run_blocking(_refused, settings, str(refusal))
    response.delete_cookie(_cookie(settings), path="/", secure=session_cookie(settings).secure, httponly=True)
    return response


async def _arrived(
    request: Request, settings: Settings, note: dict[str, str], identity: Identity
) -> Response:
    visit = forms.visit_of(request)
    if note["person"]:
        person = await check_person(request.headers.get("cookie", ""))
        if person is None or str(person.user_id) != note["person"]:
            raise GoogleRefused("You were signed out meanwhile. Sign in, and connect Google again.")
        await run_core(registration.connect_google, person.user_id, identity, address=visit.address)
        return RedirectResponse("/profile", 303)
    token = await run_core(_sign_in, identity, note["invite"], visit)
    if token is None:
        raise GoogleRefused("This account is closed. Ask the owner.")
    response = RedirectResponse(note["next"], 303)
    forms.keep_session(response, token, settings)
    return response


def _sign_in(session: Session, identity: Identity, invite: str, visit: Visit) -> str | None:
    user_id: UUID | None = registration.arrive_by_google(
        session, identity, invite=invite, address=visit.address
    )
    return None if user_id is None else signing.arrive(session, user_id, visit, how="Google")


def _client(request: Request, settings: Settings) -> Client:
    """This installation as the provider knows it. The address to come back to is one of our own, never a guess."""
    here = f"{request.url.scheme}://{request.headers.get('host', '')}"
    allowed = origins(settings)
    return Client(
        client_id=settings.google_client_id or "",
        client_secret=settings.google_client_secret.get_secret_value()
        if settings.google_client_secret
        else "",
        discovery_url=settings.google_discovery_url,
        redirect_uri=(here if here in allowed and not settings.public_url else allowed[0]) + BACK,
    )


def _refused(settings: Settings, words: str) -> Response:
    """Back to the sign-in page with the reason. Sealed, so that nobody else can put words on our page."""
    return RedirectResponse(f"/welcome?told={notes.seal(settings, {'words': words})}", 303)


def _cookie(settings: Settings) -> str:
    return "__Host-google" if session_cookie(settings).secure else "google"
