"""How the people panel and its dialogs look."""

from typing import Any

import reflex as rx

from runtz_app.components.live import CopyButton
from runtz_app.pages.admin.invitations import invitations_view
from runtz_app.ui.button import button
from runtz_app.ui.dialog import menu, modal
from runtz_app.ui.field import labelled, select_field, text_field
from runtz_app.ui.icon import icon
from runtz_app.ui.notice import notice, problem_notice
from runtz_app.ui.number import grouped
from runtz_core.jobs.oversight import PersonMoney
from runtz_core.jobs.statement import Line
from runtz_core.users.models import Role, Tier

State = type[Any]

HEAD = ("Tier", "Available", "Held", "Spent, 30 days", "Stored")


def people_view(state: State) -> rx.Component:
    """The panel: invitation, everybody, and the dialog that is open."""
    return rx.el.section(
        rx.el.div(rx.el.h2("People", class_name="title-section grow"), _invitation(state), class_name="panel-head"),
        problem_notice(state.problem),
        rx.cond((state.link != "") & (state.dialog == ""), _link(state)),
        rx.el.div(
            rx.el.table(
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th("Who", scope="col"),
                        *[rx.el.th(word, scope="col", class_name="number") for word in HEAD],
                        rx.el.th(rx.el.span("What to do", class_name="hidden"), scope="col"),
                    )
                ),
                rx.el.tbody(rx.foreach(state.rows, lambda row: _person(state, row))),
                class_name="uses people",
            ),
            class_name="scrolls",
            tab_index=0,
            role="region",
            aria_label="People",
        ),
        invitations_view(),
        _money(state),
        _limits(state),
        class_name="panel padded",
    )  # fmt: skip


def _invitation(state: State) -> rx.Component:
    return rx.el.form(
        rx.el.input(
            name="note", placeholder="For whom? (a note)", aria_label="A note for the invitation",
            class_name="field plain", max_length=200, autocomplete="off",
        ),
        button("Invite", icon_name="user_plus", type="submit", small=True),
        on_submit=state.invite,
        reset_on_submit=True,
        class_name="row invitation",
    )  # fmt: skip


def _link(state: State) -> rx.Component:
    return notice(
        "ok",
        rx.el.div(rx.el.b(state.link_for), ". It is shown only now: copy it and send it yourself."),
        rx.el.div(
            rx.el.code(state.link, class_name="made-link"),
            CopyButton.create(
                icon("copy"), "Copy the link", path=state.link, said="Copied", label="Copy the link",
                class_name="button small",
            ),
            button("Done", kind="quiet", small=True, on_click=state.forget_link),
            class_name="row wrap",
        ),
    )  # fmt: skip


def _person(state: State, row: rx.Var[PersonMoney]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.el.span(row.name, class_name="ellipsis"),
            rx.cond(row.role == Role.OWNER.value, rx.el.span("owner", class_name="tag small-tag")),
            rx.cond(row.disabled, rx.el.span("shut out", class_name="tag small-tag attention")),
            rx.el.span(row.email, class_name="basis muted"),
            scope="row",
        ),
        rx.el.td(_tier(state, row), class_name="number"),
        rx.el.td(grouped(row.available), class_name="number strong"),
        rx.el.td(grouped(row.held), class_name="number"),
        rx.el.td(grouped(row.spent), class_name="number"),
        rx.el.td(row.stored, class_name="number"),
        rx.el.td(_actions(state, row), class_name="number"),
        key=row.user_id,
    )


def _tier(state: State, row: rx.Var[PersonMoney]) -> rx.Component:
    choices = [rx.el.option(tier.value, value=tier.value) for tier in Tier]
    return rx.cond(
        row.role == Role.OWNER.value,
        rx.el.span(row.tier),
        rx.el.span(
            rx.el.select(
                *choices,
                value=row.tier,
                on_change=lambda tier: state.set_tier(row.user_id, tier),
                aria_label=f"Tier of {row.name}",
            ),
            class_name="field small-field",
        ),
    )


def _actions(state: State, row: rx.Var[PersonMoney]) -> rx.Component:
    def item(words: Any, icon_name: str, event: Any) -> rx.Component:
        return rx.el.button(icon(icon_name), words, type="button", class_name="menu-item", on_click=event)

    is_owner = row.role == Role.OWNER.value
    return rx.el.div(
        button("Credits", small=True, on_click=state.open_money(row.user_id), aria_label=f"Credits of {row.name}"),
        menu(
            icon("ellipsis"),
            item("Limits", "gauge", state.open_limits(row.user_id)),
            item("Link for a new password", "key_round", state.make_reset_link(row.user_id)),
            rx.cond(
                ~is_owner,
                rx.cond(
                    row.disabled,
                    item("Let in again", "lock_open", state.set_disabled(row.user_id, False)),
                    item("Shut out", "ban", state.set_disabled(row.user_id, True)),
                ),
            ),
            label=f"More about {row.name}",
            button_class="button small quiet only-icon",
        ),
        class_name="row gap-4 ends",
    )  # fmt: skip


def _money(state: State) -> rx.Component:
    return modal(
        "Credits",
        rx.el.form(
            rx.el.p("For ", rx.el.b(state.name), ".", class_name="muted"),
            select_field(
                "What",
                [("grant", "Grant"), ("correct", "Correct (down with a minus)"), ("refund", "Refund a charge")],
                value=state.kind,
                on_change=state.choose_kind,
            ),
            rx.cond(state.kind == "refund", _charges(state)),
            text_field("Credits", name="amount", input_mode="numeric", mono=True, placeholder="500", required=True),
            text_field(
                "Reason", name="reason", help_text="They see it beside the entry; it cannot be changed later.",
                required=True, max_length=200,
            ),
            problem_notice(state.dialog_problem),
            rx.el.div(
                button("Enter it", kind="primary", type="submit"),
                button("Cancel", kind="quiet", on_click=state.close),
                class_name="row",
            ),
            on_submit=state.move,
            class_name="stack dialog-form",
        ),
        open_when=state.dialog == "money",
        on_close=state.close,
    )  # fmt: skip


def _charges(state: State) -> rx.Component:
    def choice(line: rx.Var[Line]) -> rx.Component:
        return rx.el.option(f"{line.what} ({-line.credits})", value=line.call_id)

    choices = rx.el.select(rx.foreach(state.charges, choice), name="call", aria_label="Charge")
    return rx.cond(
        state.charges.length() > 0,
        labelled("Charge", rx.el.span(choices, class_name="field"), help_text="The newest 30, with what was charged."),
        rx.el.p("Nothing was charged to them yet.", class_name="attention"),
    )  # fmt: skip


def _limits(state: State) -> rx.Component:
    return modal(
        "Limits",
        rx.el.form(
            rx.el.p("For ", rx.el.b(state.name), ". Empty: as for everybody.", class_name="muted"),
            text_field(
                "Credits a day", name="daily_cap", default_value=state.daily_cap, key=f"c{state.subject}", mono=True,
                input_mode="numeric",
            ),
            text_field(
                "Storage, MB", name="storage_quota", default_value=state.storage_quota, key=f"q{state.subject}",
                mono=True, input_mode="numeric",
            ),
            problem_notice(state.dialog_problem),
            rx.el.div(
                button("Save", kind="primary", type="submit"),
                button("Cancel", kind="quiet", on_click=state.close),
                class_name="row",
            ),
            on_submit=state.limit,
            class_name="stack dialog-form",
        ),
        open_when=state.dialog == "limits",
        on_close=state.close,
    )  # fmt: skip
