"""The frame of every page, and the one decorator that registers pages with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from runtz_app.components.banners import banners
from runtz_app.components.looking import Palette, PaletteButton, overlays
from runtz_app.components.vault import CollectDialog
from runtz_app.state.session import SessionState
from runtz_app.ui.dialog import menu
from runtz_app.ui.icon import icon
from runtz_app.ui.link import page_link, plain_link
from runtz_app.ui.notice import problem_notice
from runtz_app.ui.number import grouped
from runtz_app.ui.post import post_form
from runtz_app.ui.shortcuts import shortcuts
from runtz_app.ui.tokens import ICON_NAVIGATION

PageBody = Callable[[], rx.Component]


@dataclass(frozen=True, kw_only=True)
class Destination:
    """One entry of the navigation."""

    label: str
    route: str
    icon_name: str
    on_phone: bool = True  # at the bottom there; else in the account's menu


DESTINATIONS = (
    Destination(label="Studio", route="/", icon_name="sparkles"),
    Destination(label="Vault", route="/vault", icon_name="images"),
    Destination(label="Prompts", route="/prompts", icon_name="notebook_pen", on_phone=False),
    Destination(label="Batch", route="/batch", icon_name="layers", on_phone=False),
    Destination(label="History", route="/history", icon_name="history"),
    Destination(label="Usage", route="/usage", icon_name="chart_column"),
    Destination(label="Settings", route="/settings", icon_name="settings_2"),
)

PALETTE_PAGES = [
    *({"label": one.label, "route": one.route, "owner": False} for one in DESTINATIONS),
    {"label": "Profile", "route": "/profile", "owner": False},
    {"label": "Admin", "route": "/admin", "owner": True},
]


def page(
    route: str,
    title: str,
    *,
    on_load: Any = None,
    section: str = "",
    frame: bool = True,
    narrow: bool = False,
) -> Callable[[PageBody], PageBody]:
    """Register a page. Every framed page first loads who is signed in, then runs its own `on_load`.

    `section` is the route of the navigation entry to mark, when it is not the page itself. Pages without
    the frame (first run, sign-in) load nobody.
    """
    events = [*([SessionState.load] if frame else []), *_listed(on_load)]

    def register(body: PageBody) -> PageBody:
        def framed() -> rx.Component:
            return _framed(body(), section or route, narrow) if frame else _bare(body())

        framed.__name__ = body.__name__
        rx.page(route=route, title=f"{title} · Runtz AI", on_load=events)(framed)
        return body

    return register


def _listed(on_load: Any) -> list[Any]:
    if on_load is None:
        return []
    return on_load if isinstance(on_load, list) else [on_load]


def _framed(body: rx.Component, section: str, narrow: bool) -> rx.Component:
    return rx.el.div(
        plain_link("Skip to content", href="#main", class_name="skip-link"),
        _top_bar(section),
        rx.el.main(
            _trouble(),
            banners(),
            body,
            id="main",
            tab_index=-1,
            class_name="main narrow" if narrow else "main",
        ),
        _bottom_bar(section),
        shortcuts(),
        *overlays(),
        Palette.create(pages=PALETTE_PAGES, owner=SessionState.is_owner),
        CollectDialog.create(),
        class_name="page",
    )


def _trouble() -> rx.Component:
    """What an unexpected failure says, on whatever page it happened."""
    return problem_notice(SessionState.trouble, SessionState.dismiss_trouble)


def _bare(body: rx.Component) -> rx.Component:
    wordmark = page_link("Runtz AI", to="/", class_name="wordmark")
    return rx.el.div(
        rx.el.header(wordmark, class_name="top-bar"),
        rx.el.main(body, id="main", class_name="main"),
        class_name="page bare",
    )


def _top_bar(section: str) -> rx.Component:
    links = [_nav_link(destination, section) for destination in DESTINATIONS]
    return rx.el.header(
        page_link("Runtz AI", to="/", class_name="wordmark"),
        rx.el.nav(*links, aria_label="Main", class_name="top-nav desk-only"),
        rx.el.span(class_name="grow"),
        _search_pill(),
        _running_pill(),
        _balance_pill(),
        _account_menu(),
        class_name="top-bar",
    )


def _search_pill() -> rx.Component:
    return PaletteButton.create(
        icon("search"),
        rx.el.span("Search or jump", class_name="palette-words"),
        rx.el.kbd("Ctrl K", class_name="key"),
        class_name="pill search-pill desk-only",
    )


def _nav_link(destination: Destination, section: str) -> rx.Component:
    return page_link(destination.label, to=destination.route, **_current(destination, section))


def _current(destination: Destination, section: str) -> dict[str, str]:
    return {"aria_current": "page"} if destination.route == section else {}


def _running_pill() -> rx.Component:
    running = SessionState.running
    words = rx.cond(running == 1, "1 job running", f"{running} jobs running")
    dot = rx.el.span(class_name="dot alive running")
    return rx.cond(running > 0, rx.el.span(dot, words, role="status", class_name="pill desk-only"))


def _balance_pill() -> rx.Component:
    held = rx.el.span(grouped(SessionState.held), " held", class_name="mono desk-only")
    known = SessionState.initials != ""  # before that nobody has been read, and "0 cr" would be a fright
    return rx.el.span(
        rx.el.span(rx.cond(known, grouped(SessionState.available), "–"), " cr", class_name="amount"),
        rx.cond(SessionState.held > 0, held),
        title="Credits you can spend, and what running pictures hold",
        class_name="pill",
    )


def _account_menu() -> rx.Component:
    sign_out = rx.el.button(icon("log_out"), "Sign out", type="submit", class_name="menu-item")
    return menu(
        rx.el.span(SessionState.initials, rx.el.span(" account", class_name="hidden"), class_name="avatar"),
        rx.el.div(SessionState.name, class_name="menu-title"),
        *[
            page_link(icon(one.icon_name), one.label, to=one.route, class_name="menu-item row phone-only")
            for one in DESTINATIONS
            if not one.on_phone
        ],
        page_link(icon("user_round"), "Profile", to="/profile", class_name="menu-item"),
        page_link(icon("settings_2"), "Settings", to="/settings", class_name="menu-item"),
        rx.cond(
            SessionState.is_owner,
            page_link(icon("shield_check"), "Admin", to="/admin", class_name="menu-item"),
        ),
        post_form("/api/auth/sign-out", sign_out, leaving=True),
        button_class="account",
    )


def _bottom_bar(section: str) -> rx.Component:
    links = [
        page_link(
            icon(destination.icon_name, ICON_NAVIGATION),
            destination.label,
            to=destination.route,
            **_current(destination, section),
        )
        for destination in DESTINATIONS
        if destination.on_phone
    ]
    return rx.el.nav(*links, aria_label="Main, at the bottom", class_name="bottom-bar")
