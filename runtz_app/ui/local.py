"""The base of components written in JSX: what must answer at once, without a round trip to the server."""

import reflex as rx

NO_ARGUMENTS = rx.event.no_args_event_spec


class Local(rx.Component):
    """A component from `assets/js`: a subclass gives the file as `library` and its export as `tag`."""


def source(file: str) -> str:
    """The import path of a file in `assets/js`."""
    return f"$/public/js/{file}"
