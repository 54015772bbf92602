"""Tokens for programs: made and revoked by their person in the profile; shown once, in the answer to their form."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from runtz_app.api import forms
from runtz_app.api.account import PROFILE
from runtz_app.api.guard import nothing_here, person_behind
from runtz_app.threads import run_core
from runtz_core.ids import parse_id
from runtz_core.users import tokens
from runtz_core.users.service import Person
from runtz_core.users.tokens import BadToken, TokenScope

MAY_RUN = "run"  # the form's choice beside reading alone


async def make(request: Request) -> Response:
    """POST a name and what the token may do; the answer carries the token, this once."""
    form = await forms.read_form(request)
    try:
        made = await run_core(_make, person_behind(request), form, forms.address(request))
    except BadToken as bad:
        return forms.problem(request, str(bad), field="name")
    return JSONResponse({"next": PROFILE, "shown": made})


def _make(session: Session, person: Person, form: dict[str, str], address: str) -> str:
    scopes = {TokenScope.READ}
    if form.get("may") == MAY_RUN:
        scopes.add(TokenScope.RUN)
    return tokens.make(session, person.user_id, name=form.get("name", ""), scopes=scopes, address=address)


async def revoke(request: Request) -> Response:
    """POST /api/account/tokens/{token_id}/revoke."""
    token_id, person = parse_id(request.path_params["token_id"]), person_behind(request)
    if token_id is None or not await run_core(
        tokens.revoke, person.user_id, token_id, address=forms.address(request)
    ):
        return nothing_here()
    return forms.done(request, PROFILE)
