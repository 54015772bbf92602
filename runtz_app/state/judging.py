"""The judging of the shown job: standings, verdicts, what is measured, and what judging the rest would cost."""

from typing import Any
from uuid import UUID

import reflex as rx
from sqlmodel import Session

from runtz_app import live
from runtz_app.state.asking import AskingMixin
from runtz_app.state.comparison import REFUSALS, ComparisonState, parse_id, refusal
from runtz_app.state.craft import Option
from runtz_app.state.session import PersonMixin, SessionState
from runtz_app.threads import run_core
from runtz_core.images.intake import get_store
from runtz_core.jobs.booking import ConfirmationNeeded
from runtz_core.settings import get_settings
from runtz_core.writing import pairs, standings, writers
from runtz_core.writing.standings import JudgingView

NOTHING = JudgingView()


def _view(session: Session, user_id: UUID, job_id: UUID, wanted: str) -> tuple[JudgingView, list[Option]]:
    settings = get_settings()
    found = writers.writers(session, settings, user_id)
    options = [Option(value="", label="Automatic")]
    options += [
        Option(value=one.model, label=one.label + (" (simulated)" if one.simulated else "")) for one in found
    ]
    return standings.view(session, settings, user_id, job_id, get_store(), wanted=wanted), options


def _start(session: Session, user_id: UUID, job_id: UUID, wanted: str, confirmed: bool) -> int:
    return pairs.start(session, get_settings(), user_id, job_id, wanted=wanted, confirmed=confirmed)


class JudgingState(AskingMixin, PersonMixin, rx.State):
    """Read when a person asks for it: measuring pictures takes a moment."""

    view: JudgingView = NOTHING
    options: list[Option] = []
    wanted: str = ""
    problem: str = ""
    busy: bool = False

    @rx.event
    async def look(self) -> None:
        """Measure the pictures of the shown job and read their verdicts."""
        await self._read()

    @rx.event
    async def close(self) -> None:
        """Put the judging away."""
        self.view, self.problem = NOTHING, ""

    @rx.event
    async def choose_judge(self, wanted: str) -> None:
        """Who judges next."""
        self.wanted = wanted if wanted in [one.value for one in self.options] else ""
        await self._read()

    @rx.event
    async def judge(self) -> None:
        """Buy the verdicts that are missing."""
        await self._judge(confirmed=False)

    @rx.event
    async def confirm(self) -> None:
        """Yes: judge, although it is dear."""
        self.asking = False
        await self._judge(confirmed=True)

    @rx.event
    async def decline(self) -> None:
        """No: nothing is judged."""
        self.asking = False

    @rx.event
    async def forget_problem(self) -> None:
        """Dismiss the message."""
        self.problem = ""

    async def _judge(self, *, confirmed: bool) -> None:
        person, job_id = await self._person(), parse_id(self.view.job_id)
        if person is None or job_id is None:
            return
        self.problem = ""
        try:
            await run_core(_start, person.user_id, job_id, self.wanted, confirmed)
        except ConfirmationNeeded as dear:
            self._ask(dear)
            return
        except REFUSALS as error:
            self.problem = refusal(error)
        await self._read()
        await (await self.get_state(SessionState))._refresh(person.user_id)

    async def _read(self) -> None:
        person = await self._person()
        shown = parse_id((await self.get_state(ComparisonState)).job.job_id)
        if person is None or shown is None:
            return
        try:
            self.view, self.options = await run_core(_view, person.user_id, shown, self.wanted)
        except REFUSALS as error:
            self.problem, self.wanted = refusal(error), ""

    async def _poke_calls(self) -> None:
        """A verdict may have come, for the job this tab shows."""
        shown: Any = (await self.get_state(ComparisonState)).job.job_id
        if self.view.job_id and self.view.job_id == shown:
            await self._read()


live.tell_of_calls(JudgingState)
