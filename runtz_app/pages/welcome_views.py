"""What the first page shows: to a visitor, and to the owner who has no picture yet."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from runtz_app.ui.button import button
from runtz_app.ui.icon import icon
from runtz_app.ui.link import page_link
from runtz_app.ui.local import Local, source
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

# Width over height of the pictures beside the sign-in, in three columns.
WALL = (
    (("wall-2", 3 / 4), ("dunes", 3 / 4), ("wall-3", 4 / 3), ("wall-6", 3 / 4)),
    (("wall-1", 3 / 2), ("harbour", 3 / 4), ("wall-8", 3 / 2), ("wall-7", 1.0), ("wall-9", 3 / 4)),
    (("wall-4", 3 / 4), ("lighthouse", 3 / 4), ("wall-9", 3 / 4), ("wall-5", 3 / 4)),
)


class SignIn(Local):
    """The button that uses the code in the address; without one, its children."""

    library = source("sign_in.jsx")
    tag = "SignIn"

    action: rx.Var[str]
    label: rx.Var[str]


def visitor(state: type[rx.State]) -> rx.Component:
    """Who is not signed in: one button with a link's code in the address, else where to get one."""
    words = rx.el.section(
        rx.el.h1("Runtz AI", class_name="wordmark"),
        rx.el.p(
            "One prompt, every model, side by side. The pictures stay on this server.", class_name="lead"
        ),
        problem_notice(state.problem),
        SignIn.create(
            _no_code(),
            action="/api/auth/first-run",
            label="Sign in as owner",
            class_name="button primary large",
        ),
        class_name="visitor-words",
    )
    return rx.el.div(words, _wall(), class_name="visitor")


def _no_code() -> rx.Component:
    return rx.el.div(
        icon("link"),
        rx.el.div(
            "To sign in, open the link that ",
            rx.el.code("./runtz up"),
            " printed. For a new one, run ",
            rx.el.code("./runtz link"),
            " in the project's folder.",
        ),
        class_name="notice",
    )


def _wall() -> rx.Component:
    columns = [
        rx.el.div(
            *[rx.el.img(src=f"/examples/{name}.webp", alt="", style={"aspectRatio": f"{shape:.3f}"})
              for name, shape in column]
        )
        for column in WALL
    ]  # fmt: skip
    return rx.el.div(*columns, aria_hidden="true", class_name="visitor-wall")


def first_picture(state: type[Any]) -> rx.Component:
    """The owner's way to the first picture: no form, no key, one primary action."""
    left = rx.el.div(
        rx.el.h1("Your server is running.", class_name="title-page"),
        rx.el.p(
            "You are signed in as owner. Pick a prompt and make the first picture; no key is needed.",
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
        rx.foreach(state.chips, _provider),
        rx.el.p("Keys are encrypted on this server and shown only as their last four.", class_name="fine"),
        aria_label="Providers",
        class_name="panel first-providers",
    )


def _provider(chip: rx.Var[Chip]) -> rx.Component:
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
