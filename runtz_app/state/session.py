"""Who sits at a tab, and the figures the frame of every page shows: balance, held credits, running jobs."""

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.state import StateUpdate
from reflex_base.event.context import EventContext
from sqlmodel import Session

from runtz_app import live
from runtz_app.identity import person_of
from runtz_app.threads import run_core
from runtz_core.credits import service as credits
from runtz_core.credits.service import Balance
from runtz_core.jobs import queries
from runtz_core.jobs.standing import RefusedKey, refused_keys
from runtz_core.settings import get_settings
from runtz_core.users import service as users
from runtz_core.users.service import Person

__all__ = ["PersonMixin", "SessionState", "run_core"]

log = logging.getLogger(__name__)

TROUBLE = "The server could not finish that. Reload the page to see where things stand."


class PersonMixin(rx.State, mixin=True):
    """Gives a page state the person behind its tab, and live updates."""

    async def _person(self) -> Person | None:
        """The signed-in person, by the session row as it is now; the gate has refused anybody else already."""
        return await person_of(self.router.headers.cookie)

    def _watch(self, person: Person, job_id: str | None = live.ALL_JOBS) -> None:
        """Have `_poke(job_id)` of this state called when that job (None: any of theirs) changes."""
        live.watch(self.router.session.client_token, person.user_id, self.__class__, job_id)

    def _watch_lanes(self, *, counts: bool = False) -> None:
        """Have `_poke_lanes()` of this state called when a provider does otherwise (`counts`: or a queue moves)."""
        live.watch_lanes(self.router.session.client_token, self.__class__, counts=counts)


class SessionState(PersonMixin, rx.State):
    """The person of this tab as the frame shows them. Rebuilt from the database at every page load."""

    name: str = ""
    initials: str = ""
    is_owner: bool = False
    available: int = 0
    held: int = 0
    running: int = 0
    refused_keys: list[RefusedKey] = []  # the owner's: see components/banners.py
    trouble: str = ""  # set in the browser only, see `tell_trouble`

    _bound_to: str = ""  # whose data this state tree holds; see the gate

    @rx.event
    async def load(self) -> Any:
        """First load event of every framed page."""
        person = await self._person()
        if person is None:
            return rx.redirect("/welcome")
        self.name = person.name
        self.initials = initials(person.name)
        self.is_owner = person.is_owner
        live.watch(self.router.session.client_token, person.user_id)
        if person.is_owner:
            live.is_owners(self.router.session.client_token)
        self._show(await run_core(_arrive, person.user_id))
        await self._read_banners()
        return None

    async def _read_banners(self) -> None:
        self.refused_keys = await run_core(refused_keys, get_settings()) if self.is_owner else []

    @rx.event
    async def dismiss_trouble(self) -> None:
        """Close the message about a failure."""
        self.trouble = ""

    async def _refresh(self, user_id: UUID | str) -> None:
        self._show(await run_core(figures, UUID(str(user_id))))

    def _show(self, found: tuple[Balance, int]) -> None:
        balance, self.running = found
        self.available, self.held = balance.available, balance.held


def figures(session: Session, user_id: UUID) -> tuple[Balance, int]:
    """What the frame shows of a person: the balance, and how many jobs are under way."""
    return credits.balance(session, user_id), queries.running_count(session, user_id)


def _arrive(session: Session, user_id: UUID) -> tuple[Balance, int]:
    """Give a person what today brings them, and read their figures, in one transaction: every page begins so."""
    users.arrive(session, user_id, day=datetime.now(get_settings().zone).date())
    return figures(session, user_id)


def initials(name: str) -> str:
    """One or two letters for the avatar."""
    words = name.split()
    letters = [word[0] for word in (words[:1] + words[1:][-1:])]
    return "".join(letters).upper() or "?"


def tell_trouble(app: rx.App, exception: Exception) -> Any:
    """Log a failed event and say so in its tab.

    The message goes straight to the browser: writing it into the state could fail for the same reason.
    """
    log.error("event failed", exc_info=exception)
    token = EventContext.get().token
    delta = {SessionState.get_full_name(): {"trouble_rx_state_": TROUBLE}}
    return live.sockets(app).emit_update(StateUpdate(delta=delta), token)
