"""Jobs as lines: the ones before the current one, and those of the history."""

import reflex as rx

from runtz_app.components.live import time_ago
from runtz_app.components.once import OnceButton
from runtz_app.state.comparison import ComparisonState
from runtz_app.state.composer import ComposerState
from runtz_app.ui.icon import icon
from runtz_app.ui.link import page_link
from runtz_app.ui.number import grouped
from runtz_app.ui.tokens import ICON_SMALL
from runtz_core.jobs.views import JobRow


def earlier_jobs() -> rx.Component:
    """The jobs before the current one, folded."""
    return rx.cond(
        ComposerState.earlier.length() > 0,
        rx.el.section(
            rx.foreach(ComposerState.earlier, _earlier), aria_label="Earlier jobs", class_name="earlier"
        ),
    )


def _earlier(job: rx.Var[JobRow]) -> rx.Component:
    return rx.el.details(
        rx.el.summary(
            rx.el.h2("Job ", job.short_id),
            rx.el.span(time_ago(job.created_at, ComparisonState.now), " · ", summary(job), class_name="control muted"),
            rx.el.span(class_name="grow"),
            rx.el.span("Show", icon("chevron_down", ICON_SMALL), class_name="show"),
        ),
        rx.el.div(
            thumbs(job),
            rx.el.p(job.prompt, dir="auto", class_name="mono grow"),
            run_again(job),
            page_link("Open", to=f"/jobs/{job.job_id}", class_name="button small"),
            class_name="inside",
        ),
        key=job.job_id,
    )  # fmt: skip


def summary(job: rx.Var[JobRow]) -> rx.Component:
    """The counts of a job; amber when a person is needed, cyan while it runs."""
    tone = rx.cond(job.needs_you > 0, "attention", rx.cond(job.working > 0, "running", ""))
    return rx.el.span(job.summary, class_name=tone)


def thumbs(job: rx.Var[JobRow]) -> rx.Component:
    """Up to four small pictures of a job."""
    return rx.el.div(
        rx.foreach(
            job.thumbs,
            lambda address: rx.el.img(
                src=address, alt="", loading="lazy", decoding="async", class_name="thumb"
            ),
        ),
        class_name="row gap-4 thumbs",
    )


def run_again(job: rx.Var[JobRow]) -> rx.Component:
    """A new job that asks for the same."""
    return OnceButton.create(
        icon("rotate_cw"),
        "Run again",
        answers=ComposerState.answers,
        on_once=lambda key: ComposerState.run_again(job.job_id, key),
        class_name="button small quiet",
    )


def job_line(job: rx.Var[JobRow], now: rx.Var[float]) -> rx.Component:
    """One line of the history; the whole line opens the job."""
    facts = rx.el.div(
        time_ago(job.created_at, now),
        " · ",
        summary(job),
        " · ",
        job.model_labels.join(", "),
        class_name="facts",
    )
    return rx.el.li(
        thumbs(job),
        rx.el.div(
            page_link(
                rx.cond(
                    job.batch_id != "",
                    rx.el.span(icon("layers", ICON_SMALL), "Batch", class_name="tag batch-tag"),
                ),
                job.prompt,
                to=rx.cond(job.batch_id != "", f"/batches/{job.job_id}", f"/jobs/{job.job_id}"),
                dir="auto",
                class_name="prompt-line",
            ),
            facts,
        ),
        rx.el.div(
            rx.el.span(grouped(job.credits), " cr", class_name="mono"),
            rx.cond(job.batch_id == "", run_again(job)),
            class_name="side",
        ),
        key=job.job_id,
        class_name="job-row",
        custom_attrs={"data-job-id": job.job_id},
    )
