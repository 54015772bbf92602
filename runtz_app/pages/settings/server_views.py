"""How the panel of own servers looks."""

from typing import Any

import reflex as rx

from runtz_app.pages.settings.keys import test_answer, test_button
from runtz_app.ui.button import button, icon_button
from runtz_app.ui.field import text_field
from runtz_app.ui.notice import notice
from runtz_core.connections.servers import ModelRow, ServerRow

State = type[Any]


def servers_view(state: State) -> rx.Component:
    """The panel: what such a server is, the declared ones, the form for another."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Your own servers", class_name="title-section grow"),
            button("Add server", icon_name="plus", small=True, on_click=state.edit("new")),
            class_name="setting-line",
        ),
        rx.el.p(
            "Any server that speaks OpenAI's image API: stable-diffusion.cpp, LocalAI, vLLM, a gateway. "
            "Plain http:// is accepted on this machine and the local network only.",
            class_name="lead",
        ),
        rx.cond(state.editing == "new", _server_form(state)),
        rx.foreach(state.rows, lambda row: _server(state, row)),
        rx.cond(
            (state.rows.length() == 0) & (state.editing == ""),
            rx.el.p("None yet.", class_name="fine"),
        ),
        class_name="panel setting",
    )


def _server(state: State, row: rx.Var[ServerRow]) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.div(
                rx.el.strong(row.label), rx.el.code(row.base_url, class_name="models"), class_name="names"
            ),
            rx.cond(row.last_four != "", rx.el.span("key saved", class_name="tag")),
            rx.el.div(
                test_button(row.provider, row.label, state),
                button("Edit", small=True, on_click=state.edit(row.server_id)),
                button(
                    rx.cond(state.removing == row.server_id, "Remove for good", "Remove"),
                    kind="danger",
                    small=True,
                    on_click=state.remove_server(row.server_id),
                ),
                class_name="setting-buttons",
            ),
            class_name="setting-row",
        ),
        test_answer(row.provider, state),
        rx.cond(state.editing == row.server_id, _server_form(state, row)),
        _models(state, row),
        class_name="setting-item hue-compatible",
    )


def _models(state: State, row: rx.Var[ServerRow]) -> rx.Component:
    adding = state.adding_model == row.server_id
    return rx.el.div(
        rx.foreach(row.models, lambda model: _model(state, model)),
        rx.cond(
            row.models.length() == 0,
            rx.el.p("No models yet: add one so that it can be chosen in the Studio.", class_name="attention"),
        ),
        rx.cond(
            adding,
            _model_form(state, row.server_id),
            button(
                "Add model",
                icon_name="plus",
                kind="quiet",
                small=True,
                on_click=state.add_model(row.server_id),
            ),
        ),
        class_name="server-models",
    )


def _model(state: State, model: rx.Var[ModelRow]) -> rx.Component:
    return rx.el.div(
        rx.el.span(model.label, class_name="model-label"),
        rx.el.code(model.model),
        rx.el.span(model.sizes, class_name="mono muted"),
        rx.el.span(f"${model.usd}", class_name="mono"),
        icon_button("trash_2", f"Remove {model.label}", on_click=state.remove_model(model.model_id)),
        class_name="model-row",
    )


def _problem(state: State, field: str) -> rx.Var[str]:
    return rx.cond(state.problem_field == field, state.problem, "")


def _server_form(state: State, row: rx.Var[ServerRow] | None = None) -> rx.Component:
    server_id: Any = "new" if row is None else row.server_id
    saved_key = False if row is None else row.last_four != ""
    return rx.el.form(
        text_field(
            "Name",
            name="label",
            default_value="" if row is None else row.label,
            placeholder="Basement GPU",
            problem=_problem(state, "label"),
            auto_focus=True,
        ),
        text_field(
            "Base URL",
            name="base_url",
            mono=True,
            default_value="" if row is None else row.base_url,
            placeholder="http://192.168.1.20:8080/v1",
            help_text="Up to and including /v1.",
            problem=_problem(state, "base_url"),
        ),
        text_field(
            "Key",
            name="key",
            type="password",
            mono=True,
            placeholder=rx.cond(
                saved_key, "Leave empty to keep the saved key", "Most local servers need none"
            ),
            problem=_problem(state, "key"),
        ),
        _form_end(state, state.edit(server_id)),
        on_submit=state.save_server,
        class_name="setting-form",
    )


def _model_form(state: State, server_id: rx.Var[str]) -> rx.Component:
    return rx.el.form(
        text_field(
            "Model",
            name="model",
            mono=True,
            placeholder="sdxl-turbo",
            help_text="As the server spells it.",
            problem=_problem(state, "model"),
            auto_focus=True,
        ),
        text_field(
            "Name shown", name="label", placeholder="The model's own name", problem=_problem(state, "label")
        ),
        text_field(
            "Sizes",
            name="sizes",
            mono=True,
            placeholder="1024x1024, 1536x1024, 1024x1536",
            help_text="Pixels the server makes, with commas between. A ratio gets the nearest of them.",
            problem=_problem(state, "sizes"),
        ),
        text_field(
            "Price of a picture, in dollars",
            name="usd",
            mono=True,
            input_mode="decimal",
            placeholder="0.00",
            help_text="0 is a price; empty is not.",
            problem=_problem(state, "usd"),
        ),
        _form_end(state, state.add_model(server_id)),
        on_submit=state.save_model,
        class_name="setting-form",
    )


def _form_end(state: State, close: Any) -> rx.Component:
    return rx.fragment(
        rx.cond(state.problem_field == "server", notice("failed", state.problem)),
        rx.el.div(
            button("Save", kind="primary", type="submit"),
            button("Cancel", kind="quiet", on_click=close),
            class_name="form-buttons",
        ),
    )
