"""Below a job's cards: what is measured of each picture, how they stand against each other, and every verdict."""

import reflex as rx

from runtz_app.components.asking import confirmation
from runtz_app.state.comparison import ComparisonState
from runtz_app.state.judging import JudgingState
from runtz_app.ui.button import button
from runtz_app.ui.field import small_choice
from runtz_app.ui.inline import inline_style
from runtz_app.ui.notice import notice, problem_notice
from runtz_app.ui.number import dollars, grouped
from runtz_core.writing.standings import Judged, Shown

VIEW = JudgingState.view


def judging() -> rx.Component:
    """A button until somebody asks; then the whole of it."""
    return rx.cond(
        ComparisonState.job.ready > 0,
        rx.cond(
            (VIEW.job_id != "") & (VIEW.job_id == ComparisonState.job.job_id),
            _judging(),
            rx.el.div(
                button("Facts and verdicts", icon_name="scale", small=True, on_click=JudgingState.look),
                class_name="row judging-closed",
            ),
        ),
    )


def _judging() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.h2("Facts and verdicts", class_name="title-section grow"),
            button("Close", kind="quiet", small=True, on_click=JudgingState.close),
            class_name="row",
        ),
        problem_notice(JudgingState.problem, JudgingState.forget_problem),
        _bar(),
        rx.foreach(VIEW.muted, lambda said: notice("attention", said)),
        rx.cond(VIEW.failed != "", notice("attention", "Some pairs have no verdict. ", VIEW.failed)),
        rx.el.div(rx.foreach(VIEW.pictures, _picture), class_name="judging-pictures"),
        rx.cond(
            VIEW.verdicts.length() > 0,
            rx.el.details(
                rx.el.summary(
                    "All ",
                    VIEW.verdicts.length().to_string(),
                    " verdicts, each pair in both orders",
                    class_name="fold",
                ),
                rx.el.ul(rx.foreach(VIEW.verdicts, _verdict), class_name="verdicts"),
            ),
        ),
        confirmation(JudgingState),
        aria_label="Facts and verdicts",
        class_name="judging",
    )


def _bar() -> rx.Component:
    judge = small_choice(
        "Judge",
        JudgingState.options,
        class_name="craft-writer",
        value=JudgingState.wanted,
        on_change=JudgingState.choose_judge,
    )
    price = rx.el.span(
        grouped(VIEW.calls), " verdicts · ", grouped(VIEW.credits), " cr",
        rx.cond(VIEW.usd_micros > 0, rx.fragment(" · ", dollars(VIEW.usd_micros))),
        class_name="mono craft-price",
    )  # fmt: skip
    return rx.el.div(
        judge,
        rx.cond(
            VIEW.working > 0,
            rx.el.span(VIEW.working.to_string(), " verdicts to come", role="status", class_name="muted"),
            rx.cond(
                VIEW.judge == "",
                rx.el.span(
                    "Without a key for a text model nobody judges; this is what can be measured.",
                    class_name="small muted",
                ),
                rx.cond(
                    VIEW.calls > 0,
                    button("Judge in pairs", price, on_click=JudgingState.judge),
                    rx.el.span("Every pair has been judged by ", VIEW.judge, ".", class_name="small muted"),
                ),
            ),
        ),
        rx.cond(VIEW.simulated, rx.el.span("simulated", class_name="simulated-mark")),
        class_name="judging-bar",
    )


def _picture(one: rx.Var[Judged]) -> rx.Component:
    lines = [
        ("Size", one.facts.size),
        ("Ratio", one.facts.ratio),
        ("Sharpness", one.facts.sharpness.to_string() + " of 100"),
        ("Noise", one.facts.noise.to_string() + " of 100"),
        ("White, clipped", one.facts.clipped),
    ]
    checks = [
        ("Follows the prompt", one.follows_prompt),
        ("Lettering correct", one.text_correct),
        ("Artefacts", one.artefacts),
    ]
    return rx.el.article(
        rx.el.img(src=one.thumb_url, alt="", loading="lazy"),
        rx.el.div(
            rx.el.h3(one.label),
            rx.cond(
                one.win_rate >= 0,
                rx.el.p(
                    rx.el.span(one.win_rate.to_string(), " %", class_name="rate"),
                    rx.el.span(" won of ", one.verdicts.to_string(), " verdicts", class_name="small muted"),
                ),
                rx.el.p("no verdict that counts", class_name="small muted"),
            ),
            rx.el.dl(
                *[rx.fragment(rx.el.dt(name), rx.el.dd(value, class_name="mono")) for name, value in lines],
                rx.el.dt("Palette"),
                rx.el.dd(
                    rx.el.span(
                        rx.foreach(
                            one.facts.palette,
                            lambda colour: rx.el.i(custom_attrs=inline_style({"--swatch": colour})),
                        ),
                        class_name="palette",
                    )
                ),
                rx.cond(
                    one.verdicts > 0,
                    rx.fragment(*[rx.fragment(rx.el.dt(name), rx.el.dd(value)) for name, value in checks]),
                ),
            ),
        ),
        key=one.image_id,
        class_name=f"judged hue-{one.hue}",
    )


def _verdict(one: rx.Var[Shown]) -> rx.Component:
    words = rx.fragment(
        rx.el.span(one.left, " | ", one.right, class_name="muted"),
        rx.el.b(one.result),
        rx.el.span(one.reason),
        rx.el.span(one.judge, class_name="small muted"),
    )
    return rx.el.li(rx.cond(one.muted, rx.el.s(words), words))
