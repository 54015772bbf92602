"""How the usage page looks."""

from typing import Any

import reflex as rx

from runtz_app.components.live import time_ago
from runtz_app.components.usage import DayChart, Entries
from runtz_app.ui.button import button, link_button
from runtz_app.ui.inline import inline_style
from runtz_app.ui.link import page_link
from runtz_app.ui.notice import problem_notice
from runtz_app.ui.number import grouped
from runtz_core.jobs.resolution import Resolution
from runtz_core.jobs.usage import Errand, Unsettled, Use

State = type[Any]


def usage_view(state: State) -> rx.Component:
    """Figures, month, what needs the person, lines."""
    return rx.el.div(
        rx.el.h1("Usage", class_name="hidden"),
        problem_notice(state.problem, state.forget_problem),
        _figures(state),
        rx.cond(state.shown.unsettled.length() > 0, _unsettled(state)),
        rx.el.div(_days(state), _providers(state), class_name="month"),
        _errands(state),
        _models(state),
        rx.el.section(
            Entries.create(
                link_button("CSV", href="/api/usage.csv", icon_name="download", kind="quiet", small=True),
                tick=state.tick,
                unsettled=state.shown.unsettled.length(),
            ),
            class_name="panel padded",
            aria_label="Entries",
        ),
        class_name="usage",
        aria_busy=rx.cond(state.loading, "true", "false"),
    )


def _figures(state: State) -> rx.Component:
    shown = state.shown
    return rx.el.div(
        _figure("Available", grouped(shown.available), "Credits you can spend"),
        _figure("Pending", grouped(shown.held), shown.pending),
        _figure(shown.month_label, grouped(shown.credits), shown.made),
        _figure("Per kept picture", shown.keeper, shown.kept, rx.cond(shown.keeper == "–", "", "credits")),
        class_name="stats",
    )


def _figure(label: Any, figure: Any, under: Any, unit: Any = "credits") -> rx.Component:
    return rx.el.div(
        rx.el.div(label, class_name="muted"),
        rx.el.div(figure, rx.el.small(unit), class_name="figure"),
        rx.el.div(under, class_name="under"),
        class_name="panel stat",
    )


def _unsettled(state: State) -> rx.Component:
    return rx.el.section(
        rx.el.div(rx.el.h2("Needs you", class_name="title-section attention"), class_name="panel-head"),
        rx.el.p(
            "These were sent, and then the line broke. Your credits were given back. Look at the provider's own "
            "account and say whether it billed them; until then the possible cost counts.",
            class_name="control muted",
        ),
        rx.el.ul(rx.foreach(state.shown.unsettled, lambda call: _waiting(state, call))),
        id="unsettled",
        class_name="panel padded unsettled",
    )


def _waiting(state: State, call: rx.Var[Unsettled]) -> rx.Component:
    words = rx.fragment("Job ", call.short_id, " · ", call.label)
    return rx.el.li(
        rx.el.span(class_name=f"hue hue-{call.hue}"),
        rx.cond(call.job_id != "", page_link(words, to=f"/jobs/{call.job_id}"), rx.el.span(call.label)),
        rx.el.span(time_ago(call.at, state.now), class_name="muted"),
        rx.el.span("possible cost ", call.possible, class_name="mono grow"),
        button("It was billed", small=True, on_click=state.settle(call.call_id, Resolution.BILLED.value)),
        button(
            "It was not billed", small=True, on_click=state.settle(call.call_id, Resolution.NOT_BILLED.value)
        ),
        key=call.call_id,
    )


def _days(state: State) -> rx.Component:
    shown = state.shown
    legend = rx.foreach(
        shown.series,
        lambda part: rx.el.span(rx.el.span(class_name=f"hue hue-{part.hue}"), part.label),
    )
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Spend per day", class_name="title-section grow"),
            rx.el.div(legend, class_name="legend"),
            rx.cond(shown.earlier != "", _month_link("Earlier", shown.earlier)),
            rx.cond(shown.later != "", _month_link("Later", shown.later)),
            class_name="panel-head",
        ),
        DayChart.create(
            days=shown.days, series=shown.series, label="Credits per day by provider", key=shown.month
        ),
        class_name="panel padded",
    )


def _month_link(words: str, month: rx.Var[str]) -> rx.Component:
    return page_link(words, to=f"/usage?month={month}", class_name="button small quiet")


def _providers(state: State) -> rx.Component:
    head = [
        rx.el.th("Provider", scope="col"),
        *[
            rx.el.th(word, scope="col", class_name="number")
            for word in ("credits", "made", "kept", "per keeper")
        ],
    ]
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Who earned it", class_name="title-section grow"),
            rx.el.span(state.shown.month_label, class_name="small muted"),
            class_name="panel-head",
        ),
        rx.cond(
            state.shown.providers.length() > 0,
            rx.el.table(
                rx.el.thead(rx.el.tr(*head)),
                rx.el.tbody(rx.foreach(state.shown.providers, _provider)),
                class_name="uses",
            ),
            rx.el.p("Nothing was run this month.", class_name="muted"),
        ),
        rx.el.p("Per keeper is credits spent divided by pictures kept.", class_name="fine-print"),
        class_name="panel padded",
    )


def _provider(use: rx.Var[Use]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(_name(use), scope="row"),
        rx.el.td(grouped(use.credits), class_name="number"),
        rx.el.td(use.made, class_name="number"),
        rx.el.td(use.kept, class_name="number"),
        rx.el.td(use.per_keeper, class_name="number strong"),
        key=use.label,
    )


def _name(use: rx.Var[Use]) -> rx.Component:
    return rx.el.span(rx.el.span(class_name=f"hue hue-{use.hue}"), use.label, class_name="name")


def _errands(state: State) -> rx.Component:
    """Pictures beside words about them, so that nobody wonders where small sums went."""
    head = [
        rx.el.th("What for", scope="col"),
        *[
            rx.el.th(word, scope="col", class_name=f"number {extra}")
            for word, extra in (("credits", ""), ("real money", ""), ("done", ""), ("failed", "wide-only"))
        ],
    ]
    return rx.cond(
        state.shown.errands.length() > 0,
        rx.el.section(
            rx.el.div(
                rx.el.h2("What it was for", class_name="title-section grow"),
                rx.el.span(state.shown.month_label, class_name="small muted"),
                class_name="panel-head",
            ),
            rx.el.table(
                rx.el.thead(rx.el.tr(*head)),
                rx.el.tbody(rx.foreach(state.shown.errands, _errand)),
                class_name="uses",
            ),
            class_name="panel padded",
            aria_label="What it was for",
        ),
    )


def _errand(one: rx.Var[Errand]) -> rx.Component:
    bar = rx.el.span(rx.el.i(), class_name="share", custom_attrs=inline_style({"--share": one.share}))
    return rx.el.tr(
        rx.el.th(rx.el.span(one.label, class_name="name"), bar, scope="row"),
        rx.el.td(grouped(one.credits), class_name="number strong"),
        rx.el.td(one.money, class_name="number"),
        rx.el.td(grouped(one.done), class_name="number"),
        rx.el.td(grouped(one.failed), class_name="number wide-only"),
        key=one.label,
        class_name="errand",
    )


def _models(state: State) -> rx.Component:
    head = [
        rx.el.th("Model", scope="col"),
        *[
            rx.el.th(word, scope="col", class_name=f"number {extra}")
            for word, extra in (
                ("credits", ""), ("real money", ""), ("made", ""), ("kept", "wide-only"), ("failed", "wide-only"),
                ("refused", "wide-only"),
            )
        ],
    ]  # fmt: skip
    return rx.cond(
        state.shown.models.length() > 0,
        rx.el.section(
            rx.el.div(
                rx.el.h2("By model", class_name="title-section grow"),
                rx.el.span("credits here, money at the vendor", class_name="small muted"),
                class_name="panel-head",
            ),
            rx.el.table(
                rx.el.thead(rx.el.tr(*head)),
                rx.el.tbody(rx.foreach(state.shown.models, _model)),
                class_name="uses",
            ),
            class_name="panel padded",
        ),
    )


def _model(use: rx.Var[Use]) -> rx.Component:
    bar = rx.el.span(rx.el.i(), class_name="share", custom_attrs=inline_style({"--share": use.share}))
    return rx.el.tr(
        rx.el.th(_name(use), bar, scope="row"),
        rx.el.td(grouped(use.credits), class_name="number strong"),
        rx.el.td(use.money, rx.el.span(use.money_basis, class_name="basis"), class_name="number"),
        rx.el.td(use.made, _lost(use), class_name="number"),
        rx.el.td(use.kept, class_name="number wide-only"),
        rx.el.td(use.failed, class_name="number wide-only"),
        rx.el.td(use.refused, class_name="number wide-only"),
        key=use.label,
        class_name=f"hue-{use.hue}",
    )


def _lost(use: rx.Var[Use]) -> rx.Component:
    """What has columns of its own where there is room for them."""
    words = rx.el.span(use.failed, " failed, ", use.refused, " refused", class_name="basis narrow-only")
    return rx.cond(use.failed + use.refused > 0, words)
