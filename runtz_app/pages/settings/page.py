"""The settings page, put together: everybody's own keys and notifications, and the owner's panels."""

import reflex as rx

from runtz_app.pages.settings.keys import keys_panel
from runtz_app.pages.settings.notifications import notifications_panel
from runtz_app.pages.settings.own_keys import OwnKeysState, own_keys_panel
from runtz_app.pages.settings.servers import servers_panel
from runtz_app.pages.settings.writers import WritersState, writers_panel
from runtz_app.state.session import SessionState
from runtz_app.ui.page import page


@page("/settings", "Settings", on_load=[OwnKeysState.load, WritersState.load], narrow=True)
def settings() -> rx.Component:
    """The panels of whoever is signed in."""
    return rx.el.div(
        rx.el.h1("Settings", class_name="title-page"),
        rx.cond(SessionState.is_owner, rx.fragment(keys_panel(), servers_panel()), own_keys_panel()),
        writers_panel(),
        notifications_panel(),
        class_name="settings",
    )
