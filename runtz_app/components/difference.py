"""Two texts word by word, what was added and removed marked."""

import reflex as rx

from runtz_core.jobs.views import DiffWord


def difference_word(word: rx.Var[DiffWord]) -> rx.Component:
    """One word of a difference."""
    return rx.match(
        word.kind,
        ("added", rx.el.ins(word.text)),
        ("removed", rx.el.del_(word.text)),
        rx.el.span(word.text),
    )
