"""The one door for events: whatever is not listed here as open to everybody needs a signed-in person.

Every public method of every state is callable from any browser, so a list of what is open is the only safe
list. A state tree also belongs to the person who filled it: someone else who presents its token finds it empty.
"""

from typing import Any

import reflex as rx
from reflex.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event

from runtz_app.identity import check_person
from runtz_app.state.session import SessionState
from runtz_core.users.service import Person

_ROOT = "reflex___state____state"

# Reflex's own: they send the page its own state and start the page's load events, which are checked again.
FRAMEWORK_EVENTS = frozenset(
    {
        f"{_ROOT}.hydrate",
        f"{_ROOT}.hydrate_and_load",
        f"{_ROOT}.set_is_hydrated",
        f"{_ROOT}.reflex___state____on_load_internal_state.on_load_internal",
        f"{_ROOT}.reflex___state____on_load_internal_state.set_is_hydrated",
        f"{_ROOT}.reflex___state____update_vars_internal_state.update_vars_internal",
        f"{_ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception",
    }
)
SNAPSHOTS = frozenset({f"{_ROOT}.hydrate", f"{_ROOT}.hydrate_and_load"})

# Ours: what a visitor without a session may do.
PUBLIC_EVENTS = frozenset({f"{_ROOT}.runtz_app___pages___welcome____welcome_state.load"})

# States whose every event is the owner's alone.
OWNER_STATES = (f"{_ROOT}.runtz_app___pages___settings",)

SIGN_IN_PAGE = "/welcome"


class Gate(Middleware):
    """Runs before every event, background ones included."""

    async def preprocess(self, app: Any, state: BaseState, event: Event) -> StateUpdate | None:
        """Let the event pass (None), or answer in its place."""
        root = state._get_root_state()
        headers = root.router_data.get("headers", {})
        person = await check_person(headers.get("cookie", ""))
        if event.name in SNAPSHOTS:
            await _clear_if_foreign(root, person)
        if event.name in FRAMEWORK_EVENTS or event.name in PUBLIC_EVENTS:
            return None
        if person is None or not await _bound_to(root, person):
            return _redirect(SIGN_IN_PAGE)
        if event.name.startswith(OWNER_STATES) and not person.is_owner:
            return _redirect("/")
        return None


async def _clear_if_foreign(root: BaseState, person: Person | None) -> None:
    """Empty a state tree that another person filled, before it is sent to this one."""
    session = await root.get_state(SessionState)
    if session._bound_to and session._bound_to != _mark(person):
        root.reset()
    session._bound_to = _mark(person)


async def _bound_to(root: BaseState, person: Person) -> bool:
    session = await root.get_state(SessionState)
    if not session._bound_to:
        session._bound_to = _mark(person)
    return session._bound_to == _mark(person)


def _mark(person: Person | None) -> str:
    return str(person.user_id) if person else ""


def _redirect(path: str) -> StateUpdate:
    return StateUpdate(events=Event.from_event_type(rx.redirect(path)))
