"""The writing panel of the composer: who writes, what it costs, the draft, and the marks of a prompt."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx
from sqlmodel import Session

from runtz_app import live
from runtz_app.state.comparison import REFUSALS, parse_id, refusal
from runtz_app.state.session import PersonMixin, SessionState
from runtz_app.threads import run_core
from runtz_core.jobs import service
from runtz_core.jobs.booking import ConfirmationNeeded
from runtz_core.jobs.requests import Writing
from runtz_core.settings import get_settings
from runtz_core.writing import enhance, grading, writers
from runtz_core.writing.enhance import Draft
from runtz_core.writing.grading import GradingView
from runtz_core.writing.writers import RULES

NO_DRAFT = Draft()
NO_GRADING = GradingView()
EDITED = ", edited by you"


@dataclass(frozen=True, kw_only=True)
class Option:
    """One writer in the list."""

    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What the panel shows before anything is asked."""

    on: bool
    options: list[Option]
    write_credits: int
    write_usd_micros: int
    mark_credits: int
    mark_usd_micros: int
    by_rules: bool


def desk(session: Session, user_id: UUID, models: list[str], wanted: str, idea: str) -> Desk:
    """Who may write for this person now, and what writing and marking cost."""
    settings = get_settings()
    found = writers.writers(session, settings, user_id)
    first = writers.choose_writer(session, settings, user_id)
    options = [Option(value="", label=f"Automatic: {first.label if first else 'built-in rules'}")]
    options += [
        Option(value=one.model, label=one.label + (" (simulated)" if one.simulated else "")) for one in found
    ]
    options.append(Option(value=RULES, label="Built-in rules, free"))
    writer, credits, usd_micros = enhance.offer(session, settings, user_id, models, wanted, idea=idea)
    marking = writers.price(session, settings, user_id, writer, grading.question(idea)) if writer else None
    return Desk(
        on=writers.choices(session, user_id).enhance,
        options=options,
        write_credits=credits,
        write_usd_micros=usd_micros,
        mark_credits=marking.credits if marking else 0,
        mark_usd_micros=marking.usd_micros if marking and writer and not writer.simulated else 0,
        by_rules=writer is None,
    )


class CraftState(PersonMixin, rx.State):
    """A draft belongs to the words it was written from; other words in the box run as they are."""

    on: bool = True
    wanted: str = ""
    options: list[Option] = []
    write_credits: int = 0
    write_usd_micros: int = 0
    mark_credits: int = 0
    mark_usd_micros: int = 0
    by_rules: bool = True
    draft: Draft = NO_DRAFT
    marks: GradingView = NO_GRADING
    marked: str = ""  # the words that were marked
    problem: str = ""
    answers: int = 0
    _edited: list[str] = []

    @rx.event
    async def load(self) -> None:
        """The Studio opens: the person's choices, and what a writer would cost."""
        self.problem = ""
        await self._price("")

    async def _price(self, idea: str) -> None:
        if (person := await self._person()) is None:
            return
        try:
            found = await run_core(desk, person.user_id, await self._models(), self.wanted, idea[:32_000])
        except REFUSALS as error:
            self.problem, self.wanted = refusal(error), ""
            return
        self.on, self.options, self.by_rules = found.on, found.options, found.by_rules
        self.write_credits, self.write_usd_micros = found.write_credits, found.write_usd_micros
        self.mark_credits, self.mark_usd_micros = found.mark_credits, found.mark_usd_micros

    async def _models(self) -> list[str]:
        from runtz_app.state.composer import ComposerState

        composer = await self.get_state(ComposerState)
        return [entry.chip.model for entry in composer.row if entry.on and entry.chip.available]

    @rx.event
    async def toggle(self) -> None:
        """Off is one click, and stays off."""
        if (person := await self._person()) is None:
            return
        self.on = not self.on
        await run_core(writers.choose, person.user_id, enhance=self.on)

    @rx.event
    async def choose_writer(self, wanted: str) -> None:
        """Who writes next time."""
        self.wanted = wanted if wanted in [one.value for one in self.options] else ""
        await self._price(self.draft.idea)

    @rx.event
    async def price(self, sent: dict[str, str]) -> None:
        """The words changed: say anew what writing costs."""
        await self._price(str(sent.get("prompt", "")))

    @rx.event
    async def write(self, sent: dict[str, str]) -> None:
        """Have a prompt written for every model that is switched on."""
        person = await self._person()
        if person is None:
            return
        models = await self._models()
        words, negative = str(sent.get("prompt", "")), str(sent.get("negative", ""))
        found = await self._asked(
            enhance.start, get_settings(), person.user_id, words, negative, models, self.wanted
        )
        if found is not None:
            self.draft, self._edited = found, []
            if found.state == "":
                self.problem = "Write a prompt and switch a model on first."

    @rx.event
    async def edit(self, model: str, prompt: str) -> None:
        """A prompt was changed by hand; it is checked again."""
        if any(one.model == model and one.prompt != prompt for one in self.draft.versions):
            self.problem = ""
            try:
                self.draft = await run_core(enhance.edited, get_settings(), self.draft, model, prompt)
            except REFUSALS as error:
                self.problem = refusal(error)
                return
            self._edited = [*self._edited, model]

    @rx.event
    async def restore(self, model: str) -> None:
        """Put back what a prompt lost."""
        self.draft = await run_core(enhance.restored, self.draft, model)
        self._edited = [*self._edited, model]

    @rx.event
    async def use_master(self) -> None:
        """The master prompt for every model."""
        if self.draft.state == "ready":
            self.draft = await run_core(enhance.master_for_all, self.draft)
            self._edited = [*self._edited, *(one.model for one in self.draft.versions)]

    @rx.event
    async def negative(self, words: str) -> None:
        """What is to be left out has changed, so the room in the prompts has too."""
        if self.draft.state == "ready":
            self.draft = await run_core(enhance.with_negative, self.draft, words[:32_000])

    @rx.event
    async def drop(self) -> None:
        """Back to one's own words; a writer still at work is cancelled."""
        call_id, person = parse_id(self.draft.call_id), await self._person()
        if self.draft.state == "waiting" and call_id and person:
            await self._asked(service.cancel_call, person.user_id, call_id)
        self.draft, self._edited = NO_DRAFT, []

    @rx.event
    async def mark(self, sent: dict[str, str], rounds: int) -> None:
        """Mark the prompt, or improve it in rounds."""
        person = await self._person()
        if person is None:
            return
        words = str(sent.get("prompt", ""))
        found = await self._asked(
            _start_marking, person.user_id, words, grading.MOST_ROUNDS if rounds > 1 else 1, self.wanted
        )
        if found is not None:
            self.marks, self.marked = found, words.strip()

    @rx.event
    async def stop_marking(self) -> None:
        """No further round."""
        await self._read_marks(stop=True)

    @rx.event
    async def forget_marks(self) -> None:
        """Put the marks away."""
        self.marks, self.marked = NO_GRADING, ""

    @rx.event
    async def take_best(self) -> None:
        """Put the best version into the prompt box; the words it came from can be put back."""
        from runtz_app.state.composer import ComposerState

        if self.marks.best_prompt:
            (await self.get_state(ComposerState)).fill = json.dumps({"prompt": self.marks.best_prompt})

    @rx.event
    async def take_whole(self) -> None:
        """The same, with what the best version lost put back into it."""
        from runtz_app.state.composer import ComposerState

        if self.marks.best_whole:
            (await self.get_state(ComposerState)).fill = json.dumps({"prompt": self.marks.best_whole})

    @rx.event
    async def take_own(self) -> None:
        """Put the words that were marked back into the prompt box."""
        from runtz_app.state.composer import ComposerState

        if self.marked:
            (await self.get_state(ComposerState)).fill = json.dumps({"prompt": self.marked})

    @rx.event
    async def forget_problem(self) -> None:
        """Dismiss the message."""
        self.problem = ""

    async def _asked(self, act: Any, *arguments: Any) -> Any:
        """What the core answers, or None and the reason it refused."""
        self.problem = ""
        try:
            found = await run_core(act, *arguments)
        except ConfirmationNeeded as dear:
            self.problem = (
                f"That costs {dear.total:,} credits, and the house asks above {dear.above:,}. "
                "Choose a cheaper writer or fewer models. Nothing was charged."
            )
            found = None
        except REFUSALS as error:
            self.problem, found = refusal(error), None
        self.answers += 1
        if (person := await self._person()) is not None:
            await (await self.get_state(SessionState))._refresh(person.user_id)
        return found

    async def _poke_calls(self) -> None:
        """An answer may have come."""
        person = await self._person()
        call_id = parse_id(self.draft.call_id)
        if person and call_id and self.draft.state == "waiting":
            self.draft = await run_core(enhance.draft, person.user_id, call_id)
        if self.marks.running:
            await self._read_marks()

    async def _read_marks(self, *, stop: bool = False) -> None:
        person, grading_id = await self._person(), parse_id(self.marks.grading_id)
        if person is None or grading_id is None:
            return
        if stop:
            await run_core(grading.stop, person.user_id, grading_id)
        self.marks = await run_core(grading.view, person.user_id, grading_id)

    def _writing(self, prompt: str) -> Writing | None:
        """What a run sends besides the person's words: the draft, if it was written from just these."""
        if not self.on or self.draft.state != "ready" or self.draft.idea != prompt.strip():
            return None
        by = self.draft.writer + (EDITED if self._edited else "")
        return Writing(writer=by, prompts={one.model: one.prompt for one in self.draft.versions})


def _start_marking(session: Session, user_id: UUID, prompt: str, rounds: int, wanted: str) -> GradingView:
    grading_id = grading.start(session, get_settings(), user_id, prompt, rounds=rounds, wanted=wanted)
    return grading.view(session, user_id, grading_id)


live.tell_of_calls(CraftState)
