"""The prompt library. It is read and written by the browser over the mounted API, so there is no state here."""

import reflex as rx

from runtz_app.components.gradings import Gradings
from runtz_app.ui.local import Local, source
from runtz_app.ui.page import page


class PromptLibrary(Local):
    """Everything below the heading (see assets/js/prompt_library.jsx)."""

    library = source("prompt_library.jsx")
    tag = "PromptLibrary"


@page("/prompts", "Prompts")
def prompts() -> rx.Component:
    """The page."""
    return rx.fragment(
        rx.el.div(rx.el.h1("Prompts", class_name="title-page"), class_name="page-head"),
        PromptLibrary.create(),
        Gradings.create(),
    )
