"""Making an account. The answer never says whether the e-mail had one already."""

from starlette.requests import Request
from starlette.responses import Response

from runtz_app.api import forms
from runtz_app.threads import run_core, run_hashing
from runtz_core.users import limits, passwords, people, registration
from runtz_core.users.registration import Applicant

SIGN_IN = "/welcome?problem=registered"


async def register(request: Request) -> Response:
    """POST name, e-mail, password and the code of an invitation; the page then signs in with them."""
    form = await forms.read_form(request)
    name, email, password = (form.get(field, "") for field in ("name", "email", "password"))
    address = forms.address(request)
    try:
        about = (people.checked_name(name), people.checked_email(email))
        passwords.check_new(password, about=(*about, about[1].partition("@")[0]))
        await run_core(limits.begin_try, "register", address)
        applicant = Applicant(
            name=name, email=email, password_hash=await run_hashing(passwords.hashed, password)
        )
        await run_core(registration.register, applicant, invite=form.get("invite", ""), address=address)
    except people.BadField as bad:
        return forms.problem(request, bad.problem, field=bad.field)
    except passwords.WeakPassword as weak:
        return forms.problem(request, str(weak), field="password")
    except people.NotAllowed as refusal:
        return forms.problem(request, str(refusal), status=403)
    except limits.TooManyTries as limit:
        return forms.too_many(request, limit)
    return forms.done(request, SIGN_IN)
