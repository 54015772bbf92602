"""What a visitor sees at the door: sign in with the code of a link, by e-mail and password, or with Google."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from sqlmodel import Session

from runtz_app.components.account import AccountForm, current_password, email_field, google_form
from runtz_app.components.entrance import entrance
from runtz_app.ui.icon import icon
from runtz_app.ui.link import page_link
from runtz_app.ui.local import Local, source
from runtz_app.ui.notice import notice, problem_notice
from runtz_core.credits.service import FREE_GRANT
from runtz_core.settings import Settings
from runtz_core.users import people, registration
from runtz_core.users.models import Registration

LEAD = "One prompt, every model, side by side. The pictures stay on this server."

PROBLEMS = {"link": "This link was used already, or it is older than 15 minutes."}
NEWS = {
    "out": "You are signed out in this browser.",
    "registered": "If this e-mail had no account here, it has one now. Sign in with the password you chose.",
    "deleted": "Your account is deleted. What was still being made is finished or released, then erased.",
}


@dataclass(frozen=True, kw_only=True)
class Door:
    """Which ways in there are. Says nothing about any person."""

    password: bool = False
    google: bool = False
    open_to_all: bool = False


def door(session: Session, settings: Settings) -> Door:
    """The ways in as they are now."""
    return Door(
        password=people.anybody_has_password(session),
        google=bool(settings.google_client_id and settings.google_client_secret),
        open_to_all=registration.rule(session) is Registration.OPEN,
    )


class SignIn(Local):
    """The button that uses the code in the address; without one, its children."""

    library = source("sign_in.jsx")
    tag = "SignIn"

    action: rx.Var[str]
    label: rx.Var[str]


def visitor(state: type[Any]) -> rx.Component:
    """Who is not signed in. `state` has problem, news, door and next_path."""
    return entrance(
        LEAD,
        problem_notice(state.problem),
        rx.cond(state.news != "", notice("ok", state.news)),
        SignIn.create(
            rx.cond(state.door.password | state.door.google, _forms(state), _no_code()),
            action="/api/auth/first-run",
            label="Sign in as owner",
            class_name="button primary large",
        ),
    )


def _forms(state: type[Any]) -> rx.Component:
    return rx.el.div(
        AccountForm.create(
            email_field(),
            current_password(),
            rx.el.input(type="hidden", name="next", value=state.next_path),
            action="/api/auth/sign-in",
            label="Sign in",
            remembers=True,
            class_name="account-form",
            button_class="button primary large",
        ),
        rx.cond(
            state.door.google,
            rx.fragment(
                rx.el.div("or", class_name="account-or"),
                google_form(
                    "Continue with Google",
                    next_path=state.next_path,
                    class_name="account-form",
                    button_class="button large plain",
                ),
            ),
        ),
        rx.el.p(
            rx.cond(
                state.door.open_to_all,
                rx.fragment(
                    "No account? ", page_link("Register", to="/register"), f". {FREE_GRANT} free credits."
                ),
                "New here, or the password is lost? The owner of this server can send you a link.",
            ),
            class_name="visitor-help",
        ),
        rx.el.p(
            "The owner signs in with ", rx.el.code("./runtz link"), " as well.", class_name="visitor-help"
        ),
    )


def _no_code() -> rx.Component:
    return rx.el.div(
        icon("link"),
        rx.el.div(
            "To sign in, open the link that ",
            rx.el.code("./runtz up"),
            " printed. For a new one, run ",
            rx.el.code("./runtz link"),
            " in the project's folder.",
        ),
        class_name="notice",
    )
