"""Who may do what, in one table: events, pages and routes are open, for people who are signed in, or the owner's.

What is not listed is refused: an event of an unlisted module is the owner's alone, a route needs a person.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

ROOT = "reflex___state____state"


class Access(IntEnum):
    """What one has to be; each includes those before. A token is something else: a program's, and no session."""

    PUBLIC = 0
    SIGNED_IN = 1
    OWNER = 2
    TOKEN = 3


# Reflex's own: they send the page its own state and start the page's load events, which are checked again.
FRAMEWORK_EVENTS = frozenset(
    {
        f"{ROOT}.hydrate",
        f"{ROOT}.hydrate_and_load",
        f"{ROOT}.set_is_hydrated",
        f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal",
        f"{ROOT}.reflex___state____on_load_internal_state.set_is_hydrated",
        f"{ROOT}.reflex___state____update_vars_internal_state.update_vars_internal",
        f"{ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception",
    }
)

# Of ours, what a visitor without a session may do: have the pages outside the door drawn.
PUBLIC_EVENTS = frozenset(
    {
        f"{ROOT}.runtz_app___pages___welcome____welcome_state.load",
        f"{ROOT}.runtz_app___pages___register____register_state.load",
    }
)

# By module; the longest name that fits counts.
EVENTS = {
    "runtz_app.state": Access.SIGNED_IN,
    "runtz_app.state.banners": Access.OWNER,
    "runtz_app.pages.welcome": Access.SIGNED_IN,
    "runtz_app.pages.register": Access.SIGNED_IN,
    "runtz_app.pages.history": Access.SIGNED_IN,
    "runtz_app.pages.batch": Access.SIGNED_IN,
    "runtz_app.pages.profile": Access.SIGNED_IN,
    "runtz_app.pages.usage": Access.SIGNED_IN,
    "runtz_app.pages.vault": Access.SIGNED_IN,
    "runtz_app.pages.settings": Access.OWNER,
    "runtz_app.pages.settings.own_keys": Access.SIGNED_IN,
    "runtz_app.pages.settings.writers": Access.SIGNED_IN,
    "runtz_app.pages.admin": Access.OWNER,
}

# Pages that a visitor can read; every other one sends them here first.
SIGN_IN_PAGE = "/welcome"
PUBLIC_PAGES = frozenset({SIGN_IN_PAGE, "/register", "/reset", "/404"})

# Routes of the mounted API that need nobody; posts among them are refused to other sites all the same.
PUBLIC_ROUTES = frozenset(
    {
        "/api/auth/first-run",
        "/api/auth/sign-in",
        "/api/auth/sign-out",
        "/api/auth/register",
        "/api/auth/reset",
        "/api/auth/google",
        "/api/auth/google/back",
    }
)
OWNER_ROUTES = "/api/admin/"

# What a share link shows; the token in the address is the key.
GUEST_ROUTES = "/s/"

# The API for programs: a token opens it, a cookie does not (see api/v1/door.py). Its description is for everybody.
PROGRAM_ROUTES = "/api/v1/"
API_DOCUMENT = "/api/v1/openapi.json"

# What may start paid work, and therefore comes at a slower pace.
SUBMITTING = frozenset(
    {
        f"{ROOT}.runtz_app___pages___welcome____welcome_state.start",
        f"{ROOT}.runtz_app___state___composer____composer_state.run",
        f"{ROOT}.runtz_app___state___composer____composer_state.confirm",
        f"{ROOT}.runtz_app___state___composer____composer_state.run_again",
        f"{ROOT}.runtz_app___state___composer____composer_state.upscale",
        f"{ROOT}.runtz_app___state___comparison____comparison_state.confirm",
        f"{ROOT}.runtz_app___state___craft____craft_state.write",
        f"{ROOT}.runtz_app___state___craft____craft_state.mark",
        f"{ROOT}.runtz_app___state___judging____judging_state.judge",
        f"{ROOT}.runtz_app___state___judging____judging_state.confirm",
    }
)
CARD_ACT = f"{ROOT}.runtz_app___state___comparison____comparison_state.act"


def may_start_work(name: str, payload: Mapping[str, Any]) -> bool:
    """Whether an event may cost something. Of what is done to a card, only running it again does."""
    return name in SUBMITTING or (name == CARD_ACT and payload.get("action") == "again")


def of_event(name: str) -> Access:
    """What one has to be to send this event."""
    if name in PUBLIC_EVENTS or name in FRAMEWORK_EVENTS:
        return Access.PUBLIC
    module = module_of(name)
    found = [listed for listed in EVENTS if module == listed or module.startswith(f"{listed}.")]
    # Reflex's other events (setting a variable, for one) have no module of ours and are nobody's business.
    return EVENTS[max(found, key=len)] if found else Access.OWNER


def of_route(path: str) -> Access:
    """What one has to be to call this path below /api/."""
    if path in PUBLIC_ROUTES or path == API_DOCUMENT or path.startswith(GUEST_ROUTES):
        return Access.PUBLIC
    if path.startswith(PROGRAM_ROUTES):
        return Access.TOKEN
    return Access.OWNER if path.startswith(OWNER_ROUTES) else Access.SIGNED_IN


def module_of(event: str) -> str:
    """The module a state's event is written in, e.g. `runtz_app.state.session`; "" for the root's own."""
    parts = event.split(".")
    return parts[1].partition("____")[0].replace("___", ".") if len(parts) > 2 else ""
