"""A form the browser posts itself, to the mounted API (Reflex's own form always prevents that)."""

from typing import Any

import reflex as rx

from runtz_app.ui.local import Local, source


class PostForm(Local):
    """A native form; `leaving` also forgets this tab's state, for signing out."""

    library = source("post_form.jsx")
    tag = "PostForm"

    action: rx.Var[str]
    leaving: rx.Var[bool]


def post_form(action: str, *children: Any, **props: Any) -> rx.Component:
    """A form that posts its named inputs to `action`."""
    return PostForm.create(*children, action=action, **props)
