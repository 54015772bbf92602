"""What stands in the slot of a card: the clock, the picture, or why there is none."""

import reflex as rx

from runtz_app.components.live import LiveClock, Picture
from runtz_app.state.comparison import ComparisonState
from runtz_app.state.composer import ComposerState
from runtz_app.ui.button import button
from runtz_app.ui.icon import icon
from runtz_app.ui.link import page_link
from runtz_app.ui.number import tenths
from runtz_app.ui.tokens import ICON, ICON_FAILURE
from runtz_core.failures import FailureKind, NextStep
from runtz_core.jobs.models import CallState, Stage
from runtz_core.jobs.resolution import Resolution
from runtz_core.jobs.views import Card

_FAILURE_ICONS = [
    ([FailureKind.CONTENT_BLOCKED], "shield_x"),
    ([FailureKind.NO_KEY, FailureKind.AUTH, FailureKind.ORG_UNVERIFIED], "key_round"),
    ([FailureKind.UNREACHABLE, FailureKind.TRANSIENT, FailureKind.RATE_LIMITED], "cloud_off"),
    ([FailureKind.QUOTA], "wallet"),
    ([FailureKind.STORAGE_FULL], "hard_drive"),
    ([FailureKind.BAD_IMAGE, FailureKind.NO_IMAGE, FailureKind.LINK_EXPIRED], "image_off"),
]


def slot(card: rx.Var[Card], actions: rx.Component) -> rx.Component:
    """The picture's place, at the ratio of the job from the first moment; `actions` lie over a ready picture."""
    return rx.el.div(
        Picture.create(
            key=card.call_id,
            thumb=card.thumb_url,
            full=card.image_url,
            hash=card.thumbhash,
            partial=card.partial_url,
            alt=card.prompt,
            width=card.width,
            height=card.height,
            ratio=ComparisonState.shape,
        ),
        rx.cond(card.simulated, _simulated_mark()),
        rx.match(
            card.state,
            (CallState.QUEUED, _waiting(card)),
            (CallState.RUNNING, _running(card)),
            (CallState.SUCCEEDED, actions),
            _failure(card),
        ),
        class_name="slot",
    )


def _simulated_mark() -> rx.Component:
    return rx.el.div(
        rx.el.span("simulated", class_name="simulated-mark", title="Drawn here, not by the vendor: $0"),
        class_name="mark",
    )


def _waiting(card: rx.Var[Card]) -> rx.Component:
    ahead = card.waiting_behind
    text = rx.cond(
        ahead > 0,
        f"{ahead} ahead at {card.provider_label}. Cancel is free.",
        "Next in line. Cancel is free.",
    )
    return rx.fragment(
        _cancel_corner(card),
        rx.el.div(
            rx.el.div(
                rx.cond(card.retrying, "waiting to try again", "waiting"),
                class_name="clock-stage display muted",
            ),
            rx.el.div(rx.cond(ahead > 0, _ordinal(ahead + 1), "next"), class_name="clock-place"),
            rx.el.p(text, class_name="control muted"),
            _idle_stages(),
            class_name="over",
        ),
    )


def _ordinal(number: rx.Var[int]) -> rx.Var[str]:
    """1st, 2nd, 3rd, 11th, 22nd, by the browser's own plural rules."""
    rule = f"new Intl.PluralRules('en', {{type: 'ordinal'}}).select({number})"
    ending = f"({{one: 'st', two: 'nd', few: 'rd', other: 'th'}})[{rule}]"
    return rx.Var(_js_expr=f"({number} + {ending})", _var_type=str, _var_data=number._get_all_var_data())


def _idle_stages() -> rx.Component:
    return rx.el.ol(*[rx.el.li(stage.value) for stage in Stage], aria_hidden="true", class_name="stages")


def _running(card: rx.Var[Card]) -> rx.Component:
    clock = LiveClock.create(
        key=card.call_id,
        started_at=card.started_at,
        now=ComparisonState.now,
        usual=card.usual_seconds,
        stage=card.stage,
        partial=card.partial_index,
        partials=card.partial_count,
        retrying=card.retrying,
        note=card.money_text,
    )
    return rx.fragment(
        rx.cond(card.partial_url != "", rx.el.div(class_name="veil")),
        rx.cond(card.money_text == "", _cancel_corner(card)),
        rx.el.div(
            clock,
            rx.cond(card.progress > 0, _progress(card)),
            class_name=rx.cond(card.partial_url != "", "over on-picture", "over"),
        ),
    )


def _progress(card: rx.Var[Card]) -> rx.Component:
    return rx.el.progress(
        value=card.progress.to_string(),
        max="100",
        aria_label="Enlarged so far",
        class_name="upscale-progress",
    )


def _cancel_corner(card: rx.Var[Card]) -> rx.Component:
    cancel = button(
        "Cancel",
        icon_name="x",
        small=True,
        aria_label=f"Cancel {card.model_label}",
        on_click=ComparisonState.cancel(card.call_id),
    )
    return rx.el.div(cancel, class_name="corner")


def _failure(card: rx.Var[Card]) -> rx.Component:
    cancelled = card.state == CallState.CANCELLED
    return rx.el.div(
        rx.cond(
            cancelled,
            rx.el.h3("Cancelled at ", tenths(card.seconds), " s", class_name="failure-title muted"),
            rx.fragment(
                _failure_icon(card),
                rx.el.h3(card.failure_title, class_name="failure-title"),
                rx.el.p(card.failure_text, class_name="failure-text"),
            ),
        ),
        _money(card),
        rx.cond(card.state == CallState.UNKNOWN, _was_it_billed(card)),
        _next_step(card),
        class_name="over",
    )


def _failure_icon(card: rx.Var[Card]) -> rx.Component:
    cases = [(*kinds, icon(name, ICON_FAILURE, "failure-icon")) for kinds, name in _FAILURE_ICONS]
    picture = rx.cond(
        card.state == CallState.UNKNOWN,
        icon("circle_help", ICON_FAILURE, "failure-icon"),
        rx.match(card.failure, *cases, icon("circle_x", ICON_FAILURE, "failure-icon")),
    )
    return rx.el.span(picture, class_name=rx.cond(needs_person(card), "attention", "failed"))


def needs_person(card: rx.Var[Card]) -> rx.Var[bool]:
    """Whether only a person can go on: an unknown outcome, or a key that is missing."""
    return (card.state == CallState.UNKNOWN) | (card.failure == FailureKind.NO_KEY)


def _money(card: rx.Var[Card]) -> rx.Component:
    return rx.el.div(
        rx.cond(card.money_tone == "ok", icon("check", ICON), icon("triangle_alert", ICON)),
        rx.el.span(card.money_text),
        class_name=rx.cond(card.money_tone == "ok", "failure-money ok", "failure-money attention"),
    )


def _was_it_billed(card: rx.Var[Card]) -> rx.Component:
    """The vendor's own list of calls answers it; the possible cost counts until a person has looked there."""
    question = f"Did {card.provider_label} bill it?"
    return rx.el.div(
        rx.el.span(question, class_name="question"),
        button("Billed", small=True, on_click=ComparisonState.settle(card.call_id, Resolution.BILLED)),
        button(
            "Not billed", small=True, on_click=ComparisonState.settle(card.call_id, Resolution.NOT_BILLED)
        ),
        role="group",
        aria_label=question,
        class_name="settle",
    )


def _next_step(card: rx.Var[Card]) -> rx.Component:
    """The one button of a card without a picture."""
    retry = button(
        card.next_label, icon_name="rotate_cw", on_click=ComparisonState.act("again", card.call_id)
    )
    return rx.match(
        card.next_step,
        (NextStep.OPEN_KEYS, _settings(card, "keys")),
        (NextStep.OPEN_SERVERS, _settings(card, "servers")),
        (NextStep.CHANGE_MODEL, _rewrite(card, "arrow_left_right")),
        (NextStep.EDIT_PROMPT, _rewrite(card, "pencil")),
        retry,
    )


def _settings(card: rx.Var[Card], section: str) -> rx.Component:
    return page_link(icon("settings"), card.next_label, to=f"/settings#{section}", class_name="button")


def _rewrite(card: rx.Var[Card], icon_name: str) -> rx.Component:
    """Back to the composer with this job's words; a model that is to be changed is switched off there."""
    return button(
        card.next_label, icon_name=icon_name, on_click=ComposerState.take(card.model, card.next_step)
    )
