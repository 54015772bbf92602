"""Messages: one line in place, and the designed empty page."""

from typing import Any

import reflex as rx

from runtz_app.ui.icon import icon
from runtz_app.ui.tokens import ICON_EMPTY, Tone

_ICONS = {"failed": "circle_x", "attention": "triangle_alert", "ok": "check"}


def notice(tone: Tone, *children: Any, **props: Any) -> rx.Component:
    """A message in the page; a failure interrupts a screen reader, anything else waits."""
    return rx.el.div(
        icon(_ICONS.get(tone, "info")),
        rx.el.div(*children, class_name="grow"),
        role="alert" if tone == "failed" else "status",
        class_name=f"notice {tone}",
        **props,
    )


def problem_notice(text: rx.Var[str], on_close: Any = None) -> rx.Component:
    """The failure notice of a page: shown while `text` is not empty."""
    close: list[rx.Component] = []
    if on_close is not None:
        close = [
            rx.el.button(
                icon("x"), type="button", aria_label="Dismiss", class_name="field-icon", on_click=on_close
            )
        ]
    body = rx.el.div(
        icon("circle_x"), rx.el.div(text, class_name="grow"), *close, role="alert", class_name="notice failed"
    )
    return rx.cond(text != "", body)


def empty_state(icon_name: str, title: str, text: Any, *actions: rx.Component) -> rx.Component:
    """What a page shows when there is nothing to show, and the way on from there."""
    return rx.el.div(
        icon(icon_name, ICON_EMPTY),
        rx.el.h1(title, class_name="title"),
        rx.el.p(text),
        *actions,
        class_name="empty",
    )
