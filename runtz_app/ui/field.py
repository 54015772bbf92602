"""Form fields: each has a visible label, its help, and the sentence that says what is wrong with it."""

from typing import Any

import reflex as rx

from runtz_app.ui.icon import icon
from runtz_app.ui.tokens import ICON_SMALL


def labelled(label: str, control: rx.Component, *, help_text: Any = "", problem: Any = "") -> rx.Component:
    """A control under its label. `problem`, when not empty, is announced and replaces the help."""
    return rx.el.label(
        rx.el.span(label, class_name="label"),
        control,
        rx.cond(
            problem != "" if isinstance(problem, rx.Var) else bool(problem),
            rx.el.span(problem, class_name="problem", role="alert"),
            rx.el.span(help_text, class_name="help"),
        ),
        class_name="labelled",
    )


def text_field(
    label: str, *, help_text: Any = "", problem: Any = "", mono: bool = False, **props: Any
) -> rx.Component:
    """One line of text; `props` go to the input."""
    props.setdefault("type", "text")
    props.setdefault("autocomplete", "off")
    box = rx.el.span(rx.el.input(class_name="value" if mono else "", **props), class_name="field")
    return labelled(label, box, help_text=help_text, problem=problem)


def select_field(
    label: str, options: list[tuple[str, str]], *, help_text: Any = "", problem: Any = "", **props: Any
) -> rx.Component:
    """A choice out of (value, words)."""
    choices = [rx.el.option(words, value=value) for value, words in options]
    box = rx.el.span(
        rx.el.select(*choices, **props), icon("chevron_down", ICON_SMALL), class_name="field choice"
    )
    return labelled(label, box, help_text=help_text, problem=problem)


def small_choice(label: str, options: rx.Var, *, class_name: str, **props: Any) -> rx.Component:
    """A choice inside a panel, its label in the same line; `options` have `value` and `label`."""
    return rx.el.label(
        rx.el.span(label, class_name="label"),
        rx.el.select(
            rx.foreach(options, lambda one: rx.el.option(one.label, value=one.value)),
            aria_label=label,
            **props,
        ),
        icon("chevron_down", ICON_SMALL),
        class_name=f"field {class_name}",
    )


def switch(label: Any, *, on: Any, **props: Any) -> rx.Component:
    """An on/off switch; `label` is for screen readers."""
    return rx.el.button(
        type="button", role="switch", aria_checked=_said(on), aria_label=label, class_name="switch", **props
    )


def _said(on: Any) -> Any:
    if isinstance(on, rx.Var):
        return rx.cond(on, "true", "false")
    return "true" if on else "false"
