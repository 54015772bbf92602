"""Banners above every page: what the owner has to know wherever they are."""

import reflex as rx

from runtz_app.state.banners import BannerState
from runtz_app.state.session import SessionState
from runtz_app.ui.button import button
from runtz_app.ui.link import page_link
from runtz_app.ui.notice import notice
from runtz_core.jobs.standing import RefusedKey


def banners() -> rx.Component:
    """One banner for each key that was refused."""
    return rx.foreach(SessionState.refused_keys, _refused)


def _refused(key: rx.Var[RefusedKey]) -> rx.Component:
    return rx.el.div(
        notice(
            "attention",
            rx.el.p(
                rx.el.strong(f"{key.label} refused its key"),
                ", so nothing more is sent there. What was refused cost nothing.",
            ),
            rx.el.div(
                page_link("Put in a new key", to="/settings", class_name="button small"),
                button(
                    "The key is good again",
                    kind="quiet",
                    small=True,
                    on_click=BannerState.try_again(key.lane),
                ),
                button("Put away", kind="quiet", small=True, on_click=BannerState.put_away(key.lane)),
                class_name="row",
            ),
        ),
        key=key.lane,
        class_name="banner",
    )
