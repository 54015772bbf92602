"""What stands below the prompt box: presets, questions, moods, suggestions, wildcards (see assets/js/presets.jsx)."""

from typing import Any

import reflex as rx

from runtz_app.components.picture_words import picture_words
from runtz_app.state.composer import ComposerState
from runtz_app.state.craft import CraftState
from runtz_app.state.remix import RemixState
from runtz_app.ui.local import Local, source


class PresetPanel(Local):
    """The panel; it writes into the same draft as the prompt box. Its child is shown for "From a picture"."""

    library = source("presets.jsx")
    tag = "PresetPanel"

    row: rx.Var[list[Any]]
    ratio: rx.Var[str]
    samples: rx.Var[int]
    credits: rx.Var[int]
    pictures: rx.Var[bool]  # something goes in besides words
    drafted: rx.Var[str]  # the idea that versions for each model are written for


def presets() -> rx.Component:
    """The panel for the composer."""
    return PresetPanel.create(
        picture_words(),
        row=ComposerState.row,
        ratio=ComposerState.ratio,
        samples=ComposerState.samples,
        credits=ComposerState.credits,
        pictures=RemixState.open,
        drafted=rx.cond(CraftState.on & (CraftState.draft.state == "ready"), CraftState.draft.idea, ""),
    )
