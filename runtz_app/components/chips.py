"""The row of models: each with its price, its health, a switch, and a menu for tier and place."""

import reflex as rx

from runtz_app.state.choices import Entry, Shelf
from runtz_app.state.composer import ComposerState
from runtz_app.ui.dialog import Popover
from runtz_app.ui.field import switch
from runtz_app.ui.icon import icon
from runtz_app.ui.tokens import ICON_NAVIGATION, ICON_SMALL
from runtz_core.jobs.views import Chip


def chip_row() -> rx.Component:
    """The chosen models in their order, and the button that adds one."""
    return rx.el.div(
        rx.el.div(rx.foreach(ComposerState.row, _chip), role="list", class_name="chip-grid"),
        _add(),
        class_name="chips",
    )


def _chip(entry: rx.Var[Entry]) -> rx.Component:
    chip = entry.chip
    runs = entry.on & chip.available
    right = rx.el.div(
        rx.el.div(f"{chip.price_credits} cr", class_name="chip-price"),
        _health(chip),
        class_name="chip-right",
    )
    toggle = switch(
        f"Use {chip.label}",
        on=runs,
        disabled=~chip.available,
        on_click=ComposerState.toggle(chip.model),
    )
    return rx.el.div(
        _menu(entry),
        right,
        toggle,
        role="listitem",
        key=chip.model,
        class_name=f"chip hue-{chip.hue}",
        custom_attrs={"data-model": chip.model, "data-off": rx.cond(runs, rx.Var("undefined"), "true")},
    )


def _health(chip: rx.Var[Chip]) -> rx.Component:
    simulated = rx.el.span("simulated", class_name="simulated-mark inline")
    tone = rx.match(
        chip.health,
        ("ok", "chip-line ok"),
        ("slow", "chip-line attention"),
        ("limited", "chip-line attention"),
        ("down", "chip-line failed"),
        "chip-line muted",
    )
    dot = rx.el.span(class_name="dot")
    line = rx.el.div(dot, chip.health_text, class_name=tone)
    return rx.cond(
        chip.available,
        rx.cond(
            chip.simulated & (chip.health != "down") & (chip.health != "limited"),
            rx.el.div(simulated, class_name="chip-line"),
            line,
        ),
        rx.el.div(dot, "unavailable", class_name="chip-line attention"),
    )


def _menu(entry: rx.Var[Entry]) -> rx.Component:
    chip = entry.chip
    face = rx.el.span(
        rx.el.span(chip.label, class_name="chip-name ellipsis"),
        rx.el.span(
            rx.el.span(f"{chip.provider_label} · {chip.tier}", class_name="ellipsis"),
            rx.cond(chip.sunset != "", icon("triangle_alert", ICON_SMALL, "attention sunset")),
            icon("chevron_down", ICON_SMALL),
            class_name="chip-line muted",
        ),
        rx.el.span(", quality and place", class_name="hidden"),
        class_name="chip-face",
    )
    return Popover.create(
        face,
        *_facts(chip),
        rx.el.div("Quality", class_name="menu-title"),
        rx.foreach(chip.tiers, lambda tier: _tier(chip, tier)),
        rx.el.div("Place in the row", class_name="menu-title"),
        _item("arrow_left", "Move left", ComposerState.move(chip.model, -1), disabled=entry.first),
        _item("arrow_right", "Move right", ComposerState.move(chip.model, 1), disabled=entry.last),
        _item("x", "Take out of the row", ComposerState.remove(chip.model)),
        button_class="chip-button",
        panel_class="chip-menu",
    )


def _facts(chip: rx.Var[Chip]) -> list[rx.Component]:
    return [
        rx.cond(~chip.available, rx.el.p(chip.reason, class_name="attention")),
        rx.cond(chip.sunset != "", rx.el.p(chip.sunset, class_name="attention")),
        rx.cond(
            chip.health_note != "",
            rx.el.p(chip.health_note, class_name=rx.cond(chip.health == "ok", "", "attention")),
        ),
        rx.el.p(chip.size, " pixels", rx.cond(chip.ratio_note != "", f", {chip.ratio_note}", "")),
        rx.cond(~chip.takes_seed, rx.el.p("Ignores the seed.")),
        rx.cond(chip.simulated, rx.el.p("Simulated until you add a key: real waits, drawn pictures, $0.")),
    ]


def _tier(chip: rx.Var[Chip], tier: rx.Var[str]) -> rx.Component:
    chosen = chip.tier == tier
    return rx.el.button(
        tier,
        icon("check", ICON_SMALL, "check"),
        type="button",
        aria_pressed=rx.cond(chosen, "true", "false"),
        on_click=ComposerState.choose_tier(chip.model, tier),
        class_name="menu-item",
    )


def _item(icon_name: str, words: str, on_click: object, **props: object) -> rx.Component:
    return rx.el.button(
        icon(icon_name, ICON_SMALL), words, type="button", on_click=on_click, class_name="menu-item", **props
    )


def _add() -> rx.Component:
    return Popover.create(
        rx.el.span(icon("plus", ICON_NAVIGATION), rx.el.span("Add a model", class_name="phone-only")),
        rx.cond(
            ComposerState.shelf.length() > 0,
            rx.foreach(ComposerState.shelf, _shelf),
            rx.el.p("Every model is in the row.", class_name="menu-title"),
        ),
        label="Add a model",
        button_class="chip-add",
        panel_class="shelf",
    )


def _shelf(shelf: rx.Var[Shelf]) -> rx.Component:
    return rx.el.div(
        rx.el.div(rx.el.span(class_name="hue"), shelf.label, class_name="menu-title"),
        rx.foreach(shelf.chips, _on_shelf),
        role="group",
        aria_label=shelf.label,
        class_name=f"hue-{shelf.hue}",
    )


def _on_shelf(chip: rx.Var[Chip]) -> rx.Component:
    return rx.el.button(
        rx.el.span(chip.label, class_name="grow ellipsis"),
        rx.cond(chip.simulated, rx.el.span("simulated", class_name="simulated-mark inline")),
        rx.el.span(f"{chip.price_credits} cr", class_name="mono"),
        rx.cond(~chip.available, rx.el.span(chip.reason, class_name="reason")),
        type="button",
        disabled=~chip.available,
        on_click=ComposerState.add(chip.model),
        class_name="menu-item",
    )
