"""Buttons and links that look like buttons."""

from typing import Any, Literal

import reflex as rx

from runtz_app.ui.icon import icon
from runtz_app.ui.link import plain_link
from runtz_app.ui.tokens import ICON, ICON_ACTION

Kind = Literal["plain", "quiet", "primary", "danger"]


def _classes(kind: Kind, small: bool, extra: str = "") -> str:
    parts = ["button", "" if kind == "plain" else kind, "small" if small else "", extra]
    return " ".join(part for part in parts if part)


def button(
    *children: Any,
    icon_name: str = "",
    kind: Kind = "plain",
    small: bool = False,
    extra: str = "",
    **props: Any,
) -> rx.Component:
    """A button; `primary` is the one action of a screen."""
    lead = [icon(icon_name)] if icon_name else []
    props.setdefault("type", "button")
    return rx.el.button(*lead, *children, class_name=_classes(kind, small, extra), **props)


def icon_button(
    icon_name: str, label: Any, *, kind: Kind = "quiet", small: bool = True, **props: Any
) -> rx.Component:
    """A square button whose words are read aloud and shown on hover."""
    props.setdefault("type", "button")
    return rx.el.button(
        icon(icon_name, ICON_ACTION),
        class_name=_classes(kind, small, "only-icon"),
        aria_label=label,
        title=label,
        **props,
    )


def link_button(
    *children: Any,
    href: Any,
    icon_name: str = "",
    kind: Kind = "plain",
    small: bool = False,
    extra: str = "",
    **props: Any,
) -> rx.Component:
    """A plain link drawn as a button: for downloads and the mounted API, which the router must not catch."""
    lead = [icon(icon_name, ICON)] if icon_name else []
    return plain_link(*lead, *children, href=href, class_name=_classes(kind, small, extra), **props)
