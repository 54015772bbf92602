"""Totals, lanes and the books."""

import time
from datetime import datetime

import reflex as rx
from sqlmodel import Session

from runtz_app.state.session import PersonMixin
from runtz_app.threads import run_core
from runtz_app.ui.button import button
from runtz_app.ui.icon import icon
from runtz_app.ui.number import grouped
from runtz_core.credits import books
from runtz_core.jobs import oversight
from runtz_core.jobs.dearer import DAYS, Dearer, dearer
from runtz_core.jobs.oversight import LaneRow, Totals
from runtz_core.settings import get_settings

NOTHING = Totals(
    people=0, pictures=0, stored="", credits_today=0, credits_ever=0, granted_ever=0, held=0, usd_today="$0",
    usd_ever="$0", unsettled=0, workers=0,
)  # fmt: skip


class OverviewState(PersonMixin, rx.State):
    """The figures as they are now, and the last check of the books."""

    totals: Totals = NOTHING
    dearer: list[Dearer] = []
    now: float = 0.0
    report: list[str] = []
    in_order: bool = True

    @rx.event
    async def load(self) -> None:
        """Read the figures, and keep them up to date."""
        self._watch_lanes(counts=True)
        self.report = []
        await self._poke_lanes()

    async def _poke_lanes(self) -> None:
        settings = get_settings()
        today = datetime.now(settings.zone).date()
        self.totals = await run_core(
            oversight.totals, today=today, zone=settings.zone, alive=settings.timing.lease
        )
        self.dearer = await run_core(dearer)
        self.now = time.time()

    @rx.event
    async def check_books(self) -> None:
        """Do the credits add up?"""
        found = await run_core(_check)
        self.report, self.in_order = list(found.lines()), found.in_order


def _check(session: Session) -> books.Report:
    return books.check(session)


def overview_panel() -> rx.Component:
    """Four figures, the queue, the books."""
    totals = OverviewState.totals
    return rx.fragment(
        rx.el.div(
            _figure("Charged today", grouped(totals.credits_today), "credits", f"{totals.usd_today} at the providers"),
            _figure("Charged ever", grouped(totals.credits_ever), "credits", f"{totals.usd_ever} at the providers"),
            _figure("People", grouped(totals.people), "", rx.fragment(grouped(totals.granted_ever), " credits given")),
            _figure("Pictures", grouped(totals.pictures), "", f"{totals.stored} on disk"),
            class_name="stats",
        ),
        _prices(),
        rx.el.div(_queue(), _books(), class_name="admin-two"),
    )  # fmt: skip


def _figure(label: str, figure: rx.Var[str], unit: str, under: object) -> rx.Component:
    return rx.el.div(
        rx.el.div(label, class_name="muted"),
        rx.el.div(figure, rx.el.small(unit), class_name="figure"),
        rx.el.div(under, class_name="under"),
        class_name="panel stat",
    )


def _queue() -> rx.Component:
    totals = OverviewState.totals
    workers = rx.cond(totals.workers == 1, "1 worker", f"{totals.workers} workers")
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Queue", class_name="title-section grow"),
            rx.cond(
                totals.workers > 0,
                rx.el.span(workers, class_name="small muted"),
                rx.el.span("No worker is running: nothing will be drawn.", class_name="small failed"),
            ),
            button("Refresh", icon_name="rotate_cw", kind="quiet", small=True, on_click=OverviewState.load),
            class_name="panel-head",
        ),
        rx.cond(
            totals.lanes.length() > 0,
            rx.el.table(
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th("Lane", scope="col"),
                        rx.el.th("State", scope="col"),
                        *[
                            rx.el.th(word, scope="col", class_name=f"number {extra}")
                            for word, extra in (
                                ("latency", "wide-only"),
                                ("running", ""),
                                ("waiting", ""),
                                ("oldest", "wide-only"),
                            )
                        ],
                    )
                ),
                rx.el.tbody(rx.foreach(totals.lanes, _lane)),
                class_name="uses",
            ),
            rx.el.p("Nothing is running or waiting.", class_name="muted"),
        ),
        rx.cond(
            totals.unsettled > 0,
            rx.el.p(
                f"{totals.unsettled} with an unknown outcome wait for their people.", class_name="attention"
            ),
        ),
        class_name="panel padded",
    )


def _lane(lane: rx.Var[LaneRow]) -> rx.Component:
    name = rx.el.span(rx.el.span(class_name=f"hue hue-{lane.hue}"), lane.label, class_name="name")
    return rx.el.tr(
        rx.el.th(name, scope="row"),
        rx.el.td(_state(lane)),
        rx.el.td(rx.cond(lane.latency != "", lane.latency, "–"), class_name="number wide-only"),
        rx.el.td(lane.running, class_name="number strong"),
        rx.el.td(lane.waiting, class_name="number"),
        rx.el.td(rx.cond(lane.waiting > 0, f"{lane.oldest.to(int)} s", "–"), class_name="number wide-only"),
        key=lane.lane,
    )


def _state(lane: rx.Var[LaneRow]) -> rx.Component:
    tone = rx.match(
        lane.state,
        ("healthy", "ok"),
        ("slow", "attention"),
        ("limited", "attention"),
        ("down", "failed"),
        "muted",
    )
    said = rx.match(
        lane.state,
        ("healthy", "healthy"),
        ("slow", "slow"),
        ("limited", "limited"),
        ("down", "down"),
        "not used lately",
    )
    return rx.fragment(
        rx.el.span(said, class_name=tone),
        rx.cond(lane.note != "", rx.el.div(lane.note, class_name="small muted")),
    )


def _prices() -> rx.Component:
    """Nothing, unless providers charged more than they promised."""
    return rx.cond(
        OverviewState.dearer.length() > 0,
        rx.el.section(
            rx.el.h2(f"Dearer than promised in the last {DAYS} days", class_name="title-section"),
            rx.el.table(rx.el.tbody(rx.foreach(OverviewState.dearer, _dearer)), class_name="uses"),
            rx.el.p(
                "People pay what was promised. A markup below makes up for it until the price list knows.",
                class_name="small muted",
            ),
            class_name="panel padded prices",
        ),
    )


def _dearer(one: rx.Var[Dearer]) -> rx.Component:
    name = rx.el.span(rx.el.span(class_name=f"hue hue-{one.hue}"), one.label, class_name="name")
    return rx.el.tr(rx.el.th(name, scope="row"), rx.el.td(one.text), key=one.label)


def _books() -> rx.Component:
    answer = rx.el.div(
        rx.cond(OverviewState.in_order, icon("check"), icon("circle_x")),
        rx.el.pre(OverviewState.report.join("\n"), tab_index=0),
        role="status",
        class_name=rx.cond(OverviewState.in_order, "books ok", "books failed"),
    )
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Books", class_name="title-section grow"),
            button("Check now", small=True, on_click=OverviewState.check_books),
            class_name="panel-head",
        ),
        rx.cond(
            OverviewState.report.length() > 0,
            answer,
            rx.el.p(
                "Every credit is entered twice. The worker checks each hour that all of it adds up, and so does ",
                rx.el.code("./runtz check-books"),
                ".",
                class_name="muted control",
            ),
        ),
        class_name="panel padded",
    )
