"""The one door for events: who may send which is in `access`; everything else is turned away here.

Every public method of every state is callable from any browser, so a list of what is open is the only safe
list. A state tree also belongs to the person who filled it: someone else who presents its token finds it empty.
"""

import hashlib
from functools import cache
from typing import Any
from urllib.parse import urlencode

import reflex as rx
from reflex.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext

from runtz_app.access import (
    FRAMEWORK_EVENTS,
    PUBLIC_PAGES,
    ROOT,
    SIGN_IN_PAGE,
    Access,
    may_start_work,
    of_event,
)
from runtz_app.identity import check_person
from runtz_app.pace import Pace
from runtz_app.state.session import SessionState
from runtz_core.users.service import Person

SNAPSHOTS = frozenset({f"{ROOT}.hydrate", f"{ROOT}.hydrate_and_load"})

BURST_SECONDS = 5.0  # of events at once
LOAD_SECONDS = 10.0  # of events that fill pages: up to seven a page, and twenty tabs may come back at once
SUBMITS_PER_SECOND = 0.5
SUBMITS_AT_ONCE = 20

TOO_FAST = (
    "This came faster than the server takes it. Nothing was done or charged; wait a moment and try again."
)
TOO_MANY_PAGES = (
    "Pages came faster than the server takes them, so this one may not be complete. Nothing was done or charged; "
    "wait a moment and reload it."
)


class Gate(Middleware):
    """Runs before every event, background ones included."""

    def __init__(self, *, events_per_second: float) -> None:

        def pace(seconds: float) -> Pace:
            return Pace(per_second=events_per_second, burst=int(events_per_second * seconds))

        # By browser before anything is asked of the database, by person afterwards. What fills pages is counted
        # apart: a page whose events were refused for a flood of others would stay empty until it is reloaded.
        self._browsers, self._people = pace(BURST_SECONDS), pace(BURST_SECONDS)
        self._loading_browsers, self._loading_people = pace(LOAD_SECONDS), pace(LOAD_SECONDS)
        _page_loads()  # now, while the context in which the pages registered is the active one
        self._submits = Pace(per_second=SUBMITS_PER_SECOND, burst=SUBMITS_AT_ONCE)

    async def preprocess(self, app: Any, state: BaseState, event: Event) -> StateUpdate | None:
        """Let the event pass (None), or answer in its place."""
        root = state._get_root_state()
        loads = fills_a_page(event.name)
        if not (self._loading_browsers if loads else self._browsers).admits(_browser(root)):
            return _say(TOO_MANY_PAGES if loads else TOO_FAST)
        person = await check_person(_cookie(root))
        if event.name in SNAPSHOTS:
            await _clear_if_foreign(root, person)
        needed = of_event(event.name)
        if needed is Access.PUBLIC:
            return None
        if person is None or not await _bound_to(root, person):
            return _redirect(_sign_in(root))
        if needed is Access.OWNER and not person.is_owner:
            return _redirect("/")
        return None if self._keeps_pace(person, event) else _say(TOO_MANY_PAGES if loads else TOO_FAST)

    def _keeps_pace(self, person: Person, event: Event) -> bool:
        key = str(person.user_id)
        if fills_a_page(event.name):
            return self._loading_people.admits(key)
        if not self._people.admits(key):
            return False
        return not may_start_work(event.name, event.payload) or self._submits.admits(key)


def fills_a_page(name: str) -> bool:
    """Whether a page sends this event when it is opened."""
    return name in FRAMEWORK_EVENTS or name in _page_loads()


@cache
def _page_loads() -> frozenset[str]:
    """The `on_load` events of all pages, registered when the app is put together."""
    handlers = [
        handler
        for _, options in RegistrationContext.ensure_context().decorated_pages
        for handler in options.get("on_load") or []
    ]
    return frozenset(event.name for handler in handlers for event in Event.from_event_type(handler))


def _cookie(root: BaseState) -> str:
    return root.router_data.get("headers", {}).get("cookie", "")


def _browser(root: BaseState) -> str:
    """The cookies a browser sends, or for one without any its address; only a hash is kept."""
    known = _cookie(root) or root.router_data.get("ip", "")
    return hashlib.sha256(known.encode("utf-8", "replace")).hexdigest()


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


def _sign_in(root: BaseState) -> str:
    """The page to sign in at, which leads back to the page that was asked for."""
    wanted = root.router.url.path.rstrip("/") or "/"
    if wanted == SIGN_IN_PAGE:  # the session ended while its first picture was being chosen there
        return f"{SIGN_IN_PAGE}?problem=out"
    if wanted in PUBLIC_PAGES or wanted == "/":
        return SIGN_IN_PAGE
    return f"{SIGN_IN_PAGE}?{urlencode({'next': wanted})}"


def _redirect(path: str) -> StateUpdate:
    return StateUpdate(events=Event.from_event_type(rx.redirect(path)))


def _say(trouble: str) -> StateUpdate:
    """Words for the browser alone: the frame shows them on every page."""
    return StateUpdate(delta={SessionState.get_full_name(): {"trouble_rx_state_": trouble}})
