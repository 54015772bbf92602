"""Marks of a prompt: the trail of totals, each round with its parts, and the best version to take."""

import reflex as rx

from runtz_app.state.craft import CraftState
from runtz_app.ui.button import button
from runtz_app.ui.inline import inline_style
from runtz_app.ui.number import grouped
from runtz_core.writing.grading import Part, Round

MARKS = CraftState.marks


def marks() -> rx.Component:
    """Nothing until a prompt has been marked."""
    return rx.cond(MARKS.grading_id != "", _marks())


def _marks() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.h2("Marks by ", MARKS.grader, class_name="title-section grow"),
            rx.cond(MARKS.simulated, rx.el.span("simulated", class_name="simulated-mark")),
            rx.cond(
                MARKS.running,
                button("Stop", small=True, icon_name="square", on_click=CraftState.stop_marking),
                button("Close the marks", kind="quiet", small=True, on_click=CraftState.forget_marks),
            ),
            class_name="row craft-head",
        ),
        rx.el.p(
            rx.cond(MARKS.trail != "", rx.fragment("Trail: ", rx.el.b(MARKS.trail, class_name="mono"), ". ")),
            rx.cond(MARKS.running, "Marking … ", ""),
            MARKS.ended,
            rx.cond(
                MARKS.most_credits > 0,
                rx.el.span(
                    " ", grouped(MARKS.credits), " of at most ", grouped(MARKS.most_credits), " credits.",
                    class_name="muted",
                ),
            ),
            role="status",
            class_name="small",
        ),
        rx.foreach(MARKS.rounds, _round),
        rx.cond(
            (MARKS.best_prompt != "") & ~MARKS.running,
            rx.el.div(
                rx.cond(
                    MARKS.best_prompt != CraftState.marked,
                    button(
                        "Use the best version (", MARKS.best_total.to_string(), ")",
                        small=True,
                        on_click=CraftState.take_best,
                    ),
                ),
                rx.cond(
                    MARKS.best_whole != "",
                    button(
                        "Use it with what it lost put back", small=True, on_click=CraftState.take_whole
                    ),
                ),
                rx.cond(
                    MARKS.best_prompt != CraftState.marked,
                    button("Put my own words back", kind="quiet", small=True, on_click=CraftState.take_own),
                ),
                class_name="row wrap",
            ),
        ),
        aria_label="Marks of the prompt",
        class_name="craft-draft",
    )  # fmt: skip


def _round(one: rx.Var[Round]) -> rx.Component:
    head = rx.match(
        one.waiting,
        (True, rx.el.span("…", class_name="mono")),
        rx.cond(
            one.graded,
            rx.el.b(one.total, class_name="mono"),
            rx.el.span("not graded", class_name="attention"),
        ),
    )
    return rx.el.details(
        rx.el.summary(
            "Round ", one.number.to_string(), " ", head,
            rx.cond(one.best, rx.el.span("best", class_name="tag")),
            rx.cond(one.lost_text != "", rx.el.span(one.lost_text, class_name="small attention")),
            class_name="fold",
        ),
        rx.el.p(one.prompt, dir="auto", class_name="craft-idea"),
        rx.cond(one.problem != "", rx.el.p(one.problem, class_name="small attention")),
        rx.cond(
            one.left_out != "",
            rx.el.p("Speaks to the grader, so it was not marked: ", one.left_out, class_name="small attention"),
        ),
        rx.el.div(rx.foreach(one.parts, _part), class_name="craft-parts"),
        rx.cond(one.notes != "", rx.el.p(one.notes, class_name="small")),
        rx.cond(
            one.improvements.length() > 0,
            rx.el.ul(rx.foreach(one.improvements, rx.el.li), class_name="small craft-list"),
        ),
        rx.cond(
            one.rules_met.length() > 0,
            rx.el.p("Met: ", one.rules_met.join(", "), class_name="small muted"),
        ),
        rx.cond(
            one.rules_missed.length() > 0,
            rx.el.p("Not met: ", one.rules_missed.join(", "), class_name="small muted"),
        ),
        open=(one.best | (one.problem != "")),
        key=one.number.to_string(),
        class_name="craft-round",
    )  # fmt: skip


def _part(part: rx.Var[Part]) -> rx.Component:
    return rx.el.div(
        rx.el.span(part.name, class_name="small"),
        rx.el.span(
            rx.el.i(custom_attrs=inline_style({"--share": part.points / part.most})),
            class_name="craft-meter",
            aria_hidden="true",
        ),
        rx.el.span(part.points.to_string(), "/", part.most.to_string(), class_name="small mono"),
        key=part.name,
    )
