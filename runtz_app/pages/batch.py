"""Many prompts at once: the page that makes a batch, and the one that shows it. Rows are fetched by the browser."""

import reflex as rx

from runtz_app.components.batch import BatchMaker, BatchPage
from runtz_app.components.chips import chip_row
from runtz_app.components.composer import ratio_field, samples_field
from runtz_app.state.composer import ComposerState
from runtz_app.state.session import PersonMixin
from runtz_app.ui.link import page_link
from runtz_app.ui.page import page
from runtz_core.ids import parse_id


class BatchState(PersonMixin, rx.State):
    """Which batch a tab looks at, and how often something of this person's has changed since."""

    shown: str = ""
    tick: int = 0

    @rx.event
    async def prepare(self) -> None:
        """The page that makes batches opens: the same models, ratio and samples as in the Studio."""
        await (await self.get_state(ComposerState))._remember()

    @rx.event
    async def open_route(self) -> None:
        """Show the batch named in the address of /batches/[batch_id]."""
        if (person := await self._person()) is None:
            return
        named = parse_id(self.router.url.path.rstrip("/").rpartition("/")[2])
        self.shown = str(named) if named else "none"
        self._watch(person)
        self.tick += 1

    async def _poke(self, job_id: str | None) -> None:
        self.tick += 1


@page("/batch", "Batch", on_load=BatchState.prepare)
def batch() -> rx.Component:
    """Prompts in, with what they will cost."""
    return rx.fragment(
        rx.el.div(
            rx.el.h1("Batch", class_name="title-page grow"),
            page_link("Earlier batches", to="/history", class_name="button small quiet"),
            class_name="page-head",
        ),
        BatchMaker.create(
            rx.el.h2("Models", class_name="title-section"),
            chip_row(),
            rx.el.div(ratio_field(), samples_field(), class_name="controls"),
            row=ComposerState.row,
            ratio=ComposerState.ratio,
            samples=ComposerState.samples,
        ),
    )


@page("/batches/[batch_id]", "Batch", on_load=BatchState.open_route, section="/batch")
def one_batch() -> rx.Component:
    """A batch with its grid."""
    return BatchPage.create(batch_id=BatchState.shown, tick=BatchState.tick)
