"""The owner's page, put together."""

import reflex as rx

from runtz_app.pages.admin.invitations import InvitationsState
from runtz_app.pages.admin.overview import OverviewState, overview_panel
from runtz_app.pages.admin.people import PeopleState
from runtz_app.pages.admin.people_views import people_view
from runtz_app.pages.admin.rules import RulesState
from runtz_app.pages.admin.rules_views import limits_view, models_view
from runtz_app.ui.link import page_link
from runtz_app.ui.page import page


@page(
    "/admin", "Admin", on_load=[OverviewState.load, PeopleState.load, InvitationsState.load, RulesState.load]
)
def admin() -> rx.Component:
    """Totals, queue, books, people, rules, models."""
    return rx.el.div(
        rx.el.div(
            rx.el.h1("Admin", class_name="title-page grow"),
            page_link("Provider keys and servers", to="/settings", class_name="button small"),
            class_name="usage-head",
        ),
        overview_panel(),
        people_view(PeopleState),
        rx.el.div(limits_view(RulesState), models_view(RulesState), class_name="admin-two"),
        class_name="usage admin",
    )
