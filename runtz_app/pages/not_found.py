"""The page for an address that leads nowhere."""

import reflex as rx

from runtz_app.ui.link import page_link
from runtz_app.ui.notice import empty_state
from runtz_app.ui.page import page


@page("404", "Not here", frame=False)
def not_found() -> rx.Component:
    return empty_state(
        "search_x",
        "There is no such page",
        "The address may be mistyped, or what it led to was removed.",
        page_link("Go to the Studio", to="/", class_name="button"),
    )
