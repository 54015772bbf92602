"""The parts of every form about accounts (see assets/js/account_form.jsx)."""

from typing import Any

import reflex as rx

from runtz_app.ui.field import labelled, text_field
from runtz_app.ui.icon import icon
from runtz_app.ui.local import NO_ARGUMENTS, Local, source
from runtz_app.ui.tokens import ICON_ACTION
from runtz_core.users.passwords import LONGEST, SHORTEST


class AccountForm(Local):
    """A form posted to the mounted API and answered in place."""

    library = source("account_form.jsx")
    tag = "AccountForm"

    action: rx.Var[str]
    then: rx.Var[str]
    code_name: rx.Var[str]
    needs: rx.Var[str]
    quiet: rx.Var[bool]
    label: rx.Var[str]
    said: rx.Var[str]
    remembers: rx.Var[bool]
    button_class: rx.Var[str]
    on_done: rx.EventHandler[NO_ARGUMENTS]


class PasswordInput(Local):
    """A password with a button that shows it."""

    library = source("account_form.jsx")
    tag = "PasswordInput"

    name: rx.Var[str]
    auto_complete: rx.Var[str]
    min_length: rx.Var[int]
    needed: rx.Var[bool]


def email_field(**props: Any) -> rx.Component:
    """An e-mail address, as the name to sign in with."""
    return text_field(
        "E-mail", name="email", type="email", autocomplete="username", input_mode="email",
        auto_capitalize="off", spell_check=False, max_length=254, **props,
    )  # fmt: skip


def current_password() -> rx.Component:
    """The password somebody has."""
    box = PasswordInput.create(*_faces(), name="password", auto_complete="current-password", min_length=1)
    return labelled("Password", box)


def confirming_password(*, help_text: Any = "", needed: bool = True) -> rx.Component:
    """The password somebody has, asked for again before something that matters."""
    box = PasswordInput.create(
        *_faces(), name="current", auto_complete="current-password", min_length=1, needed=needed
    )
    return labelled("Current password", box, help_text=help_text)


def new_password(label: str = "Password") -> rx.Component:
    """A password to be chosen."""
    box = PasswordInput.create(*_faces(), name="password", auto_complete="new-password", min_length=SHORTEST)
    return labelled(label, box, help_text=f"{SHORTEST} to {LONGEST} characters, any of them.")


def _faces() -> tuple[rx.Component, rx.Component]:
    return icon("eye", ICON_ACTION), icon("eye_off", ICON_ACTION)


def google_form(label: str, *, next_path: Any = "/", **props: Any) -> rx.Component:
    """A button that goes to Google."""
    return AccountForm.create(
        rx.el.input(type="hidden", name="next", value=next_path),
        action="/api/auth/google",
        label=label,
        **props,
    )
