"""Whose request or event this is: the session row behind the cookie, read anew for every one of them."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session

from runtz_app.security import session_token
from runtz_app.threads import run_core
from runtz_core.settings import get_settings
from runtz_core.users import service as users
from runtz_core.users.service import Person

Found = TypeVar("Found")

# What the gate (or the pump) has just read for the event this task handles: (Cookie header, person).
_checked: ContextVar[tuple[str, Person | None] | None] = ContextVar("checked", default=None)


async def check_person(cookie_header: str) -> Person | None:
    """The signed-in person of a Cookie header by the session row as it is now, or None.

    The answer holds for the rest of this event; the next one asks again, so a sign-out counts from then on.
    """
    settings = get_settings()
    token = session_token(cookie_header, settings)
    person = await run_core(users.who, token, settings.timing) if token else None
    _checked.set((cookie_header, person))
    return person


async def check_and_read(
    cookie_header: str, read: Callable[[Session, UUID], Found]
) -> tuple[Person, Found] | None:
    """`check_person`, and what `read` finds for that person, in one transaction: pushes are many."""
    settings = get_settings()
    token = session_token(cookie_header, settings)

    def look(session: Session) -> tuple[Person, Found] | None:
        person = users.who(session, token, settings.timing) if token else None
        return None if person is None else (person, read(session, person.user_id))

    found = await run_core(look)
    _checked.set((cookie_header, found[0] if found else None))
    return found


async def person_of(cookie_header: str) -> Person | None:
    """The same, without a second query when this event was checked already."""
    checked = _checked.get()
    if checked is not None and checked[0] == cookie_header:
        return checked[1]
    return await check_person(cookie_header)
