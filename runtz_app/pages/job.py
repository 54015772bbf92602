"""One job as a page: the same comparison, at an address that can be reloaded and sent."""

import reflex as rx

from runtz_app.components.asking import confirmation
from runtz_app.components.comparison import comparison, comparison_bones
from runtz_app.components.gradings import Gradings
from runtz_app.state.comparison import ComparisonState
from runtz_app.state.composer import ComposerState
from runtz_app.ui.button import button
from runtz_app.ui.link import page_link
from runtz_app.ui.notice import empty_state, problem_notice
from runtz_app.ui.page import page

JOB = ComparisonState.job


@page("/jobs/[job_id]", "Job", on_load=ComparisonState.open_route, section="/history")
def job() -> rx.Component:
    """The comparison of the job in the address."""
    return rx.cond(
        JOB.job_id != "",
        rx.fragment(rx.el.h1("Job", class_name="hidden"), _words(), comparison()),
        rx.cond(ComparisonState.missing, _no_such_job(), comparison_bones()),
    )


def _words() -> rx.Component:
    reuse = button(
        "Use these words",
        icon_name="pencil",
        kind="quiet",
        small=True,
        on_click=ComposerState.take("", ""),
    )
    return rx.el.div(
        problem_notice(ComposerState.problem, ComposerState.forget_problem),
        confirmation(ComposerState),
        rx.el.p(JOB.prompt, dir="auto", tab_index=0, class_name="job-prompt"),
        rx.cond(JOB.negative != "", rx.el.p("Without: ", JOB.negative, dir="auto", class_name="mono muted")),
        rx.el.div(
            rx.el.span(
                JOB.ratio, rx.cond(JOB.seed != "", f" · seed {JOB.seed}", ""), class_name="mono muted"
            ),
            reuse,
            class_name="row gap-12",
        ),
        Gradings.create(job=JOB.job_id, key=JOB.job_id),
        class_name="job-head",
    )


def _no_such_job() -> rx.Component:
    return empty_state(
        "search_x",
        "No such job",
        "It may belong to somebody else, or the address is incomplete. Nothing was run or charged.",
        page_link("See your jobs", to="/history", class_name="button"),
    )
