"""A job with its cards: the bar above them, the strip that pages them on a phone, the grid, the receipt."""

import reflex as rx

from runtz_app.components.asking import confirmation
from runtz_app.components.card import picture_card
from runtz_app.components.judging import judging
from runtz_app.components.live import Announcer, CopyButton, Deck, NotifyButton, Strip, time_ago
from runtz_app.components.looking import CompareButton
from runtz_app.components.once import OnceButton
from runtz_app.components.receipt import receipt_drawer
from runtz_app.state.comparison import ComparisonState
from runtz_app.state.composer import ComposerState
from runtz_app.ui.button import button, link_button
from runtz_app.ui.dialog import menu
from runtz_app.ui.icon import icon
from runtz_app.ui.inline import inline_style
from runtz_app.ui.link import plain_link
from runtz_app.ui.notice import problem_notice
from runtz_app.ui.number import dollars, grouped, tenths
from runtz_core.jobs.models import CallState
from runtz_core.jobs.views import Card

JOB = ComparisonState.job


def comparison() -> rx.Component:
    """Bar, cards and receipt of the watched job; the page's own h1 stands above it."""
    return rx.el.section(
        Announcer.create(
            said=ComparisonState.said,
            job=JOB.job_id,
            working=JOB.working,
            ready=JOB.ready,
            summary=JOB.summary,
        ),
        _strip(),
        _bar(),
        problem_notice(ComparisonState.problem, ComparisonState.forget_problem),
        Deck.create(
            rx.foreach(ComparisonState.cards, picture_card),
            on_act=ComparisonState.act,
            class_name="cards",
            custom_attrs=inline_style({"--column": ComparisonState.column, "--shape": ComparisonState.shape}),
        ),
        judging(),
        receipt_drawer(),
        confirmation(ComparisonState),
        aria_label=f"Job {JOB.short_id}",
        custom_attrs={"data-job-id": JOB.job_id},
    )


def _strip() -> rx.Component:
    return Strip.create(rx.foreach(ComparisonState.cards, _strip_entry), class_name="strip")


def _strip_entry(card: rx.Var[Card]) -> rx.Component:
    seconds = rx.el.span(tenths(card.seconds), " s", class_name="ok")
    state = rx.match(
        card.state,
        (CallState.QUEUED, rx.el.span("waiting")),
        (CallState.RUNNING, rx.el.span(card.stage, class_name="running")),
        (CallState.SUCCEEDED, rx.cond(card.kept, rx.el.span("kept", class_name="kept"), seconds)),
        (CallState.CANCELLED, rx.el.span("cancelled")),
        (CallState.UNKNOWN, rx.el.span("needs you", class_name="attention")),
        rx.el.span("failed", class_name="failed"),
    )
    name = rx.el.b(card.model_label, class_name="ellipsis")
    return rx.el.button(name, state, type="button", key=card.call_id, class_name=f"hue-{card.hue}")


def _bar() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Job ", JOB.short_id),
        rx.el.span(_facts(), class_name="facts desk-only"),
        rx.el.span(f"{JOB.ready} of {ComparisonState.cards.length()} ready", class_name="facts phone-only"),
        rx.el.span(class_name="grow"),
        rx.cond(
            JOB.working > 0,
            NotifyButton.create(icon("bell"), "Tell me when done", class_name="button small quiet desk-only"),
        ),
        *_actions("desk-only"),
        _phone_menu(),
        rx.cond(JOB.working > 0, _cancel()),
        class_name="job-bar",
    )


def _facts() -> rx.Component:
    started = rx.fragment("started ", time_ago(JOB.created_at, ComparisonState.now), " · ", JOB.summary)
    took = rx.fragment(" in ", tenths(JOB.finished_at - JOB.created_at), " s")
    money = rx.fragment(" · ", grouped(JOB.credits_charged), " credits charged, ", dollars(JOB.usd_micros))
    finished = rx.fragment(
        "finished ",
        time_ago(JOB.finished_at, ComparisonState.now),
        " · ",
        JOB.summary,
        rx.cond(JOB.ready > 0, took),
        rx.cond(JOB.credits_charged > 0, money),
    )
    return rx.cond(JOB.working > 0, started, finished)


def _actions(extra: str) -> list[rx.Component]:
    return [
        CopyButton.create(
            icon("link"), "Copy link", path=f"/jobs/{JOB.job_id}", class_name=f"button small quiet {extra}"
        ),
        rx.cond(
            JOB.ready > 1,
            CompareButton.create(icon("columns_2"), "Compare", class_name=f"button small quiet {extra}"),
        ),
        rx.cond(
            JOB.ready > 0,
            link_button(
                "Download all",
                href=f"/api/exports?job={JOB.job_id}",
                icon_name="download",
                kind="quiet",
                small=True,
                extra=extra,
                download=True,
            ),
        ),
        rx.cond(JOB.working == 0, _run_again(f"button small {extra}")),
    ]


def _run_again(class_name: str) -> rx.Component:
    return OnceButton.create(
        icon("rotate_cw"),
        "Run again",
        answers=ComposerState.answers,
        on_once=lambda key: ComposerState.run_again(JOB.job_id, key),
        class_name=class_name,
    )


def _phone_menu() -> rx.Component:
    face = rx.el.span(icon("ellipsis"), class_name="button small only-icon")
    copy = CopyButton.create(icon("link"), "Copy link", path=f"/jobs/{JOB.job_id}", class_name="menu-item")
    download = plain_link(
        icon("download"),
        "Download all",
        href=f"/api/exports?job={JOB.job_id}",
        download=True,
        class_name="menu-item",
    )
    return rx.el.span(
        menu(
            face,
            copy,
            rx.cond(JOB.ready > 0, download),
            rx.cond(JOB.working == 0, _run_again("menu-item")),
            label="More for this job",
        ),
        class_name="phone-only",
    )


def _cancel() -> rx.Component:
    return button("Cancel ", JOB.working, icon_name="square", small=True, on_click=ComparisonState.cancel_all)


def comparison_bones() -> rx.Component:
    """Where the cards will be, while the job is being read."""
    card = rx.el.div(class_name="bone card-bone")
    return rx.el.div(
        rx.el.div(rx.el.div(class_name="bone bar-bone"), class_name="job-bar"),
        rx.el.div(card, card, card, card, class_name="cards"),
        aria_hidden="true",
    )
