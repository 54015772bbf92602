"""One's own account: name and e-mail, password, Google, open sessions, taking one's data along, leaving."""

import re
from dataclasses import dataclass
from typing import Any

import reflex as rx

from runtz_app.pages import profile_views as views
from runtz_app.state.session import PersonMixin, SessionState, run_core
from runtz_app.ui.page import page
from runtz_core.db import utc_now
from runtz_core.settings import get_settings
from runtz_core.users import people, tokens
from runtz_core.users import service as users
from runtz_core.users.tokens import TokenRow, TokenScope

# In this order: most browsers also claim to be those after them.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A browser one is signed in with. Times are epoch seconds."""

    session_id: str
    device: str
    here: bool
    seen_at: float


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token for programs. Times are epoch seconds; 0: not used yet."""

    token_id: str
    name: str
    last_four: str
    may: str  # what it is good for, in words
    used_at: float


class ProfileState(PersonMixin, rx.State):
    """What the account is now. The forms themselves go to the API and are only told of here."""

    loaded: bool = False
    name: str = ""
    email: str = ""
    has_password: bool = False
    google: bool = False
    google_possible: bool = False
    is_owner: bool = False
    seats: list[Seat] = []
    tokens: list[Token] = []
    now: float = 0.0

    @rx.event
    async def load(self) -> Any:
        """Read the account as it is now."""
        person = await self._person()
        if person is None:
            return rx.redirect("/welcome")
        settings = get_settings()
        row = await run_core(people.profile, person.user_id)
        self.name, self.email, self.has_password = row.name, row.email, row.has_password
        self.google, self.is_owner = row.google, person.is_owner
        self.google_possible = bool(settings.google_client_id and settings.google_client_secret)
        found = await run_core(users.sessions, person.user_id, settings.timing)
        self.seats = [
            Seat(
                session_id=str(one.session_id),
                device=device(one.user_agent),
                here=one.session_id == person.session_id,
                seen_at=one.seen_at.timestamp(),
            )
            for one in found
        ]
        self.tokens = [_token(one) for one in await run_core(tokens.tokens, person.user_id)]
        self.now, self.loaded = utc_now().timestamp(), True
        return None

    @rx.event
    async def saved(self) -> Any:
        """A form was taken: show what is there now, also in the frame."""
        return [ProfileState.load, SessionState.load]


def _token(row: TokenRow) -> Token:
    return Token(
        token_id=str(row.token_id),
        name=row.name,
        last_four=row.last_four,
        may="reads and runs" if TokenScope.RUN in row.scopes else "reads",
        used_at=row.used_at.timestamp() if row.used_at else 0.0,
    )


def device(user_agent: str) -> str:
    """ "Firefox on Linux" out of what a browser says of itself."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if re.search(rf"\b{mark}", user_agent)), "")
    return " on ".join(part for part in (browser, system) if part) or "Unknown browser"


@page("/profile", "Profile", on_load=ProfileState.load, narrow=True)
def profile() -> rx.Component:
    return rx.el.div(
        rx.el.h1("Profile", class_name="title-page"),
        rx.cond(ProfileState.loaded, views.panels(ProfileState), views.bones()),
        class_name="settings",
    )
