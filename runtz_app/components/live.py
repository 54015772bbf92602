"""The JSX parts of the comparison: clocks, pictures, keys, copying, announcing (see assets/js)."""

from typing import Any

import reflex as rx

from runtz_app.ui.local import Local, source


class LiveClock(Local):
    """Stage, running seconds and the line with its tick at the usual time. Times are epoch seconds."""

    library = source("live_clock.jsx")
    tag = "LiveClock"

    started_at: rx.Var[float]
    now: rx.Var[float]
    usual: rx.Var[float]
    stage: rx.Var[str]
    partial: rx.Var[int]
    partials: rx.Var[int]
    retrying: rx.Var[bool]
    note: rx.Var[str]


class TimeAgo(Local):
    """A moment (epoch seconds) as "6 min ago". `now` is the server's time when it answered."""

    library = source("time_ago.jsx")
    tag = "TimeAgo"

    at: rx.Var[float]
    now: rx.Var[float]


class Picture(Local):
    """The picture of a card, from thumbhash and partials to full size."""

    library = source("picture.jsx")
    tag = "Picture"
    lib_dependencies: list[str] = ["thumbhash@0.1.1"]

    thumb: rx.Var[str]
    full: rx.Var[str]
    hash: rx.Var[str]
    partial: rx.Var[str]
    alt: rx.Var[str]
    width: rx.Var[int]
    height: rx.Var[int]
    ratio: rx.Var[float]


def _act(action: rx.Var[str], call_id: rx.Var[str]) -> tuple[rx.Var[str], rx.Var[str]]:
    return action, call_id


class Deck(Local):
    """The cards: keys act on the focused one, arrows move between them."""

    library = source("deck.jsx")
    tag = "Deck"

    on_act: rx.EventHandler[_act]


class Strip(Local):
    """The names of the cards on a phone, which also page them."""

    library = source("deck.jsx")
    tag = "Strip"


class CopyButton(Local):
    """Copies `text`, or the address of `path` on this site."""

    library = source("copy_button.jsx")
    tag = "CopyButton"

    text: rx.Var[str]
    path: rx.Var[str]
    said: rx.Var[str]
    label: rx.Var[str]
    hotkey: rx.Var[str]


class Announcer(Local):
    """Tells a screen reader, a hidden tab's title and a notification what happened to the job."""

    library = source("announcer.jsx")
    tag = "Announcer"

    said: rx.Var[str]
    job: rx.Var[str]
    working: rx.Var[int]
    ready: rx.Var[int]
    summary: rx.Var[str]


class NotifyButton(Local):
    """Asks for the permission to notify; absent when there is nothing to ask."""

    library = source("announcer.jsx")
    tag = "NotifyButton"


def time_ago(at: Any, now: Any) -> rx.Component:
    """A relative time with the exact one on hover."""
    return TimeAgo.create(at=at, now=now)
