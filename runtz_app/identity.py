"""Whose request or event this is: the session row behind the cookie, read anew every time."""

from runtz_app.security import session_token
from runtz_app.threads import run_core
from runtz_core.settings import get_settings
from runtz_core.users import service as users
from runtz_core.users.service import Person


async def person_of(cookie_header: str) -> Person | None:
    """The signed-in person of a Cookie header, or None. A sign-out elsewhere counts from the next call on."""
    settings = get_settings()
    token = session_token(cookie_header, settings)
    if token is None:
        return None
    return await run_core(users.who, token, settings.timing)
