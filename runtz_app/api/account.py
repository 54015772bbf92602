"""What signed-in people do about their own account: name and e-mail, password, sessions, Google, export, leaving."""

import shutil
import tempfile
from pathlib import Path
from uuid import UUID

from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from runtz_app.api import forms
from runtz_app.api.guard import nothing_here, person_behind
from runtz_app.api.zipping import zipped
from runtz_app.threads import run_blocking, run_core, run_hashing
from runtz_core.ids import parse_id
from runtz_core.leaving import deletion, export
from runtz_core.settings import get_settings
from runtz_core.users import audit, limits, passwords, people, registration, signing
from runtz_core.users import service as users
from runtz_core.users.signing import Known

PROFILE = "/profile"
WRONG_PASSWORD = "This is not your current password."  # noqa: S105 (words)
LEAVE_WORDS = "delete my account"


class NotProven(Exception):
    """The current password was asked for and is not the one."""


async def save_profile(request: Request) -> Response:
    """POST name and e-mail; another e-mail needs the current password, if there is one."""
    form = await forms.read_form(request)
    person, address = person_behind(request), forms.address(request)
    email = form.get("email", "").strip()
    try:
        now = await run_core(people.profile, person.user_id)
        if email != now.email:
            await _prove(request, person.user_id, form.get("current", ""))
        await run_core(_rename, person.user_id, form.get("name", ""), email, address)
    except people.BadField as bad:
        return forms.problem(request, bad.problem, field=bad.field)
    except NotProven:
        return forms.problem(request, WRONG_PASSWORD, field="current")
    except limits.TooManyTries as limit:
        return forms.too_many(request, limit)
    return forms.done(request, PROFILE)


def _rename(session: Session, user_id: UUID, name: str, email: str, address: str) -> None:
    if people.rename(session, user_id, name=name, email=email):
        audit.record(session, "email_changed", actor=user_id, subject=user_id, address=address)


async def change_password(request: Request) -> Response:
    """POST the current password (if there is one) and the new one; other sessions end."""
    form = await forms.read_form(request)
    person, fresh = person_behind(request), form.get("password", "")
    try:
        now = await run_core(people.profile, person.user_id)
        if not now.email:
            raise people.BadField("email", "Set an e-mail first: you will sign in with it and this password.")
        passwords.check_new(fresh, about=(now.name, now.email, now.email.partition("@")[0]))
        proof = await _prove(request, person.user_id, form.get("current", ""))
        hashed = await run_hashing(passwords.hashed, fresh)
        changed = await run_core(
            signing.change_password,
            proof,
            hashed,
            session_id=person.session_id,
            address=forms.address(request),
        )
    except people.BadField as bad:
        return forms.problem(request, bad.problem)
    except passwords.WeakPassword as weak:
        return forms.problem(request, str(weak), field="password")
    except NotProven:
        return forms.problem(request, WRONG_PASSWORD, field="current")
    except limits.TooManyTries as limit:
        return forms.too_many(request, limit)
    if not changed:
        return forms.problem(
            request, "Your password was changed from elsewhere just now. Nothing was done here."
        )
    return forms.done(request, PROFILE)


async def _prove(request: Request, user_id: UUID, password: str) -> Known:
    """The person's proof, once `password` fits it; who has none yet needs none. Raises NotProven, TooManyTries."""
    proof = await run_core(signing.proof_of, user_id)
    if proof.stored is None:
        return proof
    account, address = f"person {user_id}", forms.address(request)
    await run_core(limits.begin_try, account, address)
    if not await run_hashing(passwords.verify, password, proof.stored):
        await run_core(signing.refuse, proof, address=address, how="confirmation")
        raise NotProven
    await run_core(limits.passed, account, address)
    return proof


async def end_session(request: Request) -> Response:
    """POST /api/account/sessions/{session_id}/end."""
    session_id, person = parse_id(request.path_params["session_id"]), person_behind(request)
    if session_id is None or not await run_core(_end_one, person.user_id, session_id, forms.address(request)):
        return nothing_here()
    return forms.done(request, PROFILE)


def _end_one(session: Session, user_id: UUID, session_id: UUID, address: str) -> bool:
    ended = users.end_one_session(session, user_id, session_id)
    if ended:
        audit.record(session, "session_ended", actor=user_id, subject=user_id, address=address)
    return ended


async def end_other_sessions(request: Request) -> Response:
    """POST /api/account/sessions/end: all but this one."""
    person = person_behind(request)
    await run_core(_end_others, person.user_id, person.session_id, forms.address(request))
    return forms.done(request, PROFILE)


def _end_others(session: Session, user_id: UUID, session_id: UUID, address: str) -> None:
    users.end_sessions(session, user_id, but=session_id)
    audit.record(session, "sessions_ended", actor=user_id, subject=user_id, address=address)


async def disconnect_google(request: Request) -> Response:
    """POST /api/account/google/disconnect."""
    person = person_behind(request)
    try:
        await run_core(registration.disconnect_google, person.user_id, address=forms.address(request))
    except people.NotAllowed as refusal:
        return forms.problem(request, str(refusal))
    return forms.done(request, PROFILE)


async def download(request: Request) -> Response:
    """POST /api/account/export: a ZIP of everything kept about this person."""
    person, folder = person_behind(request), Path(tempfile.mkdtemp(prefix="runtz-export-"))
    try:
        files = await run_core(export.collect, person.user_id, folder, address=forms.address(request))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return StreamingResponse(
        zipped(files),
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="runtz-my-data.zip"'},
        background=BackgroundTask(run_blocking, shutil.rmtree, folder, True),
    )


async def leave(request: Request) -> Response:
    """POST the words typed and the current password (if there is one): the account ends."""
    form, person = await forms.read_form(request), person_behind(request)
    if " ".join(form.get("confirm", "").split()).casefold() != LEAVE_WORDS:
        return forms.problem(
            request, f"Type “{LEAVE_WORDS}” to confirm. Nothing was deleted.", field="confirm"
        )
    try:
        await _prove(request, person.user_id, form.get("current", ""))
        await run_core(deletion.leave, person.user_id, address=forms.address(request))
    except NotProven:
        return forms.problem(request, WRONG_PASSWORD, field="current")
    except limits.TooManyTries as limit:
        return forms.too_many(request, limit)
    except people.NotAllowed as refusal:
        return forms.problem(request, str(refusal))
    response = forms.done(request, "/welcome?problem=deleted")
    forms.drop_session(response, get_settings())
    return response
