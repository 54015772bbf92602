"""Studio: the composer, the comparison of the newest job below it, and the jobs before that."""

import reflex as rx

from runtz_app.components.comparison import comparison, comparison_bones
from runtz_app.components.composer import composer
from runtz_app.components.job_rows import earlier_jobs
from runtz_app.components.looking import Tour
from runtz_app.components.writing import Example
from runtz_app.state.comparison import ComparisonState
from runtz_app.state.composer import ComposerState
from runtz_app.state.craft import CraftState
from runtz_app.ui.icon import icon
from runtz_app.ui.page import page
from runtz_app.ui.tokens import ICON_EMPTY

EXAMPLES = (
    "Night harbour after rain, glass towers in low fog, one small lit ferry on black water, wide lens, quiet",
    "Dunes at dusk under two suns, long shadows, one line of footprints, soft grain",
    "Ink wash mountains in mist, one red sun, a flock of cranes, paper texture",
)


@page("/", "Studio", on_load=[ComposerState.load, CraftState.load])
def studio() -> rx.Component:
    """The place where prompts are run."""
    return rx.fragment(
        rx.el.h1("Studio", class_name="hidden"),
        composer(),
        rx.cond(
            ComparisonState.job.job_id != "",
            comparison(),
            rx.cond(ComparisonState.loading, comparison_bones(), _nothing_yet()),
        ),
        earlier_jobs(),
    )


def _nothing_yet() -> rx.Component:
    examples = [Example.create(words, prompt=words, class_name="example") for words in EXAMPLES]
    return rx.el.div(
        Tour.create(),
        icon("sparkles", ICON_EMPTY),
        rx.el.h2("Your pictures will be here", class_name="title"),
        rx.el.p(
            "Write a prompt and run it: every model answers at once, side by side. Or start from one of these."
        ),
        rx.el.div(*examples, class_name="welcome"),
        class_name="empty",
    )
