"""The composer: which models run, at what ratio and how often, what that costs, and the run itself."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import reflex as rx

from runtz_app.state.asking import AskingMixin
from runtz_app.state.choices import Choices, Entry, Lacks, Shelf, entries, lacking, parse, shelves, summed
from runtz_app.state.comparison import REFUSALS, ComparisonState, parse_id, refusal
from runtz_app.state.craft import CraftState
from runtz_app.state.remix import GONE, RemixState
from runtz_app.state.sending import submission_of
from runtz_app.state.session import PersonMixin, SessionState
from runtz_app.threads import run_core
from runtz_core.failures import NextStep
from runtz_core.jobs import chips, queries, service
from runtz_core.jobs.booking import ConfirmationNeeded
from runtz_core.jobs.inputs import Remix
from runtz_core.jobs.requests import ModelChoice, Submission
from runtz_core.jobs.views import Chip, JobRow
from runtz_core.prompts import runs
from runtz_core.providers.base import RATIOS, aspect
from runtz_core.settings import get_settings
from runtz_core.users.service import Person

EARLIER = 5  # jobs listed below the current one


class ComposerState(AskingMixin, PersonMixin, rx.State):
    """Choices live in this browser; what they cost is asked anew whenever ratio or tiers change."""

    stored: str = rx.LocalStorage("", name="runtz.choices")
    ratio: str = "1:1"
    shape: float = 1.0
    samples: int = 1
    row: list[Entry] = []
    shelf: list[Shelf] = []
    lacks: Lacks = Lacks()
    models: int = 0
    count: int = 0
    credits: int = 0
    usd_micros: int = 0
    blocked: str = "One moment"  # until prices are known
    simulated_note: str = ""
    prompt_limit: int = 32_000
    most_samples: int = 16
    fill: str = ""
    asked: int = 0
    answers: int = 0
    problem: str = ""
    earlier: list[JobRow] = []
    _choices: Choices = Choices()
    _chips: list[Chip] = []
    _waiting: dict[str, str] = {}  # what was sent with the run that waits

    @rx.event
    async def load(self) -> None:
        """The Studio opens: choices from this browser, prices from the core, the newest job below."""
        if (person := await self._person()) is None:
            return
        await self._remember()
        await self._show(person, await run_core(queries.latest_job_id, person.user_id))

    async def _remember(self) -> None:
        """The choices of this browser at today's prices."""
        limits = get_settings().limits
        self.prompt_limit, self.most_samples = limits.prompt_chars, limits.samples
        self.problem = ""
        self._choices = parse(self.stored, limits.samples)
        asked = self.router.url.query_parameters
        if (wanted := asked.get("remix", "")) != "":
            await self._remix(wanted, asked.get("how", ""))
        self._watch_lanes()
        await self._price()

    async def _poke_lanes(self) -> None:
        """A provider does otherwise: what its chips say is read again."""
        if self._chips:
            await self._price()

    @rx.event
    async def remix(self, image_id: str) -> rx.event.EventSpec | None:
        """Open the strip for this picture, in the Studio."""
        if self.router.url.path != "/":
            return rx.redirect(f"/?remix={image_id}")
        await self._remix(image_id)
        await self._price()
        return None

    async def _remix(self, image_id: str, how: str = "") -> None:
        """Fill the composer with the picture's words, at its shape."""
        if (person := await self._person()) is None:
            return
        found = await (await self.get_state(RemixState))._begin(person.user_id, image_id, how)
        if found is None:
            self.problem = GONE
            return
        self._choices = self._choices.with_ratio(found.ratio)
        self.ratio = found.ratio
        self._fill(found.prompt, found.negative, "")

    def _fill(self, prompt: str, negative: str, seed: str) -> None:
        self.fill = json.dumps(
            {"prompt": prompt, "negative": negative, "negativeOn": bool(negative), "seed": seed}
        )
        self.asked += 1

    @rx.event
    async def add_pictures(self) -> None:
        """Open the strip without a picture: people bring their own."""
        (await self.get_state(RemixState))._empty()
        self.asked += 1

    async def _others(self, provider: str) -> None:
        """Switch on the usual models of all other providers, and off what this one has."""
        choices = self._choices
        for chip in self._chips:
            if chip.in_default_run or chip.provider == provider:
                choices = choices.switched(chip.model, chip.provider != provider)
        self._arrange(choices)

    async def _show(self, person: Person, job_id: UUID | None) -> None:
        """Put a job under the composer, and the ones before it under that."""
        await (await self.get_state(ComparisonState))._open(job_id)
        await (await self.get_state(SessionState))._refresh(person.user_id)
        rows = await run_core(queries.history, person.user_id, limit=EARLIER + 1)
        self.earlier = [row for row in rows if row.job_id != str(job_id)][:EARLIER]

    async def _price(self) -> None:
        """Ask what every model costs and makes at this ratio and these tiers."""
        if (person := await self._person()) is None:
            return
        settings = get_settings()
        self._chips = await run_core(
            chips.chips,
            settings,
            person.user_id,
            ratio=self._choices.ratio,
            tiers=self._choices.tiers,
            today=datetime.now(settings.zone).date(),
            put_in=(await self.get_state(RemixState))._put_in(),
        )
        self._arrange(self._choices)

    def _arrange(self, choices: Choices) -> None:
        """Everything shown, from the choices and the models as they are; and remember the choices."""
        self._choices = choices.settled(self._chips)
        self.stored = self._choices.as_json()
        self.ratio, self.samples = self._choices.ratio, self._choices.samples
        self.shape = aspect(self.ratio)
        self.row = entries(self._choices, self._chips)
        self.shelf = shelves(self._choices, self._chips)
        self.lacks = lacking(self.row, self._chips)
        total = summed(self.row, self.samples, get_settings().limits.generations_per_job)
        self.models, self.count = total.models, total.pictures
        self.credits, self.usd_micros = total.credits, total.usd_micros
        self.blocked, self.simulated_note = total.blocked, total.simulated_note

    @rx.event
    async def toggle(self, model: str) -> rx.event.EventSpec:
        """Switch a model of the row on or off."""
        self._arrange(self._choices.toggled(model))
        return CraftState.load

    @rx.event
    async def add(self, model: str) -> rx.event.EventSpec:
        """Put a model at the end of the row, switched on."""
        self._arrange(self._choices.with_model(model))
        return CraftState.load

    @rx.event
    async def remove(self, model: str) -> None:
        """Take a model out of the row."""
        self._arrange(self._choices.without(model))

    @rx.event
    async def move(self, model: str, by: int) -> None:
        """Move a model `by` places in the row; cards follow the same order."""
        self._arrange(self._choices.moved(model, 1 if by > 0 else -1))

    @rx.event
    async def choose_tier(self, model: str, tier: str) -> None:
        """Choose a model's quality or resolution step."""
        self._choices = self._choices.with_tier(model, tier)
        await self._price()

    @rx.event
    async def choose_ratio(self, ratio: str) -> None:
        """Choose the shape of the pictures."""
        if ratio in RATIOS:
            self._choices = self._choices.with_ratio(ratio)
            await self._price()

    @rx.event
    async def step_samples(self, by: int) -> None:
        """One more or one fewer picture of each model."""
        wanted = self.samples + (1 if by > 0 else -1)
        self._arrange(self._choices.with_samples(min(self.most_samples, max(1, wanted))))

    @rx.event
    async def run(self, sent: dict[str, str]) -> None:
        """Submit the draft the browser sends. The same submission key is the same job."""
        await self._run(sent)

    @rx.event
    async def confirm(self) -> rx.event.EventSpec | None:
        """Yes: submit what waits, although it is dear."""
        sent, self._waiting, self.asking = self._waiting, {}, False
        if not sent:
            return None
        if "job_id" in sent:
            return await self._again(sent["job_id"], sent["submission_key"], confirmed=True)
        await self._run(sent, confirmed=True)
        return None

    @rx.event
    async def decline(self) -> None:
        """No: nothing is submitted."""
        self._waiting, self.asking = {}, False

    async def _run(self, sent: dict[str, str], *, confirmed: bool = False) -> None:
        self._waiting = sent
        remix = await self.get_state(RemixState)
        writing = (await self.get_state(CraftState))._writing(str(sent.get("prompt", "")))
        asked = partial(submission_of, self.row, self.ratio, self.samples)
        job_id = await self._start(
            partial(runs.submit, prompt_id=str(sent.get("prompt_id", ""))),
            lambda: (replace(asked(sent, confirmed), writing=writing, **remix._asked()),),
        )
        if job_id is not None:
            remix._close()
            await self._price()

    @rx.event
    async def upscale(self, model: str, tier: str, submission_key: str) -> None:
        """Enlarge the picture in the strip."""
        remix = await self.get_state(RemixState)
        if (base := parse_id(remix.base.image_id)) is None:
            return
        wanted = Submission(
            submission_key=submission_key,
            prompt=remix.parent_prompt or "A picture of one's own",
            models=(ModelChoice(model=model, tier=tier),),
            ratio=remix.parent_ratio,
            base=base,
            remix=Remix.UPSCALE,
        )
        if await self._start(service.submit, lambda: (wanted,)) is not None:
            remix._close()
            await self._price()

    @rx.event
    async def run_again(self, job_id: str, submission_key: str) -> rx.event.EventSpec | None:
        """A new job that asks for the same; the page follows it."""
        return await self._again(job_id, submission_key)

    async def _again(
        self, job_id: str, submission_key: str, *, confirmed: bool = False
    ) -> rx.event.EventSpec | None:
        self._waiting = {"job_id": job_id, "submission_key": submission_key}
        known = parse_id(job_id)
        again = partial(service.run_again, confirmed=confirmed)
        fresh = await self._start(again, lambda: (known, submission_key)) if known else None
        return rx.redirect(f"/jobs/{fresh}") if fresh and self.router.url.path != "/" else None

    async def _start(
        self, start: Callable[..., UUID], arguments: Callable[[], tuple[Any, ...]]
    ) -> UUID | None:
        """Run `start(session, user_id, *arguments())` and show its job; else say why it was refused."""
        person = await self._person()
        self.problem = ""
        try:
            job_id = await run_core(start, person.user_id, *arguments()) if person else None
        except ConfirmationNeeded as dear:
            self._ask(dear)
            job_id = None
        except REFUSALS as error:
            self.problem, job_id = refusal(error), None
        self.answers += 1
        if job_id is not None:
            await self._show(person, job_id)
        return job_id

    @rx.event
    async def take(self, model: str, step: str) -> rx.event.EventSpec | None:
        """Bring the shown job's words back into the composer, without `model` if that one is to be changed."""
        job = (await self.get_state(ComparisonState)).job
        self._fill(job.prompt, job.negative, job.seed)
        if step == NextStep.CHANGE_MODEL and any(
            entry.on and entry.chip.model == model for entry in self.row
        ):
            self._arrange(self._choices.toggled(model))
        return rx.redirect("/") if self.router.url.path != "/" else None

    @rx.event
    async def filled(self) -> None:
        """The browser has taken the words."""
        self.fill = ""

    @rx.event
    async def forget_problem(self) -> None:
        """Dismiss the message."""
        self.problem = ""
