"""Links between pages: followed in the browser, without a reload."""

from typing import Any

import reflex as rx
from reflex_components_core.react_router import link


def page_link(*children: Any, to: Any, **props: Any) -> rx.Component:
    """A link to a page of this app; for files and the mounted API use `link_button` or a plain anchor."""
    return link(*children, to=to, **props)
