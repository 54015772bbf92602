"""The question before a run that is dearer than the house lets pass unasked."""

from typing import Any

import reflex as rx

from runtz_app.ui.button import button
from runtz_app.ui.dialog import modal
from runtz_app.ui.number import dollars, grouped


def confirmation(state: type[Any]) -> rx.Component:
    """Asked by a state with AskingMixin; Escape and a click beside it mean no."""
    return modal(
        "Run this?",
        rx.el.p(
            "It costs ", rx.el.b(grouped(state.asking_credits), " credits"),
            rx.cond(
                state.asking_usd_micros > 0,
                rx.fragment(" and about ", dollars(state.asking_usd_micros), " at the providers"),
            ),
            ". Runs above ", grouped(state.asking_above), " credits ask first here.",
            class_name="confirm-words",
        ),
        rx.el.div(
            button("Run it", kind="primary", on_click=state.confirm),
            button("Do not run", kind="quiet", on_click=state.decline),
            class_name="row",
        ),
        open_when=state.asking,
        on_close=state.decline,
    )  # fmt: skip
