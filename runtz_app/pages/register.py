"""Making an account: open to all, by an invitation's link, or not at all, as the owner chose."""

from typing import Any

import reflex as rx

from runtz_app.components.account import AccountForm, email_field, google_form, new_password
from runtz_app.components.entrance import entrance
from runtz_app.pages.sign_in import Door, door
from runtz_app.state.session import PersonMixin, run_core
from runtz_app.ui.field import text_field
from runtz_app.ui.link import page_link
from runtz_app.ui.notice import notice
from runtz_app.ui.page import page
from runtz_core.credits.service import FREE_GRANT
from runtz_core.settings import get_settings
from runtz_core.users import registration
from runtz_core.users.models import Registration

NEEDS = "Registering here takes an invitation: open the whole link that the owner of this server sent you."


class RegisterState(PersonMixin, rx.State):
    """What the owner allows, for anybody who asks."""

    loaded: bool = False
    closed: bool = False
    door: Door = Door()

    @rx.event
    async def load(self) -> Any:
        """Open to everybody; reads nothing about anybody."""
        if await self._person() is not None:
            return rx.redirect("/")
        self.door = await run_core(door, get_settings())
        self.closed = await run_core(registration.rule) is Registration.CLOSED
        self.loaded = True
        return None


@page("/register", "Register", on_load=RegisterState.load, frame=False)
def register() -> rx.Component:
    return entrance(
        f"{FREE_GRANT} credits to begin with. Your prompts and pictures are yours alone.",
        rx.cond(
            RegisterState.loaded,
            rx.cond(RegisterState.closed, notice("", registration.CLOSED), _form()),
            rx.el.div(class_name="account-form"),
        ),
        rx.el.p("Have an account? ", page_link("Sign in", to="/welcome"), ".", class_name="visitor-help"),
    )


def _form() -> rx.Component:
    needs = rx.cond(RegisterState.door.open_to_all, "", NEEDS)
    return rx.fragment(
        AccountForm.create(
            text_field("Name", name="name", autocomplete="name", max_length=80, required=True),
            email_field(required=True),
            new_password(),
            rx.el.input(type="hidden", name="next", value="/welcome"),
            action="/api/auth/register",
            then="/api/auth/sign-in",
            code_name="invite",
            needs=needs,
            label="Register",
            remembers=True,
            class_name="account-form",
            button_class="button primary large",
        ),
        rx.cond(
            RegisterState.door.google,
            google_form(
                "Continue with Google",
                code_name="invite",
                needs=needs,
                quiet=True,
                class_name="account-form",
                button_class="button large plain",
            ),
        ),
    )
