"""The JSX parts of the batch pages (see assets/js/batch_maker.jsx and batch_grid.jsx)."""

from typing import Any

import reflex as rx

from runtz_app.ui.local import Local, source


class BatchMaker(Local):
    """Prompts from one of four sources, their price, and Run; the children are chips, ratio and samples."""

    library = source("batch_maker.jsx")
    tag = "BatchMaker"

    row: rx.Var[list[Any]]
    ratio: rx.Var[str]
    samples: rx.Var[int]


class BatchPage(Local):
    """One batch; a new `tick` reads it again."""

    library = source("batch_grid.jsx")
    tag = "BatchPage"

    batch_id: rx.Var[str]
    tick: rx.Var[int]
