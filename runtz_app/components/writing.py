"""The JSX parts of the composer: what must answer while one types (see assets/js/composer.jsx)."""

import reflex as rx

from runtz_app.ui.local import NO_ARGUMENTS, Local, source


class Writing(Local):
    """A part of assets/js/composer.jsx; all of them share the draft kept in the browser."""

    library = source("composer.jsx")


class PromptBox(Writing):
    """The prompt. `fill` (JSON) replaces the draft once, then `on_filled` is sent."""

    tag = "PromptBox"

    limit: rx.Var[int]
    fill: rx.Var[str]
    placeholder: rx.Var[str]
    on_filled: rx.EventHandler[NO_ARGUMENTS]


class NegativeBox(Writing):
    """What the picture should not show; there while its toggle is on."""

    tag = "NegativeBox"

    limit: rx.Var[int]


class NegativeToggle(Writing):
    """Shows and hides the negative prompt; hidden, it is not sent."""

    tag = "NegativeToggle"


class SeedField(Writing):
    """A seed or nothing, and dice."""

    tag = "SeedField"


def _sent(draft: rx.Var[dict[str, str]]) -> tuple[rx.Var[dict[str, str]]]:
    return (draft,)


class RunButton(Writing):
    """Run with its total, or what is missing. `answers` grows with every answer to a run."""

    tag = "RunButton"

    count: rx.Var[int]
    credits: rx.Var[int]
    usd_micros: rx.Var[int]
    available: rx.Var[int]
    blocked: rx.Var[str]
    limit: rx.Var[int]
    answers: rx.Var[int]
    compact: rx.Var[bool]
    on_run: rx.EventHandler[_sent]


class ComposerSheet(Writing):
    """The composer's frame: first child its body, second the dock's Run button. `asked` opens it on a phone."""

    tag = "ComposerSheet"

    title: rx.Var[str]
    models: rx.Var[int]
    ratio: rx.Var[str]
    samples: rx.Var[int]
    asked: rx.Var[int]


class Example(Writing):
    """A button that writes `prompt` into the prompt box."""

    tag = "Example"

    prompt: rx.Var[str]
