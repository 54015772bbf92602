"""One picture as a page: what it is, its family, its links; and its receipt in the drawer."""

import reflex as rx

from runtz_app.components.looking import ImagePage
from runtz_app.components.receipt import receipt_drawer
from runtz_app.state.comparison import ComparisonState
from runtz_app.ui.page import page


@page("/images/[image_id]", "Picture", section="/vault")
def image() -> rx.Component:
    """The picture itself is read and drawn in the browser; only the receipt comes by way of the state."""
    return rx.fragment(
        ImagePage.create(on_receipt=lambda call_id: ComparisonState.act("details", call_id)),
        receipt_drawer(),
    )
