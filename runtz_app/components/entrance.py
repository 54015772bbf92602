"""The pages outside the door: a few words and a form beside a wall of pictures."""

from typing import Any

import reflex as rx

# Width over height of the pictures, in three columns.
WALL = (
    (("wall-2", 3 / 4), ("dunes", 3 / 4), ("wall-3", 4 / 3), ("wall-6", 3 / 4)),
    (("wall-1", 3 / 2), ("harbour", 3 / 4), ("wall-8", 3 / 2), ("wall-7", 1.0), ("wall-9", 3 / 4)),
    (("wall-4", 3 / 4), ("lighthouse", 3 / 4), ("wall-9", 3 / 4), ("wall-5", 3 / 4)),
)


def entrance(lead: Any, *children: Any) -> rx.Component:
    """A page for visitors: the name of the product, one sentence, and what they can do."""
    words = rx.el.section(
        rx.el.h1("Runtz AI", class_name="wordmark"),
        rx.el.p(lead, class_name="lead"),
        *children,
        class_name="visitor-words",
    )
    return rx.el.div(words, _wall(), class_name="visitor")


def _wall() -> rx.Component:
    columns = [
        rx.el.div(
            *[rx.el.img(src=f"/examples/{name}.webp", alt="", style={"aspectRatio": f"{shape:.3f}"})
              for name, shape in column]
        )
        for column in WALL
    ]  # fmt: skip
    return rx.el.div(*columns, aria_hidden="true", class_name="visitor-wall")
