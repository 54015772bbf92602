"""Old gradings, fetched by the browser (see assets/js/gradings.jsx)."""

import reflex as rx

from runtz_app.ui.local import Local, source


class Gradings(Local):
    """The list with its trails; of one job's prompt when `job` names it."""

    library = source("gradings.jsx")
    tag = "Gradings"

    job: rx.Var[str]
