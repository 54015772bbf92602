"""The pump: one task per web process that turns hints on Redis into fresh pages in the tabs that watch.

A hint says "this job of this person changed" and may be lost, so it is never data: the tab's page state reads the
database again. After anything that could have swallowed hints, every tab reads again.
"""

import asyncio
import json
import logging
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import reflex as rx
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError
from reflex.app import EventNamespace
from reflex.state import BaseState, State, StateUpdate
from reflex_base.event import Event
from sqlalchemy.exc import SQLAlchemyError

from runtz_app.access import SIGN_IN_PAGE
from runtz_app.identity import check_and_read
from runtz_core.events import CHANNEL_PATTERN, async_hints, channel
from runtz_core.settings import get_settings

log = logging.getLogger(__name__)

PUSH_EVERY = 0.1  # seconds between pushes to one tab, on average
PUSH_BURST = 4  # pushes that go out at once after a calm: the stages of a call follow each other closely
# As many as read the database at a time: a push that waits for a thread must not hold the lock of its tab meanwhile.
PUSHES_AT_ONCE = 8
PING_EVERY = 5.0  # seconds of silence after which the connection is tested; twice that means it is dead
RETRY_AFTER = 0.5  # seconds before Redis, or a push that failed, is tried again
RETRY_AT_LEAST_EVERY = 30.0  # seconds, however often a push has failed

ALL_JOBS = None
CALLS = "calls"  # among changed jobs: answers to calls that belong to none
LANES = "lanes"  # among changed jobs: how providers do, see outlook.py
_NO_JOBS = {CALLS, LANES}

_call_watchers: list[type[BaseState]] = []


def tell_of_calls(state: type[BaseState]) -> None:
    """Have `_poke_calls()` of this state called in every open tab of a person whose text calls change."""
    _call_watchers.append(state)


@dataclass
class Tab:
    """One open tab of this process: whose it is, what its page shows, and what it has not been told yet."""

    token: str
    user_id: str
    page: type[BaseState] | None
    job_id: str | None
    is_owner: bool = False
    chips: type[BaseState] | None = None  # the state that says how providers do
    counts: bool = False  # and it says how many run and wait, too
    pending: set[str | None] = field(default_factory=set)
    due: float = 0.0  # by the loop's clock: when the pushes made so far are paid off at PUSH_EVERY each
    pushing: asyncio.Task[None] | None = None


_tabs: dict[str, Tab] = {}
_by_user: defaultdict[str, set[str]] = defaultdict(set)
_rooms: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


def watch(
    token: str, user_id: Any, page: type[BaseState] | None = None, job_id: str | None = ALL_JOBS
) -> None:
    """Keep a tab up to date: its `page` state is poked when `job_id` (None: any job) of `user_id` changes.

    Called from every page load, so a tab that reconnects or moves on is watched anew, in this process.
    """
    before = _tabs.get(token)
    forget(token)
    tab = _tabs[token] = Tab(token=token, user_id=str(user_id), page=page, job_id=job_id)
    if (
        before is not None and before.user_id == tab.user_id and page is not None
    ):  # another part of the same page
        tab.is_owner, tab.chips, tab.counts = before.is_owner, before.chips, before.counts
    _by_user[str(user_id)].add(token)


def watch_lanes(token: str, state: type[BaseState], *, counts: bool = False) -> None:
    """Have `_poke_lanes()` of this state called, until the tab leaves its page, when a provider does otherwise.

    With `counts` also when queues move.
    """
    if (tab := _tabs.get(token)) is not None:
        tab.chips, tab.counts = state, counts


def is_owners(token: str) -> None:
    """The tab is the owner's: it is told of refused keys on every page."""
    if (tab := _tabs.get(token)) is not None:
        tab.is_owner = True


def tabs() -> list[Tab]:
    """Every open tab of this process that is kept up to date."""
    return list(_tabs.values())


def poke(app: rx.App, tab: Tab, what: str | None) -> None:
    """Have a tab told that `what` (a job, LANES; None: anything) has changed, in its next push."""
    _poke(app, _room(), tab, what)


def watched() -> int:
    """Open tabs of this process that are kept up to date."""
    return len(_tabs)


def forget(token: str) -> None:
    """Stop pushing to a tab."""
    tab = _tabs.pop(token, None)
    if tab is not None:
        _by_user[tab.user_id].discard(token)
        if not _by_user[tab.user_id]:
            del _by_user[tab.user_id]


def _room() -> asyncio.Semaphore:
    """What all pushes of this loop share."""
    return _rooms.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(PUSHES_AT_ONCE))


def sockets(app: rx.App) -> EventNamespace:
    """The sockets of this process. Raises LookupError for an app without state, which ours is not."""
    if app.event_namespace is None:
        raise LookupError("this app has no sockets")
    return app.event_namespace


async def pump(app: rx.App) -> None:
    """Listen for as long as the process lives. Registered as a lifespan task, which Reflex never restarts."""
    room = _room()
    trouble = ""
    while True:
        connection = async_hints(get_settings())
        try:
            async with connection.pubsub() as hints:
                await hints.psubscribe(CHANNEL_PATTERN)
                trouble = ""
                await _listen(app, hints, room)
        except (RedisError, OSError, TimeoutError) as problem:
            if trouble != (trouble := type(problem).__name__):  # once, however long Redis is away
                log.warning("no hints from Redis: %s; trying again", trouble)
        except Exception:
            log.exception("the pump stumbled; it goes on")
        finally:
            await _close(connection)
        await asyncio.sleep(RETRY_AFTER)


async def _listen(app: rx.App, hints: PubSub, room: asyncio.Semaphore) -> None:
    """Poke tabs for every hint. Returns never; raises when the connection is gone or answers no ping."""
    asked = False
    while True:
        async with asyncio.timeout(2 * PING_EVERY):
            message = await hints.get_message(timeout=PING_EVERY)
        if message is None:
            if asked:
                raise TimeoutError("no answer to a ping")
            asked = True
            await hints.ping()
            continue
        asked = False
        match message["type"]:
            case "pmessage":
                _on_hint(app, room, message)
            case (
                "psubscribe"
            ):  # the first time, or again after a silent reconnection: hints in between are gone
                _poke_everybody(app, room)


def _on_hint(app: rx.App, room: asyncio.Semaphore, message: dict[str, Any]) -> None:
    user_id = message["channel"].decode().removeprefix(channel(""))
    watching = _by_user.get(user_id)
    if not watching:
        return
    try:
        hint = json.loads(message["data"])
        job_id = {"job": str(hint.get("id")), "call": CALLS}.get(hint["kind"], ALL_JOBS)
    except (ValueError, TypeError, KeyError):
        log.warning("unreadable hint on %s", CHANNEL_PATTERN)
        return
    for token in list(watching):
        _poke(app, room, _tabs[token], job_id)


def _poke_everybody(app: rx.App, room: asyncio.Semaphore) -> None:
    for tab in list(_tabs.values()):
        _poke(app, room, tab, ALL_JOBS)


def _poke(app: rx.App, room: asyncio.Semaphore, tab: Tab, job_id: str | None) -> None:
    """Note what changed; a tab that is being pushed to gets it in the next round."""
    tab.pending.add(job_id)
    if tab.pushing is None or tab.pushing.done():
        tab.pushing = asyncio.create_task(_push_all(app, room, tab), name="push")


async def _push_all(app: rx.App, room: asyncio.Semaphore, tab: Tab) -> None:
    """Push until the tab has been told everything; what fails is tried again, ever more slowly."""
    failed = 0
    while tab.pending and _tabs.get(tab.token) is tab:
        await _pace(tab)
        if tab.token not in sockets(app).token_to_sid:
            forget(tab.token)
            return
        jobs, tab.pending = tab.pending, set()
        try:
            async with room:
                await _push(app, tab, jobs)
            failed = 0
        except Exception as problem:
            known = isinstance(problem, RedisError | SQLAlchemyError)
            log.warning("push failed: %s", type(problem).__name__, exc_info=not known)
            tab.pending |= jobs
            await asyncio.sleep(min(RETRY_AFTER * 2**failed, RETRY_AT_LEAST_EVERY))
            failed += 1


async def _pace(tab: Tab) -> None:
    """Wait as long as the rate for one tab demands; meanwhile further hints join the same push."""
    clock = asyncio.get_running_loop().time
    await asyncio.sleep(max(0.0, tab.due - (PUSH_BURST - 1) * PUSH_EVERY - clock()))
    tab.due = max(tab.due, clock()) + PUSH_EVERY


async def _push(app: rx.App, tab: Tab, jobs: set[str | None]) -> None:
    """Let the tab's states read again, under the lock of its state tree."""
    from runtz_app.state.session import SessionState, figures

    cls = tab.page or SessionState
    async with app.modify_state(rx.BaseStateToken(ident=tab.token, cls=cls)) as root:
        session = await root.get_state(SessionState)
        if session._bound_to != tab.user_id:
            await _ask_to_load_again(app, tab)
            return
        found = await check_and_read(root.router.headers.cookie, figures)
        if found is None:
            forget(tab.token)  # signed out elsewhere: this tab learns nothing more, and leaves the page
            await _send_away(app, tab)
            return
        session._show(found[1])
        page = await root.get_state(cls)
        readings = [page._poke(job_id) for job_id in _wanted(tab, jobs)]
        watchers = _call_watchers if jobs & {CALLS, ALL_JOBS} else []
        answers = [(await root.get_state(watcher))._poke_calls() for watcher in watchers]
        if LANES in jobs and tab.chips is not None:
            answers.append((await root.get_state(tab.chips))._poke_lanes())
        if LANES in jobs and tab.is_owner:
            answers.append(session._read_banners())
        await asyncio.gather(*readings, *answers)


def _wanted(tab: Tab, jobs: set[str | None]) -> list[str | None]:
    """Which of the changed jobs the page shows. One full reading stands for all of them."""
    if tab.page is None:
        return []
    if ALL_JOBS in jobs:
        return [tab.job_id]
    return [job_id for job_id in jobs - _NO_JOBS if tab.job_id in (ALL_JOBS, job_id)]


async def _ask_to_load_again(app: rx.App, tab: Tab) -> None:
    """The tab's state is gone (Redis was wiped). The browser sends its page load again: address, cookie and all."""
    load = Event(name=f"{State.get_full_name()}.hydrate_and_load", payload={})
    await sockets(app).emit_update(StateUpdate(events=[load]), tab.token)


async def _send_away(app: rx.App, tab: Tab) -> None:
    # With a reason: a tab that stands at the door already would not move for the same address.
    leave = Event.from_event_type(rx.redirect(f"{SIGN_IN_PAGE}?problem=out"))
    await sockets(app).emit_update(StateUpdate(events=leave), tab.token)


async def _close(connection: Any) -> None:
    with suppress(RedisError, OSError):  # it may be gone already
        await connection.aclose()
