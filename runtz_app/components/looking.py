"""The parts that look at pictures (see assets/js): lightbox, comparison, share links. They read the mounted API."""

from typing import Any

import reflex as rx

from runtz_app.ui.local import Local, source


class Lightbox(Local):
    """Pictures over the whole window; opened by the event `runtz:lightbox` with {ids, at}."""

    library = source("lightbox.jsx")
    tag = "Lightbox"


class ShareDialog(Local):
    """Makes a share link; opened by the event `runtz:share` with {ids}."""

    library = source("sharing.jsx")
    tag = "ShareDialog"


class ShareLinks(Local):
    """One's share links, with a button that revokes; of one picture when `image` names it."""

    library = source("sharing.jsx")
    tag = "ShareLinks"

    image: rx.Var[str]
    empty: rx.Var[str]


class Compare(Local):
    """The comparison of the pictures named in the address."""

    library = source("compare.jsx")
    tag = "Compare"


def _call(call_id: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (call_id,)


class ImagePage(Local):
    """The page of the picture named in the address."""

    library = source("image_page.jsx")
    tag = "ImagePage"

    on_receipt: rx.EventHandler[_call]


class CompareButton(Local):
    """Opens the comparison of the ready pictures of the job it stands in."""

    library = source("deck.jsx")
    tag = "CompareButton"

    label: rx.Var[str]
    hotkey: rx.Var[str]


class Palette(Local):
    """Pages, actions and a search, by Ctrl K. `pages` are {label, route, owner}; some are the owner's alone."""

    library = source("palette.jsx")
    tag = "Palette"

    pages: rx.Var[list[dict[str, Any]]]
    owner: rx.Var[bool]


class PaletteButton(Local):
    """Opens the palette."""

    library = source("palette.jsx")
    tag = "PaletteButton"


class Tour(Local):
    """Three steps in the page, until they were seen or skipped in this browser."""

    library = source("tour.jsx")
    tag = "Tour"


class TourDialog(Local):
    """The same in a dialog; opened by the event `runtz:tour`."""

    library = source("tour.jsx")
    tag = "TourDialog"


class Worker(Local):
    """Registers the service worker."""

    library = source("worker.jsx")
    tag = "Worker"


def overlays() -> list[rx.Component]:
    """What may lie over any page, closed."""
    return [Lightbox.create(), ShareDialog.create(), TourDialog.create(), Worker.create()]
