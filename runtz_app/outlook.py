"""Keeps what tabs say of providers up to date: states and latencies on chips, queues in Admin, places in line.

One look at the database every two seconds for all tabs of this process, and none while no tab is open. Hints would
not do: what one person waits for changes with the calls of everybody else, and breakers open and close by time.
"""

import asyncio
import logging
from itertools import cycle, islice

import reflex as rx
from sqlalchemy.exc import SQLAlchemyError

from runtz_app import live
from runtz_app.threads import run_core
from runtz_core.flow.lanes import owner_of
from runtz_core.ids import parse_id
from runtz_core.jobs import outlook
from runtz_core.jobs.outlook import Signs

log = logging.getLogger(__name__)

EVERY = 2.0  # seconds
AT_ONCE = 40  # tabs that are told of their place in line in one look; the others' turn comes with the next


class Look:
    """What was seen the last time, and whose turn it is."""

    def __init__(self, app: rx.App) -> None:
        self._app = app
        self._lanes: Signs | None = None
        self._queues: Signs = {}
        self._turn = 0

    async def again(self) -> None:
        """Look, and poke the tabs to which something has changed. Raises SQLAlchemyError, TimeoutError."""
        tabs = live.tabs()
        if not tabs:
            self._lanes = None
            return
        lanes = await run_core(outlook.lane_signs)
        news = set() if self._lanes is None else outlook.changed(self._lanes, lanes)
        self._lanes = lanes
        moved = await self._moved(tabs)
        for tab in tabs:
            shown = {lane for lane in news if owner_of(lane) in (None, tab.user_id)}
            if (shown and (tab.chips or tab.is_owner)) or (tab.counts and (moved or news)):
                live.poke(self._app, tab, live.LANES)
        await self._tell_who_waits(tabs, moved)

    async def _moved(self, tabs: list[live.Tab]) -> set[str]:
        """The lanes whose queues have moved; not looked at while nobody would be told."""
        if not any(tab.counts or tab.job_id for tab in tabs):
            self._queues = {}
            return set()
        before, self._queues = self._queues, await run_core(outlook.queue_signs)
        return outlook.changed(before, self._queues)

    async def _tell_who_waits(self, tabs: list[live.Tab], moved: set[str]) -> None:
        jobs = {job_id for tab in tabs if (job_id := parse_id(tab.job_id or "")) is not None}
        waiting = await run_core(outlook.waiting, jobs, moved) if jobs and moved else set()
        concerned = [tab for tab in tabs if tab.job_id in waiting]
        start = self._turn % len(concerned) if concerned else 0
        for tab in islice(cycle(concerned), start, start + min(AT_ONCE, len(concerned))):
            live.poke(self._app, tab, tab.job_id)
        self._turn = start + AT_ONCE


async def keep_up(app: rx.App) -> None:
    """Look for as long as the process lives. Registered as a lifespan task."""
    look = Look(app)
    while True:
        await asyncio.sleep(EVERY)
        try:
            await look.again()
        except (SQLAlchemyError, TimeoutError) as problem:
            log.warning("no news of the providers: %s; looking again", type(problem).__name__)
        except Exception:
            log.exception("looking at the providers failed; it goes on")
