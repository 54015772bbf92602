"""What surrounds every page: style sheets, the head, and the overlays of the whole app."""

from collections.abc import Callable

import reflex as rx
from reflex_components_core.base.error_boundary import ErrorBoundary

from runtz_app.ui.button import link_button
from runtz_app.ui.notice import empty_state
from runtz_app.ui.offline import offline_banner
from runtz_app.ui.tokens import BACKGROUND

STYLESHEETS = [
    "/theme.css",
    "/controls.css",
    "/frame.css",
    "/composer.css",
    "/craft.css",
    "/cards.css",
    "/receipt.css",
    "/history.css",
    "/batch.css",
    "/settings.css",
    "/usage.css",
    "/vault.css",
    "/admin.css",
    "/welcome.css",
    "/account.css",
    "/remix.css",
    "/lightbox.css",
    "/compare.css",
    "/image.css",
    "/palette.css",
]

_FONTS = ["inter-latin-wght-normal", "chakra-petch-latin-600-normal", "jetbrains-mono-latin-wght-normal"]


def head_components() -> list[rx.Component]:
    """Fonts of the first screen, icons, and what makes the app installable."""
    fonts = [
        rx.el.link(
            rel="preload", href=f"/fonts/{name}.woff2", custom_attrs={"as": "font"}, type="font/woff2",
            cross_origin="anonymous",
        )
        for name in _FONTS
    ]  # fmt: skip
    return [
        *fonts,
        rx.el.link(rel="icon", href="/icon.svg", type="image/svg+xml"),
        rx.el.link(rel="apple-touch-icon", href="/icon-192.png"),
        rx.el.link(rel="manifest", href="/manifest.webmanifest"),
        rx.el.meta(name="theme-color", content=BACKGROUND),
        rx.el.meta(name="color-scheme", content="dark"),
    ]


def app_wraps() -> dict[tuple[int, str], Callable[[bool], rx.Component | None]]:
    """Our overlays in the place of Reflex's: the offline banner and the page for an error in the browser."""
    return {
        (55, "ErrorBoundary"): lambda stateful: _error_boundary(),
        (5, "Overlay"): lambda stateful: offline_banner() if stateful else None,
    }


def _error_boundary() -> rx.Component:
    fallback = empty_state(
        "circle_x",
        "This page stopped working",
        "Nothing you made is lost: jobs run on the server. Load the page again to go on.",
        link_button("Load again", href="", icon_name="rotate_cw"),
    )
    return ErrorBoundary.create(fallback_render=fallback)
