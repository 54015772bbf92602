"""A new password by the link that the owner made."""

import reflex as rx

from runtz_app.components.account import AccountForm, new_password
from runtz_app.components.entrance import entrance
from runtz_app.ui.link import page_link
from runtz_app.ui.page import page

NEEDS = "Open the whole link that the owner of this server sent you: its last part is missing."


@page("/reset", "New password", frame=False)
def reset() -> rx.Component:
    return entrance(
        "Choose a new password. It signs you in here and ends every other session of yours.",
        AccountForm.create(
            new_password("New password"),
            action="/api/auth/reset",
            code_name="code",
            needs=NEEDS,
            label="Save and sign in",
            class_name="account-form",
            button_class="button primary large",
        ),
        rx.el.p("Know your password? ", page_link("Sign in", to="/welcome"), ".", class_name="visitor-help"),
    )
