"""Whether this browser tells when a job is done; the browser keeps the answer, not the server."""

import reflex as rx

from runtz_app.ui.local import Local, source


class NotificationSwitch(Local):
    """Asks the browser for permission when clicked, and says what it answered."""

    library = source("notification_switch.jsx")
    tag = "NotificationSwitch"


def notifications_panel() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Notifications", class_name="title-section"),
        rx.el.p("A job that finishes while its tab is in the background can tell you.", class_name="lead"),
        NotificationSwitch.create(),
        class_name="panel setting",
    )
