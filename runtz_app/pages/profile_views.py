"""How the profile looks: a panel for each thing one can decide about one's own account."""

from typing import Any

import reflex as rx

from runtz_app.components.account import (
    AccountForm,
    confirming_password,
    email_field,
    google_form,
    new_password,
)
from runtz_app.components.live import TimeAgo
from runtz_app.components.looking import ShareLinks
from runtz_app.ui.field import select_field, text_field
from runtz_app.ui.link import plain_link
from runtz_app.ui.post import post_form

State = type[Any]

_DO, _DANGER = "button", "button danger"


def panels(state: State) -> rx.Component:
    """Everything, once the account is read."""
    return rx.fragment(
        _identity(state),
        _password(state),
        rx.cond(state.google_possible | state.google, _google(state)),
        _sessions(state),
        _tokens(state),
        _links(),
        _data(),
        rx.cond(state.is_owner, rx.fragment(), _leaving(state)),
    )


def bones() -> rx.Component:
    """Shapes where the panels will be."""
    return rx.fragment(*[rx.el.div(class_name="bone account-bone") for _ in range(3)])


def _panel(title: str, lead: Any, *children: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2(title, class_name="title-section"),
        rx.el.p(lead, class_name="lead"),
        *children,
        class_name="panel setting",
    )


def _links() -> rx.Component:
    return rx.el.div(
        _panel(
            "Share links",
            "Whoever has such a link sees its pictures without an account, until it ends or you revoke it.",
            ShareLinks.create(
                empty="No links yet. Share a picture from its page, the lightbox or a comparison."
            ),
        ),
        id="links",
    )


def _identity(state: State) -> rx.Component:
    return _panel(
        "You",
        rx.cond(
            state.is_owner,
            "With an e-mail and a password you need no link to sign in; a link works all the same.",
            "The name is shown to you and to the owner of this server; the e-mail is what you sign in with.",
        ),
        AccountForm.create(
            # key: drawn anew when the server has other words.
            text_field(
                "Name",
                name="name",
                default_value=state.name,
                key=state.name,
                autocomplete="name",
                max_length=80,
            ),
            email_field(default_value=state.email, key=state.email),
            rx.cond(
                state.has_password,
                confirming_password(help_text="Only for another e-mail.", needed=False),
            ),
            action="/api/account/profile",
            label="Save",
            said="Saved.",
            on_done=state.saved,
            class_name="account-panel",
            button_class=_DO,
        ),
    )


def _password(state: State) -> rx.Component:
    return _panel(
        "Password",
        "A new one ends every other session of yours.",
        AccountForm.create(
            rx.cond(state.has_password, confirming_password()),
            new_password("New password"),
            action="/api/account/password",
            label=rx.cond(state.has_password, "Change password", "Set password"),
            said="Changed. Other sessions have ended.",
            on_done=state.saved,
            class_name="account-panel",
            button_class=_DO,
        ),
    )


def _google(state: State) -> rx.Component:
    connected = AccountForm.create(
        action="/api/account/google/disconnect",
        label="Disconnect Google",
        on_done=state.saved,
        button_class=_DO,
    )
    return _panel(
        "Google",
        rx.cond(
            state.google, "A Google account signs you in here.", "Sign in without a password from now on."
        ),
        rx.cond(state.google, connected, google_form("Connect Google", button_class=_DO)),
    )


def _sessions(state: State) -> rx.Component:
    others = AccountForm.create(
        action="/api/account/sessions/end",
        label="End all others",
        said="Ended.",
        on_done=state.saved,
        button_class=_DO,
    )
    return _panel(
        "Sessions",
        "Browsers you are signed in with. One that is not used for 12 hours ends by itself.",
        rx.el.ul(rx.foreach(state.seats, lambda seat: _seat(state, seat)), class_name="seats"),
        rx.cond(state.seats.length() > 1, others),
    )


def _seat(state: State, seat: rx.Var[Any]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.strong(seat.device),
            rx.cond(
                seat.here,
                rx.el.span("this browser", class_name="tag"),
                rx.el.span("used ", TimeAgo.create(at=seat.seen_at, now=state.now), class_name="muted"),
            ),
            class_name="names",
        ),
        rx.cond(
            seat.here,
            rx.fragment(),
            AccountForm.create(
                action=f"/api/account/sessions/{seat.session_id}/end",
                label="End",
                on_done=state.saved,
                button_class="button small",
            ),
        ),
        key=seat.session_id,
        class_name="seat",
    )


def _tokens(state: State) -> rx.Component:
    return _panel(
        "API tokens",
        "A token lets a program act for you: see your jobs and pictures, and, if you say so, run prompts that cost "
        "your credits. It is shown once; keep it as you would a password.",
        rx.el.ul(rx.foreach(state.tokens, lambda token: _token(state, token)), class_name="seats"),
        AccountForm.create(
            text_field(
                "Name", name="name", required=True, max_length=60, placeholder="What will use it",
                help_text="So that you know later which one to revoke.",
            ),
            select_field("May", [("read", "Read"), ("run", "Read and run")], name="may"),
            action="/api/account/tokens",
            label="Make a token",
            said="Made. Copy it now: it cannot be shown again.",
            on_done=state.saved,
            class_name="account-panel",
            button_class=_DO,
        ),
        rx.el.p(
            "The API is described at ",
            plain_link("/api/v1/openapi.json", href="/api/v1/openapi.json", class_name="link"),
            ".",
            class_name="fine",
        ),
    )  # fmt: skip


def _token(state: State, token: rx.Var[Any]) -> rx.Component:
    used = rx.cond(
        token.used_at > 0,
        rx.fragment("used ", TimeAgo.create(at=token.used_at, now=state.now)),
        "not used yet",
    )
    return rx.el.li(
        rx.el.div(
            rx.el.strong(token.name),
            rx.el.code(f"…{token.last_four}"),
            rx.el.span(token.may, class_name="muted"),
            rx.el.span(used, class_name="muted"),
            class_name="names",
        ),
        AccountForm.create(
            action=f"/api/account/tokens/{token.token_id}/revoke",
            label="Revoke",
            on_done=state.saved,
            button_class="button small",
        ),
        key=token.token_id,
        class_name="seat",
    )


def _data() -> rx.Component:
    download = rx.el.button("Download my data", type="submit", class_name=_DO)
    return _panel(
        "Your data",
        "One ZIP with everything kept about you: profile, jobs, calls, credits as JSON, and every picture as received.",
        post_form("/api/account/export", download),
    )


def _leaving(state: State) -> rx.Component:
    return _panel(
        "Delete account",
        "Your prompts and pictures are erased; pictures still being made finish or are released first. "
        "The books keep amounts and dates without your name. This cannot be undone; download your data before.",
        AccountForm.create(
            text_field("Type “delete my account”", name="confirm", required=True),
            rx.cond(state.has_password, confirming_password()),
            action="/api/account/delete",
            label="Delete my account",
            class_name="account-panel",
            button_class=_DANGER,
        ),
    )
