"""The strip above the prompt: the picture a run starts from, what is done with it, pictures beside it."""

from typing import Any

import reflex as rx

from runtz_app.state.composer import ComposerState
from runtz_app.state.remix import RemixState
from runtz_app.ui.icon import icon
from runtz_app.ui.local import Local, source
from runtz_app.ui.notice import problem_notice
from runtz_app.ui.number import grouped
from runtz_app.ui.tokens import ICON_SMALL
from runtz_core.jobs.inputs import Remix
from runtz_core.jobs.remixing import Offer, Piece

_WAYS = (
    (Remix.VARIATION, "Variation", "The same words again, near to this picture or far from it."),
    (Remix.STYLE, "New style", "The same picture in another manner: choose one, or write your own."),
    (Remix.EDIT, "Edit", "Say in words what is to be different, for example: make it night."),
    (Remix.MASK, "Mask", "Paint over what may change; everything else stays."),
    (Remix.AGAIN, "Elsewhere", "The same prompt on the other providers; no picture is sent."),
    (
        Remix.UPSCALE,
        "Upscale",
        "The same picture with more pixels: here on this machine for nothing, or at a vendor.",
    ),
)


def _ids(ids: rx.Var[list[str]]) -> tuple[rx.Var[list[str]]]:
    return (ids,)


def _id(mask_id: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (mask_id,)


def _offer(
    model: rx.Var[str], tier: rx.Var[str], key: rx.Var[str]
) -> tuple[rx.Var[str], rx.Var[str], rx.Var[str]]:
    return model, tier, key


class RemixPart(Local):
    """A part of assets/js/remix.jsx."""

    library = source("remix.jsx")


class PictureSource(RemixPart):
    """Buttons to bring pictures: files (also dropped or pasted anywhere on the page) and one's newest."""

    tag = "PictureSource"

    on_put: rx.EventHandler[_ids]


class DropAnywhere(RemixPart):
    """Takes pictures dropped or pasted while the strip is closed."""

    tag = "DropAnywhere"

    on_put: rx.EventHandler[_ids]
    on_refused: rx.EventHandler[_id]


class MaskPainter(RemixPart):
    """A button that opens the brush, and the mask painted so far."""

    tag = "MaskPainter"

    image_id: rx.Var[str]
    url: rx.Var[str]
    width: rx.Var[int]
    height: rx.Var[int]
    mask: rx.Var[str]
    on_painted: rx.EventHandler[_id]


class RemixDiff(RemixPart):
    """Word by word, what differs from the parent's prompt."""

    tag = "RemixDiff"

    parent: rx.Var[str]


class StyleRow(RemixPart):
    """Styles that replace each other at the end of the parent's prompt."""

    tag = "StyleRow"

    parent: rx.Var[str]


class Strength(RemixPart):
    """A slider from close to free."""

    tag = "Strength"

    value: rx.Var[int]
    on_chosen: rx.EventHandler[_id]


class OfferButton(RemixPart):
    """Enlarges once, however often it is clicked."""

    tag = "OfferButton"

    model: rx.Var[str]
    tier: rx.Var[str]
    answers: rx.Var[int]
    disabled: rx.Var[bool]
    on_chosen: rx.EventHandler[_offer]


def remix_strip() -> rx.Component:
    """Shown while something goes in; otherwise one quiet button in the controls opens it."""
    closed = DropAnywhere.create(on_put=RemixState.put, on_refused=RemixState.refused)
    return rx.cond(RemixState.open, _strip(), closed)


def add_pictures_button() -> rx.Component:
    """Opens the strip for pictures of one's own."""
    return rx.el.button(
        icon("image_plus", ICON_SMALL),
        "Pictures",
        type="button",
        title="Start from pictures: yours or uploaded ones",
        on_click=ComposerState.add_pictures,
        class_name="field toggle",
    )


def _strip() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.cond(RemixState.base.image_id != "", _base()),
            rx.foreach(RemixState.references, _reference),
            rx.cond(RemixState.way != Remix.UPSCALE, PictureSource.create(on_put=RemixState.put)),
            rx.cond((RemixState.base.image_id == "") & RemixState.references.length().bool(), _beside()),
            rx.el.button(
                icon("x", ICON_SMALL),
                type="button",
                aria_label="Put no picture in",
                title="Put no picture in",
                on_click=RemixState.close,
                class_name="field-icon",
            ),
            class_name="remix-pieces",
        ),
        rx.cond(RemixState.base.image_id != "", _ways()),
        problem_notice(RemixState.problem, RemixState.forget),
        aria_label="Pictures put in",
        class_name="remix",
    )


def _base() -> rx.Component:
    return rx.el.figure(
        rx.el.img(src=RemixState.base.thumb, alt="The picture this run starts from"),
        rx.el.figcaption(
            rx.el.b("Starts from"), rx.el.span(RemixState.base.label, class_name="muted ellipsis")
        ),
        class_name="remix-base",
    )


def _reference(one: rx.Var[Piece]) -> rx.Component:
    return rx.el.figure(
        rx.el.button(
            rx.el.img(src=one.thumb, alt=""),
            type="button",
            title="Change this picture instead",
            aria_label=f"Change this picture instead: {one.label}",
            on_click=RemixState.make_base(one.image_id),
        ),
        rx.el.button(
            icon("x", ICON_SMALL),
            type="button",
            aria_label=f"Take out: {one.label}",
            on_click=RemixState.drop(one.image_id),
            class_name="remix-out",
        ),
        key=one.image_id,
        class_name="remix-piece",
    )


def _beside() -> rx.Component:
    return rx.el.p(
        "Shown to the models beside your words. Click a picture to change it instead.",
        class_name="small muted remix-beside",
    )


def _ways() -> rx.Component:
    lacks = ComposerState.lacks
    without = dict.fromkeys((Remix.VARIATION, Remix.STYLE, Remix.EDIT), lacks.pictures)
    without[Remix.MASK] = lacks.mask
    buttons = [
        rx.el.button(
            label,
            type="button",
            aria_pressed=rx.cond(RemixState.way == way, "true", "false"),
            disabled=(without[way] != "") & (RemixState.way != way) if way in without else False,
            on_click=RemixState.choose(way),
            class_name="remix-way",
        )
        for way, label, _ in _WAYS
    ]
    words = rx.match(RemixState.way, *[(way, text) for way, _, text in _WAYS], "")
    return rx.fragment(
        rx.el.div(*buttons, role="group", aria_label="What is done with it", class_name="remix-ways"),
        rx.el.p(words, class_name="small muted"),
        rx.cond(RemixState.way != Remix.UPSCALE, _lacking()),
        rx.match(
            RemixState.way,
            (Remix.VARIATION, _strength()),
            (Remix.STYLE, rx.fragment(StyleRow.create(parent=RemixState.parent_prompt), _strength())),
            (Remix.MASK, _mask()),
            (Remix.UPSCALE, _offers()),
            rx.fragment(),
        ),
        rx.cond(
            (RemixState.parent_prompt != "") & (RemixState.way != Remix.UPSCALE),
            RemixDiff.create(parent=RemixState.parent_prompt),
        ),
    )


def _lacking() -> rx.Component:
    """What is not offered because no chosen model can do it, and which could."""
    lacks = ComposerState.lacks
    said = rx.cond(lacks.pictures != "", lacks.pictures, lacks.mask)
    return rx.cond(said != "", rx.el.p(said, class_name="small attention"))


def _strength() -> rx.Component:
    lacks = ComposerState.lacks
    slider = Strength.create(value=RemixState.strength, on_chosen=RemixState.set_far)
    return rx.fragment(
        rx.cond(lacks.strength == "", slider),
        rx.cond(lacks.strength_note != "", rx.el.p(lacks.strength_note, class_name="small muted")),
    )


def _mask() -> rx.Component:
    return MaskPainter.create(
        icon("brush", ICON_SMALL),
        image_id=RemixState.base.image_id,
        url=RemixState.base.url,
        width=RemixState.base.width,
        height=RemixState.base.height,
        mask=RemixState.mask_url,
        on_painted=RemixState.painted,
    )


def _offers() -> rx.Component:
    return rx.el.div(rx.foreach(RemixState.offers, _one_offer), class_name="remix-offers")


def _one_offer(offer: rx.Var[Offer]) -> rx.Component:
    face: list[Any] = [
        rx.el.b(f"{offer.label} {offer.tier}"),
        rx.el.span(offer.size, class_name="mono small muted"),
        rx.cond(
            offer.reason != "",
            rx.el.span(offer.reason, class_name="small attention"),
            rx.el.span(grouped(offer.credits), " cr", class_name="mono small"),
        ),
    ]
    return OfferButton.create(
        *face,
        model=offer.model,
        tier=offer.tier,
        answers=ComposerState.answers,
        disabled=offer.reason != "",
        on_chosen=ComposerState.upscale,
        key=f"{offer.model}{offer.tier}",
        class_name="remix-offer",
    )
