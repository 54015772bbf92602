"""The two kinds of links: between pages, followed in the browser, and to everything else, left to the browser."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import A
from reflex_components_core.react_router import link


def page_link(*children: Any, to: Any, **props: Any) -> rx.Component:
    """A link to a page of this app, followed without a reload."""
    return link(*children, to=to, **props)


def plain_link(*children: Any, href: Any, **props: Any) -> rx.Component:
    """A link to a file, the mounted API or a place on this page. Reflex's own `rx.el.a` would route it."""
    return A.create(*children, href=href, **props)
