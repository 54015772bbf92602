"""The settings page, put together."""

import reflex as rx

from runtz_app.pages.settings.keys import KeysState, keys_panel
from runtz_app.pages.settings.notifications import notifications_panel
from runtz_app.pages.settings.servers import ServersState, servers_panel
from runtz_app.ui.page import page


@page("/settings", "Settings", on_load=[KeysState.load, ServersState.load], narrow=True)
def settings() -> rx.Component:
    return rx.el.div(
        rx.el.h1("Settings", class_name="title-page"),
        keys_panel(),
        servers_panel(),
        notifications_panel(),
        class_name="settings",
    )
