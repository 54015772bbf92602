"""The writing panel: prompts for each model beside the person's words, before anything is spent on pictures."""

import reflex as rx

from runtz_app.components.difference import difference_word
from runtz_app.components.marks import marks
from runtz_app.state.craft import CraftState
from runtz_app.ui.button import button
from runtz_app.ui.field import small_choice, switch
from runtz_app.ui.icon import icon
from runtz_app.ui.local import Local, source
from runtz_app.ui.notice import notice, problem_notice
from runtz_app.ui.number import dollars, grouped
from runtz_app.ui.tokens import ICON_SMALL
from runtz_core.writing.enhance import Version

DRAFT = CraftState.draft


def _sent(draft: rx.Var[dict[str, str]]) -> tuple[rx.Var[dict[str, str]]]:
    return (draft,)


def _words(words: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (words,)


def _prompt_of(model: rx.Var[str], prompt: rx.Var[str]) -> tuple[rx.Var[str], rx.Var[str]]:
    return (model, prompt)


class DraftButton(Local):
    """A button that sends the words in the prompt box; grey while there are none. `answers` ends its waiting."""

    library = source("craft.jsx")
    tag = "DraftButton"

    answers: rx.Var[int]
    on_act: rx.EventHandler[_sent]


class VersionBox(Local):
    """One model's prompt to be edited; sent when one leaves it."""

    library = source("craft.jsx")
    tag = "VersionBox"

    model: rx.Var[str]
    text: rx.Var[str]
    label: rx.Var[str]
    on_edit: rx.EventHandler[_prompt_of]


class TakeNegatives(Local):
    """One click takes the suggested words into the negative prompt, the next puts back what was there."""

    library = source("craft.jsx")
    tag = "TakeNegatives"

    words: rx.Var[str]
    on_take: rx.EventHandler[_words]


class StaleNote(Local):
    """Its children, while the words in the box are not `idea`; tells `on_price` when they rest for a moment."""

    library = source("craft.jsx")
    tag = "StaleNote"

    idea: rx.Var[str]
    on_price: rx.EventHandler[_sent]


def craft_panel() -> rx.Component:
    """One quiet line while it is off."""
    return rx.el.div(
        rx.el.div(
            rx.el.span(
                switch("Have prompts written for each model", on=CraftState.on, on_click=CraftState.toggle),
                rx.el.span("Enhance", class_name="label"),
                class_name="craft-switch",
            ),
            rx.cond(CraftState.on, rx.fragment(_writers(), _actions())),
            class_name="craft-bar",
        ),
        rx.cond(
            CraftState.on,
            rx.fragment(
                problem_notice(CraftState.problem, CraftState.forget_problem),
                rx.match(
                    DRAFT.state,
                    ("waiting", _waiting()),
                    ("failed", _failed()),
                    ("ready", _ready()),
                    rx.fragment(),
                ),
                marks(),
            ),
        ),
        class_name="craft",
    )


def _writers() -> rx.Component:
    return small_choice(
        "Writer",
        CraftState.options,
        class_name="craft-writer",
        value=CraftState.wanted,
        on_change=CraftState.choose_writer,
    )


def _price(credits: rx.Var[int], usd_micros: rx.Var[int]) -> rx.Component:
    return rx.el.span(
        rx.cond(credits > 0, rx.fragment("about ", grouped(credits), " cr"), "free"),
        rx.cond(usd_micros > 0, rx.fragment(" · ", dollars(usd_micros))),
        class_name="mono craft-price",
    )


def _actions() -> rx.Component:
    return rx.fragment(
        DraftButton.create(
            icon("wand_sparkles", ICON_SMALL),
            "Write prompts",
            _price(CraftState.write_credits, CraftState.write_usd_micros),
            on_act=CraftState.write,
            answers=CraftState.answers,
        ),
        DraftButton.create(
            "Mark it",
            _price(CraftState.mark_credits, CraftState.mark_usd_micros),
            on_act=lambda sent: CraftState.mark(sent, 1),
            answers=CraftState.answers,
        ),
        DraftButton.create(
            "Improve in rounds",
            rx.el.span(
                rx.cond(
                    CraftState.mark_credits > 0,
                    rx.fragment("at most ", grouped(CraftState.mark_credits * 10), " cr"),
                    "free",
                ),
                rx.cond(
                    CraftState.mark_usd_micros > 0,
                    rx.fragment(" · ", dollars(CraftState.mark_usd_micros * 10)),
                ),
                class_name="mono craft-price",
            ),
            on_act=lambda sent: CraftState.mark(sent, 5),
            answers=CraftState.answers,
        ),
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        rx.el.span(class_name="dot alive"),
        rx.el.span(DRAFT.writer, " is writing. Your own words stay as they are.", class_name="grow"),
        button("Cancel", kind="quiet", small=True, on_click=CraftState.drop),
        role="status",
        class_name="craft-waiting",
    )


def _failed() -> rx.Component:
    return notice(
        "failed",
        rx.el.b(DRAFT.writer, " wrote nothing. "),
        DRAFT.problem,
        " ",
        button("Use my words", small=True, kind="quiet", on_click=CraftState.drop),
    )


def _ready() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.h2("Written by ", DRAFT.writer, class_name="title-section grow"),
            rx.cond(DRAFT.simulated, rx.el.span("simulated", class_name="simulated-mark")),
            button("Use my own words", kind="quiet", small=True, on_click=CraftState.drop),
            class_name="row craft-head",
        ),
        StaleNote.create(
            notice(
                "attention",
                "The words in the box have changed since. Run sends your own words; write again to renew these.",
            ),
            idea=DRAFT.idea,
            on_price=CraftState.price,
        ),
        rx.el.p(
            "Nothing is spent on pictures until you press Run. What is green was added to your words, what is "
            "red was taken out.",
            class_name="small muted",
        ),
        rx.el.div(
            rx.el.h3("Your words", class_name="small muted"),
            rx.el.p(DRAFT.idea, dir="auto", class_name="craft-idea"),
            rx.cond(DRAFT.negatives != "", _negatives()),
        ),
        rx.cond(DRAFT.master != "", _master()),
        rx.el.div(rx.foreach(DRAFT.versions, _version), class_name="craft-versions"),
        aria_label="Prompts written for each model",
        class_name="craft-draft",
    )


def _negatives() -> rx.Component:
    return rx.el.p(
        rx.el.span(
            rx.el.span("Suggested to leave out: ", class_name="muted"), DRAFT.negatives, class_name="grow"
        ),
        TakeNegatives.create(words=DRAFT.negatives, on_take=CraftState.negative),
        class_name="small row wrap craft-negatives",
    )


def _master() -> rx.Component:
    return rx.el.details(
        rx.el.summary("Master prompt, for any model", class_name="fold"),
        rx.el.p(DRAFT.master, dir="auto", class_name="craft-idea"),
        rx.el.div(
            rx.cond(
                DRAFT.master_lost != "", rx.el.span(DRAFT.master_lost, class_name="small attention grow")
            ),
            button(
                rx.cond(
                    DRAFT.master_lost != "",
                    "Put it back, and use this for every model",
                    "Use it for every model",
                ),
                small=True,
                on_click=CraftState.use_master,
            ),
            class_name="row wrap",
        ),
        class_name="craft-round",
    )


def _version(one: rx.Var[Version]) -> rx.Component:
    return rx.el.article(
        rx.el.header(
            rx.el.h3(one.label),
            rx.el.span(one.idiom, class_name="small muted"),
            class_name="row",
        ),
        rx.el.p(rx.foreach(one.diff, difference_word), class_name="difference", dir="auto"),
        rx.cond(
            one.lost_text != "",
            rx.el.div(
                icon("triangle_alert", ICON_SMALL),
                rx.el.span(one.lost_text, class_name="grow"),
                button(
                    "Put back",
                    small=True,
                    aria_label=f"Put back what {one.label} lost",
                    on_click=CraftState.restore(one.model),
                ),
                role="status",
                class_name="craft-lost",
            ),
        ),
        VersionBox.create(
            model=one.model,
            text=one.prompt,
            label=f"Prompt for {one.label}",
            on_edit=CraftState.edit,
        ),
        rx.cond(one.note != "", rx.el.p(one.note, class_name="small attention")),
        key=one.model,
        class_name=f"craft-version hue-{one.hue}",
    )
