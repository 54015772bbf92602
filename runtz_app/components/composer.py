"""The composer: prompt, models, ratio, samples, seed, and Run with its live total."""

from typing import Any

import reflex as rx

from runtz_app.components.asking import confirmation
from runtz_app.components.chips import chip_row
from runtz_app.components.craft import craft_panel
from runtz_app.components.presets import presets
from runtz_app.components.remix import add_pictures_button, remix_strip
from runtz_app.components.writing import (
    ComposerSheet,
    NegativeBox,
    NegativeToggle,
    PromptBox,
    RunButton,
    SeedField,
)
from runtz_app.state.composer import ComposerState
from runtz_app.state.session import SessionState
from runtz_app.ui.icon import icon
from runtz_app.ui.inline import inline_style
from runtz_app.ui.notice import problem_notice
from runtz_app.ui.tokens import ICON_SMALL
from runtz_core.providers.base import RATIOS


def composer() -> rx.Component:
    """In the page on a desk; on a phone a sheet that the dock at the bottom opens."""
    body = rx.el.div(
        remix_strip(),
        PromptBox.create(
            limit=ComposerState.prompt_limit,
            fill=ComposerState.fill,
            on_filled=ComposerState.filled,
            placeholder="Describe a picture. Every model you switch on gets the same words.",
        ),
        NegativeBox.create(limit=ComposerState.prompt_limit),
        presets(),
        chip_row(),
        craft_panel(),
        _controls(),
        rx.el.div(
            problem_notice(ComposerState.problem, ComposerState.forget_problem),
            class_name=rx.cond(ComposerState.problem != "", "composer-problem", ""),
        ),
    )
    sheet = ComposerSheet.create(
        body,
        _run_button(compact=True),
        title="New run",
        models=ComposerState.models,
        ratio=ComposerState.ratio,
        samples=ComposerState.samples,
        asked=ComposerState.asked,
    )
    return rx.fragment(sheet, confirmation(ComposerState))


def _controls() -> rx.Component:
    return rx.el.div(
        ratio_field(),
        samples_field(),
        SeedField.create(icon("dices"), class_name="field seed"),
        add_pictures_button(),
        NegativeToggle.create(icon("ban", ICON_SMALL), "Negative", class_name="field toggle"),
        rx.el.span(class_name="grow spring"),
        rx.el.span(ComposerState.simulated_note, class_name="small muted nowrap simulated-note"),
        _run_button(),
        class_name="controls",
    )


def ratio_field() -> rx.Component:
    """The choice of a shape, with the shape drawn."""
    glyph = rx.el.span(
        rx.el.span(class_name="ratio-shape", custom_attrs=inline_style({"--shape": ComposerState.shape})),
        class_name="ratio-box",
    )
    choices = [rx.el.option(ratio, value=ratio) for ratio in RATIOS]
    return rx.el.label(
        rx.el.span("Ratio", class_name="label"),
        glyph,
        rx.el.span(ComposerState.ratio, class_name="value"),
        icon("chevron_down", ICON_SMALL),
        rx.el.select(
            *choices,
            value=ComposerState.ratio,
            on_change=ComposerState.choose_ratio,
            aria_label="Ratio",
        ),
        class_name="field ratio",
    )


def samples_field() -> rx.Component:
    """How many pictures of each model."""
    return rx.el.div(
        rx.el.span("Samples", class_name="label", id="samples-label"),
        _step("minus", "One sample fewer", -1, ComposerState.samples <= 1),
        rx.el.output(ComposerState.samples.to_string(), class_name="value"),
        _step("plus", "One sample more", 1, ComposerState.samples >= ComposerState.most_samples),
        role="group",
        aria_labelledby="samples-label",
        class_name="field stepper",
    )


def _step(icon_name: str, label: str, by: int, at_end: Any) -> rx.Component:
    return rx.el.button(
        icon(icon_name, ICON_SMALL),
        type="button",
        aria_label=label,
        disabled=at_end,
        on_click=ComposerState.step_samples(by),
        class_name="field-icon",
    )


def _run_button(compact: bool = False) -> rx.Component:
    keys = [] if compact else [rx.el.span(icon("corner_down_left", 12), class_name="key", title="Ctrl+Enter")]
    return RunButton.create(
        *keys,
        count=ComposerState.count,
        credits=ComposerState.credits,
        usd_micros=ComposerState.usd_micros,
        available=SessionState.available,
        blocked=ComposerState.blocked,
        limit=ComposerState.prompt_limit,
        answers=ComposerState.answers,
        on_run=ComposerState.run,
        compact=compact,
    )
