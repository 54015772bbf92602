"""The list of keys, shown by "?" on every page."""

import reflex as rx

from runtz_app.ui.local import Local, source

SHORTCUTS = {
    "Everywhere": (
        ("Ctrl K", "Search or jump"),
        ("?", "This list"),
        ("Esc", "Close what is open"),
    ),
    "Studio and jobs": (
        ("Ctrl Enter", "Run, from the prompt"),
        ("← → ↑ ↓", "Move between cards"),
        ("Enter", "Look at the picture, large"),
        ("K", "Keep the picture, or stop keeping it"),
        ("V", "Add to a collection"),
        ("C", "Compare the pictures of the job"),
        ("R", "Remix this picture"),
        ("A", "Run this card again"),
        ("P", "Copy the prompt"),
        ("D", "Download the original"),
        ("I", "Details: the receipt"),
    ),
    "Vault": (
        ("/", "Search"),
        ("Space Shift", "Select one, or everything between"),
        ("G", "Tag"),
        ("Del", "Move to the trash; Ctrl Z takes it back"),
    ),
    "Looking at a picture": (
        ("← →", "The one before, the next"),
        ("K V R", "Keep, add to a collection, remix"),
        ("1 … 5", "Rate; the same again takes it back"),
        ("S C", "Share, compare"),
        ("Z F + −", "100 %, whole, closer, further"),
        ("Del U", "Delete, undo"),
    ),
    "Comparing": (
        ("1 … 6", "Pick; again takes it back"),
        ("0 T", "None, a tie"),
        ("Z F L", "100 %, whole, loupe"),
        ("B", "Hide the names and shuffle"),
        ("← →", "Swap with the neighbour"),
        ("Space", "Hold to see the whole"),
    ),
}


class Shortcuts(Local):
    """A dialog that "?" opens, unless one is typing."""

    library = source("shortcuts.jsx")
    tag = "Shortcuts"


def shortcuts() -> rx.Component:
    """The dialog, closed."""
    parts = [
        rx.el.section(
            rx.el.h3(where, class_name="menu-title"),
            rx.el.dl(
                *[
                    rx.fragment(rx.el.dt(rx.el.kbd(keys, class_name="key")), rx.el.dd(meaning))
                    for keys, meaning in rows
                ],
                class_name="key-list",
            ),
        )
        for where, rows in SHORTCUTS.items()
    ]
    return Shortcuts.create(*parts)
