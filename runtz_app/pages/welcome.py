"""The first page: the ways in for a visitor, the first picture for who is new here."""

from typing import Any
from uuid import UUID, uuid4

import reflex as rx
from sqlmodel import Session

from runtz_app import notes
from runtz_app.pages import welcome_views as views
from runtz_app.pages.sign_in import NEWS, PROBLEMS, Door, door, visitor
from runtz_app.security import own_path
from runtz_app.state.session import PersonMixin, run_core
from runtz_app.threads import run_blocking
from runtz_app.ui.page import page
from runtz_core.credits.service import InsufficientCredits
from runtz_core.db import utc_now
from runtz_core.jobs import chips as chips_of
from runtz_core.jobs import service as jobs
from runtz_core.jobs.requests import ModelChoice, Submission, SubmissionRefused
from runtz_core.jobs.views import Chip
from runtz_core.settings import get_settings
from runtz_core.users.service import Person

RATIO = "3:4"  # the examples' own


class WelcomeState(PersonMixin, rx.State):
    """A visitor sees how to sign in; who is signed in sees three prompts and the providers."""

    signed_in: bool = False
    is_owner: bool = False
    name: str = ""
    problem: str = ""
    news: str = ""
    door: Door = Door()
    next_path: str = "/"
    examples: list[views.Example] = list(views.EXAMPLES)
    chosen: int = 0
    chips: list[Chip] = []
    keys: int = 0
    credits: int = 0
    usd_micros: int = 0
    starting: bool = False

    _submission_key: str = ""

    @rx.event
    async def load(self) -> None:
        """Open to everybody; reads nothing for a visitor."""
        person = await self._person()
        self.signed_in, self.starting, self.problem, self.news = person is not None, False, "", ""
        if person is None:
            await self._show_door()
        else:
            self._submission_key = str(uuid4())
            await self._show(person)

    @rx.event
    async def choose(self, index: int) -> None:
        """Pick one of the example prompts."""
        self.chosen = min(max(index, 0), len(self.examples) - 1)

    @rx.event
    async def start(self) -> Any:
        """Run the chosen prompt with one model of each provider. A second click is the same job."""
        person = await self._person()
        if person is None or not self._submission_key:
            return rx.redirect("/welcome")
        try:
            job_id = await run_core(jobs.submit, person.user_id, self._submission())
        except SubmissionRefused as refused:
            self.problem = refused.problem
        except InsufficientCredits as short:
            self.problem = f"This run needs {short.needed} credits; {short.available} are left."
        else:
            self.starting = True
            return rx.redirect(f"/jobs/{job_id}")
        return None

    async def _show_door(self) -> None:
        asked, settings = self.router.url.query_parameters, get_settings()
        told = asked.get("told", "")
        note = await run_blocking(notes.unseal, settings, told) if told else None
        self.problem = PROBLEMS.get(asked.get("problem", ""), (note or {}).get("words", ""))
        self.news = NEWS.get(asked.get("problem", ""), "")
        self.next_path = own_path(asked.get("next", "/"))
        self.door = await run_core(door, settings)

    async def _show(self, person: Person) -> None:
        self.name, self.is_owner = person.name, person.is_owner
        self.chips = await run_core(_default_run, person.user_id)
        self.keys = sum(not chip.simulated for chip in self.chips if chip.available)
        self.credits = sum(chip.price_credits for chip in self.chips if chip.available)
        self.usd_micros = sum(chip.price_usd_micros for chip in self.chips if chip.available)

    def _submission(self) -> Submission:
        models = tuple(ModelChoice(model=chip.model, tier=chip.tier) for chip in self.chips if chip.available)
        prompt = self.examples[self.chosen].prompt
        return Submission(
            submission_key=f"{self._submission_key}-{self.chosen}", prompt=prompt, models=models, ratio=RATIO
        )


def _default_run(session: Session, user_id: UUID) -> list[Chip]:
    settings = get_settings()
    today = utc_now().astimezone(settings.zone).date()
    found = chips_of.chips(session, settings, user_id, ratio=RATIO, tiers={}, today=today)
    return [chip for chip in found if chip.in_default_run]


@page("/welcome", "Welcome", on_load=WelcomeState.load, frame=False)
def welcome() -> rx.Component:
    return rx.cond(WelcomeState.signed_in, views.first_picture(WelcomeState), visitor(WelcomeState))
