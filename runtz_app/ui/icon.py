"""Line icons (lucide, 1.5 px); decoration by default, since the words beside them say the same."""

import reflex as rx

from runtz_app.ui.tokens import ICON


def icon(name: str, size: int = ICON, tone: str = "") -> rx.Component:
    """An icon `size` pixels wide that a screen reader passes over."""
    return rx.icon(name, size=size, stroke_width=1.5, aria_hidden="true", class_name=tone)
