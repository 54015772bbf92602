"""Who writes and judges first, and whether new pictures are judged by themselves: state and panel."""

from dataclasses import dataclass
from uuid import UUID

import reflex as rx
from sqlmodel import Session

from runtz_app.state.session import PersonMixin, run_core
from runtz_app.ui.button import icon_button
from runtz_app.ui.field import switch
from runtz_core.providers.registry import entry
from runtz_core.settings import get_settings
from runtz_core.writing import writers


@dataclass(frozen=True, kw_only=True)
class Line:
    """One vendor of words, in the person's order."""

    provider: str
    label: str
    hue: str
    standing: str


def _lines(session: Session, user_id: UUID) -> tuple[list[Line], bool, bool]:
    now = writers.choices(session, user_id)
    ways = {one.provider: one for one in writers.writers(session, get_settings(), user_id)}
    lines = []
    for provider in writers.ordered(now.writers):
        way = ways.get(provider)
        standing = "no key" if way is None else "simulated" if way.simulated else "has a key"
        known = entry(provider)
        lines.append(Line(provider=provider, label=known.label, hue=known.hue, standing=standing))
    return lines, now.enhance, now.judge_new


class WritersState(PersonMixin, rx.State):
    """The order lives with the person, not with the browser."""

    lines: list[Line] = []
    enhance: bool = True
    judge_new: bool = False

    @rx.event
    async def load(self) -> None:
        """Read the person's choices."""
        await self._read()

    @rx.event
    async def move(self, provider: str, by: int) -> None:
        """One place up or down."""
        if (person := await self._person()) is not None:
            await run_core(writers.move, person.user_id, provider, by)
            await self._read()

    @rx.event
    async def switch_enhance(self) -> None:
        """Whether the composer offers to write."""
        if (person := await self._person()) is not None:
            await run_core(writers.choose, person.user_id, enhance=not self.enhance)
            await self._read()

    @rx.event
    async def switch_judging(self) -> None:
        """Whether new pictures are judged by themselves."""
        if (person := await self._person()) is not None:
            await run_core(writers.choose, person.user_id, judge_new=not self.judge_new)
            await self._read()

    async def _read(self) -> None:
        if (person := await self._person()) is not None:
            self.lines, self.enhance, self.judge_new = await run_core(_lines, person.user_id)


def writers_panel() -> rx.Component:
    """The order, and two switches."""
    return rx.el.section(
        rx.el.h2("Writers and judges", class_name="title-section"),
        rx.el.p(
            "The first in this list that has a key writes your prompts and marks them. With no key at all the "
            "built-in rules do, for nothing.",
            class_name="lead",
        ),
        rx.el.ol(rx.foreach(WritersState.lines, _line), class_name="writers"),
        _choice(
            "Offer to write prompts in the composer",
            "Off is off until you switch it on again.",
            WritersState.enhance,
            WritersState.switch_enhance,
        ),
        _choice(
            "Judge new pictures by themselves",
            "Each pair costs two verdicts, a credit or more each: a run of four pictures about twelve credits. "
            "Without a key for a text model nobody judges.",
            WritersState.judge_new,
            WritersState.switch_judging,
        ),
        id="writers",
        class_name="panel setting",
    )


def _choice(label: str, text: str, on: rx.Var[bool], act: rx.event.EventHandler) -> rx.Component:
    return rx.el.div(
        rx.el.div(rx.el.div(label), rx.el.div(text, class_name="small muted"), class_name="grow"),
        switch(label, on=on, on_click=act),
        class_name="setting-row",
    )


def _line(line: rx.Var[Line], index: rx.Var[int]) -> rx.Component:
    return rx.el.li(
        rx.el.span(class_name="hue"),
        rx.el.strong(line.label, class_name="grow"),
        rx.el.span(line.standing, class_name="small muted"),
        icon_button(
            "arrow_up",
            f"Ask {line.label} earlier",
            disabled=index == 0,
            on_click=WritersState.move(line.provider, -1),
        ),
        icon_button(
            "arrow_down",
            f"Ask {line.label} later",
            disabled=index == WritersState.lines.length() - 1,
            on_click=WritersState.move(line.provider, 1),
        ),
        key=line.provider,
        class_name=f"row hue-{line.hue}",
    )
