"""What the page says while the server is out of reach."""

import reflex as rx
from reflex_components_core.core.banner import has_too_many_connection_errors

from runtz_app.ui.icon import icon


def offline_banner() -> rx.Component:
    """Shown from the second failed attempt on, so that a restart of the server does not flash it."""
    words = "Connection lost. Running jobs go on; this page catches up when the server is back."
    banner = rx.el.div(icon("wifi_off"), words, role="alert", class_name="offline")
    return rx.cond(has_too_many_connection_errors, banner)
