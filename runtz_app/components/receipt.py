"""The receipt of one card: exact words sent, what was asked and got, money, time, proof."""

import reflex as rx

from runtz_app.components.difference import difference_word
from runtz_app.components.live import CopyButton
from runtz_app.state.comparison import ComparisonState
from runtz_app.ui.button import icon_button
from runtz_app.ui.dialog import Dialog
from runtz_app.ui.icon import icon
from runtz_app.ui.inline import inline_style
from runtz_app.ui.number import tenths, whole
from runtz_core.jobs.models import Stage
from runtz_core.jobs.views import ReceiptLine, ReceiptSection

RECEIPT = ComparisonState.receipt


def receipt_drawer() -> rx.Component:
    """A drawer at the right; on a phone a sheet."""
    return Dialog.create(
        _head(),
        rx.el.div(
            _words(), rx.foreach(RECEIPT.sections, _section), _time(), class_name="receipt", tab_index=0
        ),
        rx.el.footer(CopyButton.create(icon("copy"), "Copy as JSON", text=RECEIPT.json, class_name="button")),
        open=ComparisonState.receipt_open,
        opened=ComparisonState.receipts_opened,
        on_close=ComparisonState.close_receipt,
        kind="drawer",
        label=f"Receipt of {RECEIPT.title}",
        class_name=f"hue-{RECEIPT.hue}",
    )


def _head() -> rx.Component:
    return rx.el.header(
        rx.el.span(class_name="hue"),
        rx.el.h2("Receipt ", rx.el.span(RECEIPT.title, class_name="muted"), class_name="grow ellipsis"),
        icon_button("x", "Close", on_click=ComparisonState.close_receipt),
    )


def _words() -> rx.Component:
    changed = (RECEIPT.words_added > 0) | (RECEIPT.words_removed > 0)
    count = rx.el.span(
        rx.el.span(f"+{RECEIPT.words_added} ", class_name="ok"),
        rx.el.span(f"−{RECEIPT.words_removed}", class_name="failed"),
        rx.el.span(" words", class_name="muted"),
        class_name="small",
    )
    return rx.el.section(
        rx.el.div(
            rx.el.h3("Text sent, against what you typed", class_name="grow"),
            rx.cond(changed, count, rx.el.span("word for word", class_name="small muted")),
            class_name="row",
        ),
        rx.el.div(
            rx.foreach(RECEIPT.prompt_sent, difference_word), class_name="difference", dir="auto", tab_index=0
        ),
    )


def _section(section: rx.Var[ReceiptSection]) -> rx.Component:
    return rx.el.section(
        rx.el.h3(section.title),
        rx.el.dl(rx.foreach(section.lines, _line), class_name="lines"),
        class_name=rx.cond(section.title == "Proof", "last", ""),
    )


def _line(line: rx.Var[ReceiptLine]) -> rx.Component:
    return rx.fragment(
        rx.el.dt(line.label),
        rx.el.dd(
            rx.el.span(line.value, class_name="value"),
            rx.cond(line.note != "", rx.el.small(line.note)),
            class_name=line.tone,
        ),
    )


def _time() -> rx.Component:
    parts = [
        rx.el.i(custom_attrs=inline_style({"flexGrow": RECEIPT.stage_seconds[place]}))
        for place in range(len(Stage))
    ]
    legend = [
        rx.el.span(stage.value, " ", rx.el.b(tenths(RECEIPT.stage_seconds[place])))
        for place, stage in enumerate(Stage)
    ]
    return rx.el.section(
        rx.el.div(
            rx.el.h3("Time", class_name="grow"),
            rx.el.span(tenths(RECEIPT.seconds), " s ", class_name="mono"),
            rx.el.span("usual ", whole(RECEIPT.usual_seconds), " s", class_name="mono muted"),
            class_name="row",
        ),
        rx.el.div(*parts, aria_hidden="true", class_name="time-bar"),
        rx.el.div(*legend, class_name="legend"),
    )
