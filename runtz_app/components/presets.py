"""What stands below the prompt box: presets, questions, moods, suggestions, wildcards (see assets/js/presets.jsx)."""

from typing import Any

import reflex as rx

from runtz_app.components.picture_words import picture_words
from runtz_app.state.composer import ComposerState
from runtz_app.ui.local import Local, source


class PresetPanel(Local):
    """The panel; it writes into the same draft as the prompt box. Its child is shown for "From a picture"."""

    library = source("presets.jsx")
    tag = "PresetPanel"

    row: rx.Var[list[Any]]
    ratio: rx.Var[str]
    samples: rx.Var[int]
    credits: rx.Var[int]


def presets() -> rx.Component:
    """The panel for the composer."""
    return PresetPanel.create(
        picture_words(),
        row=ComposerState.row,
        ratio=ComposerState.ratio,
        samples=ComposerState.samples,
        credits=ComposerState.credits,
    )
