"""Inline styles for values only known while the page runs: shapes, widths, shares."""

from typing import Any

import reflex as rx


def inline_style(values: dict[str, Any]) -> dict[str, rx.Var]:
    """`custom_attrs` holding a style attribute; keys are custom properties or camelCase names.

    Reflex's own `style` would make a new style sheet rule for every value.
    """
    return {"style": rx.Var.create(values)}
