"""Usage: what a person has, what a month cost in credits and money, and what waits for their word."""

import time
from datetime import date, datetime

import reflex as rx

from runtz_app.pages.usage_views import usage_view
from runtz_app.state.session import PersonMixin, SessionState
from runtz_app.threads import run_core
from runtz_app.ui.page import page
from runtz_core.ids import parse_id
from runtz_core.jobs import resolution
from runtz_core.jobs.resolution import Resolution
from runtz_core.jobs.service import NotFound
from runtz_core.jobs.usage import Overview, overview
from runtz_core.settings import get_settings

NOTHING = Overview(
    month="", month_label="", earlier="", later="", available=0, held=0, pending="", credits=0, made="", keeper="–",
    kept="",
)  # fmt: skip


class UsageState(PersonMixin, rx.State):
    """One month. The address says which: /usage?month=2026-11. Lines are fetched by the browser."""

    shown: Overview = NOTHING
    now: float = 0.0
    tick: int = 0
    loading: bool = True
    problem: str = ""

    @rx.event
    async def load(self) -> None:
        """Read the month that the address names."""
        if (person := await self._person()) is None:
            return
        self.problem = ""
        self._watch(person)
        await self._read()
        self.loading = False

    @rx.event
    async def settle(self, call_id: str, said: str) -> None:
        """Write down whether the vendor billed a call, as the person found out."""
        person, known = await self._person(), parse_id(call_id)
        if person is None or known is None or said not in tuple(Resolution):
            return
        try:
            await run_core(resolution.resolve, person.user_id, known, Resolution(said))
        except NotFound:
            self.problem = "That call is no longer here, or it has ended otherwise. Nothing was changed."
        await self._read()

    @rx.event
    async def forget_problem(self) -> None:
        """Dismiss the message."""
        self.problem = ""

    async def _poke(self, job_id: str | None) -> None:
        await self._read()

    async def _read(self) -> None:
        if (person := await self._person()) is None:
            return
        settings = get_settings()
        today = datetime.now(settings.zone).date()
        month = parse_month(self.router.url.query_parameters.get("month", ""), today)
        self.shown = await run_core(overview, person.user_id, month, today=today, zone=settings.zone)
        self.now = time.time()
        self.tick += 1
        await (await self.get_state(SessionState))._refresh(person.user_id)


def parse_month(written: str, today: date) -> date:
    """The first day of the month an address names; of this month for anything else, and for the future."""
    try:
        month = date.fromisoformat(f"{written}-01")
    except ValueError:
        month = today.replace(day=1)
    return min(month, today.replace(day=1)) if month.year >= 2000 else today.replace(day=1)


@page("/usage", "Usage", on_load=UsageState.load)
def usage() -> rx.Component:
    """The page."""
    return usage_view(UsageState)
