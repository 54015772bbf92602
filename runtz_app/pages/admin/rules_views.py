"""How the panels of limits and models look."""

from typing import Any

import reflex as rx

from runtz_app.ui.button import button
from runtz_app.ui.field import select_field, switch, text_field
from runtz_app.ui.notice import notice, problem_notice
from runtz_core.jobs.oversight import CapRow, ModelRow
from runtz_core.users.models import Registration

State = type[Any]

REGISTRATION = [
    (Registration.INVITE.value, "By invitation"),
    (Registration.OPEN.value, "Anybody"),
    (Registration.CLOSED.value, "Nobody"),
]


def limits_view(state: State) -> rx.Component:
    """Limits for everybody and caps by provider, one form."""
    return rx.el.section(
        rx.el.h2("Caps and house rules", class_name="title-section"),
        rx.el.p("Days are those of the house's time zone. Empty is no limit.", class_name="control muted"),
        rx.cond(state.loaded, _limits_form(state), rx.el.div(class_name="bone lines-bone")),
        class_name="panel padded",
    )


def _limits_form(state: State) -> rx.Component:
    return rx.el.form(
        select_field("Who may register", REGISTRATION, name="registration", default_value=state.registration),
        _number("Credits a day, everybody together", "daily_cap", state.daily_cap),
        _number("Credits a day and person", "person_daily_cap", state.person_daily_cap),
        _number("Ask before runs above, credits", "confirm_above", state.confirm_above),
        _number("Storage a person, MB", "storage_quota", state.storage_quota),
        rx.foreach(state.caps, _cap),
        rx.el.div(
            problem_notice(state.problem),
            rx.cond(state.said != "", notice("ok", state.said)),
            button("Save", kind="primary", type="submit"),
            class_name="stack whole",
        ),
        on_submit=state.save_limits,
        class_name="limits-form",
    )


def _number(label: str, name: str, value: Any) -> rx.Component:
    return text_field(
        label, name=name, default_value=value, mono=True, input_mode="numeric", placeholder="no limit"
    )


def _cap(row: rx.Var[CapRow]) -> rx.Component:
    label = rx.el.span(
        rx.el.span(class_name=f"hue hue-{row.hue}"), row.label, " a day, credits", class_name="label name"
    )
    field = rx.el.input(
        name=f"cap-{row.provider}", default_value=row.cap, input_mode="numeric", class_name="value",
        placeholder="no limit", autocomplete="off",
    )  # fmt: skip
    return rx.el.label(label, rx.el.span(field, class_name="field"), key=row.provider, class_name="labelled")


def models_view(state: State) -> rx.Component:
    """Every model: on or off, markup, what a picture costs by it."""
    return rx.el.section(
        rx.el.h2("Models", class_name="title-section"),
        rx.el.p(
            "100 % sells at the provider's price (1 credit is a tenth of a cent). Runs already submitted keep theirs.",
            class_name="control muted",
        ),
        problem_notice(state.model_problem),
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    rx.el.th("Model", scope="col"),
                    rx.el.th("A square picture", scope="col", class_name="number wide-only"),
                    rx.el.th("Sold at, %", scope="col", class_name="number"),
                    rx.el.th("On", scope="col", class_name="number"),
                )
            ),
            rx.el.tbody(rx.foreach(state.models, lambda row: _model(state, row))),
            class_name="uses",
        ),
        class_name="panel padded",
    )


def _model(state: State, row: rx.Var[ModelRow]) -> rx.Component:
    name = rx.el.span(
        rx.el.span(class_name=f"hue hue-{row.hue}"), row.label,
        rx.el.span(row.provider_label, class_name="basis muted"), class_name="name",
    )  # fmt: skip
    markup = rx.el.input(
        default_value=row.markup, key=row.markup, input_mode="decimal", aria_label=f"{row.label} is sold at, percent",
        class_name="value", on_blur=lambda percent: state.set_markup(row.model, percent),
    )  # fmt: skip
    return rx.el.tr(
        rx.el.th(name, scope="row"),
        rx.el.td(row.price, class_name="number wide-only"),
        rx.el.td(rx.el.span(markup, class_name="field small-field percent"), class_name="number"),
        rx.el.td(
            switch(f"{row.label} can be chosen", on=row.enabled, on_click=state.switch_model(row.model)),
            class_name="number",
        ),
        key=row.model,
        class_name=rx.cond(row.enabled, "", "off"),
    )
