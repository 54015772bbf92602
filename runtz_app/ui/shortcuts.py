"""The list of keys, shown by "?" on every page."""

import reflex as rx

from runtz_app.ui.local import Local, source

SHORTCUTS = (
    ("Ctrl Enter", "Run, from the prompt"),
    ("← → ↑ ↓", "Move between cards"),
    ("K", "Keep the picture, or stop keeping it"),
    ("V", "Add to a collection"),
    ("Enter", "Look at the picture, large"),
    ("C", "Compare the pictures of the job"),
    ("R", "Remix this picture"),
    ("A", "Run this card again"),
    ("P", "Copy the prompt"),
    ("D", "Download the original"),
    ("I", "Details: the receipt"),
    ("/", "Search the vault"),
    ("Space, Shift", "In the vault: select one, or everything between"),
    ("G", "In the vault: tag"),
    ("Delete", "In the vault: move to the trash; Ctrl Z takes it back"),
    ("Esc", "Close what is open"),
    ("?", "This list"),
)


class Shortcuts(Local):
    """A dialog that "?" opens, unless one is typing."""

    library = source("shortcuts.jsx")
    tag = "Shortcuts"


def shortcuts() -> rx.Component:
    """The dialog, closed."""
    rows = [
        rx.fragment(rx.el.dt(rx.el.kbd(keys, class_name="key")), rx.el.dd(meaning))
        for keys, meaning in SHORTCUTS
    ]
    return Shortcuts.create(rx.el.dl(*rows, class_name="key-list"))
