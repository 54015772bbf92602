"""Dialogs, drawers and popovers, on the browser's own: focus is held inside and given back, Escape closes."""

from typing import Any

import reflex as rx

from runtz_app.ui.local import NO_ARGUMENTS, Local, source


class Dialog(Local):
    """A native modal dialog. `kind` is its class: `modal`, `drawer` or `sheet`; `opened` grows with every opening."""

    library = source("dialog.jsx")
    tag = "Dialog"

    open: rx.Var[bool]
    opened: rx.Var[int]
    kind: rx.Var[str]
    label: rx.Var[str]
    on_close: rx.EventHandler[NO_ARGUMENTS]


class Popover(Local):
    """A button and the panel it opens; a click on an item closes it, unless it `stays`."""

    library = source("popover.jsx")
    tag = "Popover"

    label: rx.Var[str]
    button_class: rx.Var[str]
    panel_class: rx.Var[str]
    stays: rx.Var[bool]

    @classmethod
    def create(cls, *children: Any, **props: Any) -> rx.Component:
        """The first child is the face of the button, the others the panel."""
        return super().create(*children, **props)


def modal(title: str, *children: Any, open_when: Any, on_close: Any) -> rx.Component:
    """A dialog in the middle of the screen, under its title."""
    heading = rx.el.h2(title, class_name="title-section")
    return Dialog.create(heading, *children, open=open_when, on_close=on_close, kind="modal", label=title)


def menu(
    face: rx.Component, *items: Any, label: str = "", button_class: str = "", **props: Any
) -> rx.Component:
    """A button showing `face` that opens a list of `items`; `label` names it when `face` has no words."""
    return Popover.create(face, *items, label=label, button_class=button_class, **props)
