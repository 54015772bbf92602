"""What the first page shows to somebody who is signed in and has no picture yet."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from runtz_app.ui.button import button
from runtz_app.ui.link import page_link
from runtz_app.ui.notice import problem_notice
from runtz_app.ui.number import dollars
from runtz_core.jobs.views import Chip


@dataclass(frozen=True, kw_only=True)
class Example:
    """A prompt that is known to draw well, with the picture drawn from it."""

    prompt: str
    picture: str


EXAMPLES = (
    Example(prompt="Night harbour after rain, low fog", picture="/examples/harbour.webp"),
    Example(prompt="Dunes at dusk under two suns, long shadows", picture="/examples/dunes.webp"),
    Example(prompt="Lighthouse in a storm, high waves", picture="/examples/lighthouse.webp"),
)


def first_picture(state: type[Any]) -> rx.Component:
    """The way to the first picture: no form, no key, one primary action."""
    left = rx.el.div(
        rx.el.h1(rx.cond(state.is_owner, "Your server is running.", "Welcome."), class_name="title-page"),
        rx.el.p(
            rx.cond(state.is_owner, "You are signed in as owner. ", ""),
            "Pick a prompt and make the first picture; no key is needed.",
            class_name="lead",
        ),
        rx.el.div(
            rx.foreach(state.examples, lambda example, index: _example(state, example, index)),
            role="radiogroup",
            aria_label="Prompt",
            class_name="starters",
        ),
        problem_notice(state.problem),
        rx.el.div(
            _start(state),
            page_link("Write my own", to="/", class_name="button quiet"),
            class_name="first-actions",
        ),
    )  # fmt: skip
    return rx.el.div(left, _providers(state), class_name="first")


def _example(state: type[Any], example: rx.Var[Example], index: rx.Var[int]) -> rx.Component:
    return rx.el.button(
        rx.el.img(src=example.picture, alt=""),
        rx.el.span(example.prompt),
        type="button",
        role="radio",
        aria_checked=rx.cond(state.chosen == index, "true", "false"),
        aria_label=example.prompt,
        on_click=state.choose(index),
        class_name="starter",
    )


def _start(state: type[Any]) -> rx.Component:
    money = rx.cond(state.usd_micros == 0, "$0", dollars(state.usd_micros))
    return button(
        rx.cond(state.starting, "Starting", "Make the first picture"),
        rx.el.span(f"{state.credits} cr · ", money, class_name="price"),
        kind="primary",
        extra="large",
        disabled=state.starting | (state.chips.length() == 0),
        on_click=state.start,
    )


def _providers(state: type[Any]) -> rx.Component:
    return rx.el.section(
        rx.el.header(rx.el.h2("Providers"), rx.el.span(f"{state.keys} of {state.chips.length()} keys")),
        rx.el.p("Without a key a provider is simulated: real waits and real errors, drawn pictures, $0."),
        rx.foreach(state.chips, lambda chip: _provider(state, chip)),
        rx.el.p("Keys are encrypted on this server and shown only as their last four.", class_name="fine"),
        aria_label="Providers",
        class_name="panel first-providers",
    )


def _provider(state: type[Any], chip: rx.Var[Chip]) -> rx.Component:
    mark = rx.el.span("simulated", class_name="simulated-mark")
    add_key = page_link("Add key", to="/settings", class_name="button small")
    return rx.el.div(
        rx.el.div(rx.el.strong(chip.label), rx.el.span(chip.provider_label), class_name="names"),
        rx.cond(
            chip.simulated,
            rx.fragment(mark, add_key),
            rx.cond(chip.available, rx.el.span("key set", class_name="tag"), add_key),
        ),
        class_name=f"provider-line hue-{chip.hue}",
        data_simulated=chip.simulated,
    )
