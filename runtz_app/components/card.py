"""One card of the comparison: slot, actions, and the foot that never changes its height."""

import reflex as rx

from runtz_app.components.live import CopyButton
from runtz_app.components.looking import CompareButton
from runtz_app.components.slot import needs_person, slot
from runtz_app.components.vault import CollectButton
from runtz_app.state.comparison import ComparisonState
from runtz_app.state.composer import ComposerState
from runtz_app.ui.icon import icon
from runtz_app.ui.link import plain_link
from runtz_app.ui.number import tenths
from runtz_app.ui.tokens import ICON_ACTION, ICON_SMALL
from runtz_core.failures import FailureKind
from runtz_core.jobs.models import CallState, Stage
from runtz_core.jobs.views import Card


def picture_card(card: rx.Var[Card]) -> rx.Component:
    """A card in whatever state its call is."""
    return rx.el.article(
        slot(card, _actions(card)),
        _foot(card),
        key=card.call_id,
        tab_index=0,
        aria_label=f"{card.model_label}, {_state_words(card)}",
        class_name=f"card hue-{card.hue}",
        custom_attrs={
            "data-call-id": card.call_id,
            "data-state": card.state,
            "data-look": _look(card),
            "data-image-id": card.image_id,
        },
    )


def _look(card: rx.Var[Card]) -> rx.Var[str]:
    """Only what is alive glows; what waits for a person is edged in amber."""
    return rx.match(card.state, (CallState.RUNNING, "live"), (CallState.UNKNOWN, "due"), "still")


def _state_words(card: rx.Var[Card]) -> rx.Var[str]:
    failed = rx.match(
        card.failure,
        (FailureKind.NO_KEY, "needs a key"),
        (FailureKind.CONTENT_BLOCKED, "refused"),
        "failed",
    )
    return rx.match(
        card.state,
        (CallState.QUEUED, "waiting"),
        (CallState.RUNNING, rx.cond(card.stage == Stage.SAVING, "checking file", "running")),
        (CallState.SUCCEEDED, rx.cond(card.kept, "kept", "ready")),
        (CallState.CANCELLED, "cancelled"),
        (CallState.UNKNOWN, "needs you"),
        failed,
    )


def _foot(card: rx.Var[Card]) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.span(
                card.model_label,
                rx.cond(ComparisonState.job.samples > 1, rx.el.span(f" {card.sample}", class_name="muted")),
                class_name="name ellipsis",
            ),
            _state(card),
            class_name="row",
        ),
        _meta(card),
        rx.cond(card.won != "", _verdict(card)),
        class_name="foot",
    )


def _state(card: rx.Var[Card]) -> rx.Component:
    words = _state_words(card)
    running = rx.el.span(
        rx.el.span(class_name="dot"),
        rx.el.span(words, class_name="when-on-time"),
        rx.el.span("slow", class_name="when-slow attention"),
        class_name="state running",
    )
    ready = rx.cond(
        card.kept,
        rx.el.span(icon("heart", ICON_SMALL), words, class_name="state kept"),
        rx.el.span(icon("check", ICON_SMALL), words, class_name="state ok"),
    )
    failed = rx.cond(
        needs_person(card),
        rx.el.span(words, class_name="state attention"),
        rx.el.span(icon("x", ICON_SMALL), words, class_name="state failed"),
    )
    return rx.match(
        card.state,
        (CallState.QUEUED, rx.el.span(words, class_name="state muted")),
        (CallState.CANCELLED, rx.el.span(words, class_name="state muted")),
        (CallState.RUNNING, running),
        (CallState.SUCCEEDED, ready),
        failed,
    )


def _meta(card: rx.Var[Card]) -> rx.Component:
    pixels = f"{card.width}×{card.height}"
    held = rx.el.div(f"{card.credits} cr held · {pixels}", class_name="meta")
    ready = rx.el.div(
        rx.el.b(tenths(card.seconds), " s"), f" · {card.credits} cr · {pixels}", class_name="meta"
    )
    ended = rx.el.div(tenths(card.seconds), f" s · {card.credits} cr", class_name="meta")
    return rx.match(
        card.state,
        (CallState.QUEUED, held),
        (CallState.RUNNING, held),
        (CallState.SUCCEEDED, ready),
        (CallState.UNKNOWN, rx.el.div("never re-sent on its own", class_name="meta")),
        rx.cond(
            card.failure == FailureKind.NO_KEY,
            rx.el.div("0 cr · no request made", class_name="meta"),
            ended,
        ),
    )


def _verdict(card: rx.Var[Card]) -> rx.Component:
    """Of the pairs it was judged in; struck through when only muted judges gave a verdict."""
    words = rx.fragment(rx.el.b(card.won), " · ", card.checklist)
    return rx.el.div(
        rx.cond(
            card.verdict_muted,
            rx.fragment(rx.el.span("Muted judge, counts for nothing: ", class_name="hidden"), rx.el.s(words)),
            words,
        ),
        title=rx.cond(
            card.verdict_muted, "The judge is muted; this counts for nothing.", "By verdicts in pairs"
        ),
        class_name="meta verdict",
    )


def _actions(card: rx.Var[Card]) -> rx.Component:
    details_open = ComparisonState.receipt_open & (ComparisonState.receipt.call_id == card.call_id)
    return rx.el.div(
        _action(
            card,
            "heart",
            "K",
            rx.cond(card.kept, "Stop keeping", "Keep"),
            extra=" keep",
            aria_pressed=rx.cond(card.kept, "true", "false"),
            on_click=ComparisonState.act("keep", card.call_id),
        ),
        CollectButton.create(
            *_face("folder_plus", "V"),
            image=card.image_id,
            label="Add to a collection",
            hotkey="v",
            class_name="action",
        ),
        _action(
            card,
            "shuffle",
            "R",
            f"Remix {card.model_label}",
            on_click=ComposerState.remix(card.image_id),
        ),
        _action(
            card,
            "rotate_cw",
            "A",
            "Run this card again",
            on_click=ComparisonState.act("again", card.call_id),
        ),
        rx.cond(
            ComparisonState.job.ready > 1,
            CompareButton.create(
                *_face("columns_2", "C"),
                label="Compare with the others",
                hotkey="c",
                class_name="action",
            ),
        ),
        CopyButton.create(
            *_face("copy", "P"), text=card.prompt, label="Copy the prompt", hotkey="p", class_name="action"
        ),
        plain_link(
            *_face("download", "D"),
            href=card.download_url,
            download=True,
            title="Download the original",
            aria_label=f"Download the original of {card.model_label}",
            class_name="action",
            custom_attrs={"data-key": "d"},
        ),
        _action(
            card,
            "receipt_text",
            "I",
            "Details",
            aria_expanded=rx.cond(details_open, "true", "false"),
            on_click=ComparisonState.act("details", card.call_id),
        ),
        class_name="actions",
    )


def _action(
    card: rx.Var[Card], icon_name: str, key: str, label: object, *, extra: str = "", **props: object
) -> rx.Component:
    return rx.el.button(
        *_face(icon_name, key),
        type="button",
        title=label,
        aria_label=label,
        class_name=f"action{extra}",
        custom_attrs={"data-key": key.lower()},
        **props,
    )


def _face(icon_name: str, key: str) -> list[rx.Component]:
    return [icon(icon_name, ICON_ACTION), rx.el.span(key, aria_hidden="true", class_name="key")]
