"""History: every job of this person, newest first, a page at a time."""

import time
from uuid import UUID

import reflex as rx

from runtz_app.components.asking import confirmation
from runtz_app.components.job_rows import job_line
from runtz_app.state.comparison import parse_id
from runtz_app.state.composer import ComposerState
from runtz_app.state.session import PersonMixin
from runtz_app.threads import run_core
from runtz_app.ui.link import page_link
from runtz_app.ui.notice import empty_state, problem_notice
from runtz_app.ui.page import page
from runtz_core.batches import history as both
from runtz_core.jobs.views import JobRow

PAGE_SIZE = 30


class HistoryState(PersonMixin, rx.State):
    """One page of jobs. The address says which: /history?before=<job id>."""

    jobs: list[JobRow] = []
    before: str = ""
    older: str = ""
    now: float = 0.0
    loading: bool = True

    @rx.event
    async def load(self) -> None:
        """Read the page that the address names."""
        if (person := await self._person()) is None:
            return
        before = parse_id(self.router.url.query_parameters.get("before", ""))
        self.before = str(before) if before else ""
        self._watch(person)
        await self._read(person.user_id)
        self.loading = False

    async def _read(self, user_id: UUID) -> None:
        rows = await run_core(both.history, user_id, before=parse_id(self.before), limit=PAGE_SIZE + 1)
        self.jobs, self.now = rows[:PAGE_SIZE], time.time()
        self.older = self.jobs[-1].job_id if len(rows) > PAGE_SIZE else ""

    async def _poke(self, job_id: str | None) -> None:
        """Some job changed: read the page again."""
        if (person := await self._person()) is not None:
            await self._read(person.user_id)


@page("/history", "History", on_load=HistoryState.load)
def history() -> rx.Component:
    """The list, or what stands in its place."""
    return rx.fragment(
        rx.el.div(rx.el.h1("History", class_name="title-page"), class_name="page-head"),
        problem_notice(ComposerState.problem, ComposerState.forget_problem),
        confirmation(ComposerState),
        rx.cond(
            HistoryState.loading, _bones(), rx.cond(HistoryState.jobs.length() > 0, _jobs(), _nothing_yet())
        ),
    )


def _jobs() -> rx.Component:
    newest = page_link("Newest", to="/history", class_name="button small")
    older = page_link("Older", to=f"/history?before={HistoryState.older}", class_name="button small")
    return rx.fragment(
        rx.el.ul(
            rx.foreach(HistoryState.jobs, lambda job: job_line(job, HistoryState.now)), class_name="jobs"
        ),
        rx.el.nav(
            rx.cond(HistoryState.before != "", newest),
            rx.cond(HistoryState.older != "", older),
            aria_label="Pages",
            class_name="pager",
        ),
    )


def _bones() -> rx.Component:
    bone = rx.el.div(class_name="bone row-bone")
    return rx.el.div(*[bone] * 6, aria_hidden="true", class_name="bones")


def _nothing_yet() -> rx.Component:
    return empty_state(
        "history",
        "No jobs yet",
        "Everything you run is kept here, with its pictures, its prices and its failures.",
        page_link("Go to the Studio", to="/", class_name="button"),
    )
