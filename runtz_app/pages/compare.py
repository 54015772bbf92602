"""Pictures side by side, at an address of their own: /compare?ids=a,b."""

import reflex as rx

from runtz_app.components.looking import Compare
from runtz_app.ui.page import page


@page("/compare", "Compare", section="/")
def compare() -> rx.Component:
    """Everything in it is read and drawn in the browser: a view that follows the fingers waits for no server."""
    return Compare.create()
