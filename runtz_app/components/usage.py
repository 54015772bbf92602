"""The JSX parts of the usage page (see assets/js/usage.jsx)."""

from typing import Any

import reflex as rx

from runtz_app.ui.local import Local, source


class DayChart(Local):
    """Credits per day, stacked by provider, with the same as a table."""

    library = source("usage.jsx")
    tag = "DayChart"

    days: rx.Var[list[Any]]
    series: rx.Var[list[Any]]
    label: rx.Var[str]


class Entries(Local):
    """The account's lines, fetched by the page; a new `tick` reads them again."""

    library = source("usage.jsx")
    tag = "Entries"

    tick: rx.Var[int]
    unsettled: rx.Var[int]
