"""A button whose double click is one event: it sends a key and waits for the server's answer."""

import reflex as rx

from runtz_app.ui.local import Local, source


def _key(key: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (key,)


class OnceButton(Local):
    """Sends the same key until `answers`, the server's count of answers, has grown."""

    library = source("once_button.jsx")
    tag = "OnceButton"

    answers: rx.Var[int]
    on_once: rx.EventHandler[_key]
