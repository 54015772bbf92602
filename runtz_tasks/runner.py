"""One event loop per worker process: claims due calls, drives hundreds of them at once, drains on shutdown (D5)."""

import asyncio
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from runtz_core import queue
from runtz_core.crashpoints import crashpoint
from runtz_core.db import database_url, get_engine, make_engine
from runtz_core.flow import lanes
from runtz_core.flow.lanes import Delivered
from runtz_core.images.decoder import Decoder
from runtz_core.images.store import BlobStore
from runtz_core.jobs import presence, resting, upkeep, work
from runtz_core.jobs.claims import Claim
from runtz_core.providers.exchange import Deadlines
from runtz_core.providers.opened import OpenedProviders
from runtz_core.providers.registry import CUSTOM_PREFIX, PROVIDERS, entry, open_provider, open_text
from runtz_core.settings import Settings
from runtz_tasks import tidying
from runtz_tasks.afterwards import Afterwards
from runtz_tasks.database import Database
from runtz_tasks.driver import Driver
from runtz_tasks.heartbeat import Heartbeat
from runtz_tasks.room import Room
from runtz_tasks.run import Phase, Run
from runtz_tasks.ways import import_adapters, ways_of

log = logging.getLogger(__name__)

_GIVE_WAY = 2.0  # seconds that the finishing of ready pictures lets arriving ones go first

_REPORT_EVERY = 0.25  # seconds
_TIDY_EVERY = 3600.0  # seconds
_BOOKS_EVERY = 3600.0


class Runner:
    """The working half of a worker process; Celery only wakes it."""

    def __init__(self, settings: Settings) -> None:
        self.worker_id = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._settings = settings
        self._runs: dict[asyncio.Task[None], Run] = {}
        self._delivered: list[Delivered] = []
        self._ceiling = lanes.ceilings(lane_limits(settings), entry(CUSTOM_PREFIX).concurrency)
        self._watch = presence.Watch(patience=settings.timing.presence)
        self._backlog = False
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._wake: asyncio.Event
        self._stop: asyncio.Event

    def start(self) -> None:
        """Start the loop's thread and wait until it takes work."""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="runner")
        self._thread.start()
        self._ready.wait()

    def wake(self) -> None:
        """There may be something to claim. From any thread, as often as anybody likes."""
        if self._ready.is_set():
            with suppress(RuntimeError):  # the loop has just closed
                self._loop.call_soon_threadsafe(self._wake.set)

    def stop(self) -> None:
        """Drain and end: returns when nothing is left to wait for, after `timing.drain` seconds at most."""
        if self._thread is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._wake, self._stop = asyncio.Event(), asyncio.Event()
        settings = self._settings
        self._database = Database(get_engine(), threads=settings.database_pool)
        self._store = BlobStore(settings.images_path)
        self._room = Room(self._store, least=settings.limits.disk_free)
        self._decoder = Decoder(processes=settings.decode_processes)
        await asyncio.gather(self._decoder.warm(), asyncio.to_thread(import_adapters))
        deadlines = Deadlines(
            call=settings.timing.call_deadline,
            ask=settings.timing.ask_deadline,
            download=settings.timing.download_deadline,
        )
        self._providers = OpenedProviders(opened_by=partial(open_provider, deadlines=deadlines))
        self._texts = OpenedProviders(opened_by=partial(open_text, deadlines=deadlines))
        self._afterwards = Afterwards(
            settings, self._database, self._store, self._decoder, before_each=self._calm
        )
        self._driver = Driver(
            settings=settings,
            database=self._database,
            ways=ways_of(
                settings,
                self._database,
                self._store,
                self._decoder,
                pictures=self._providers,
                texts=self._texts,
                stored=self._afterwards.follow,
            ),
            ceiling=self._ceiling,
            delivered=self._delivered.append,
        )
        of_its_own = make_engine(database_url(settings), pool_size=1)
        heartbeat = Heartbeat(
            of_its_own,
            self.worker_id,
            every=settings.timing.heartbeat,
            lease=settings.timing.lease,
            driven=lambda: [run.claim.call_id for run in list(self._runs.values())],
        )
        heartbeat.start()
        loops = [
            asyncio.create_task(self._claim_loop()),
            asyncio.create_task(self._every(settings.timing.dispatch_every, self._dispatch)),
            asyncio.create_task(self._every(settings.timing.reap_every, self._reap)),
            asyncio.create_task(self._every(_REPORT_EVERY, self._report)),
            asyncio.create_task(self._every(_TIDY_EVERY, self._tidy)),
            asyncio.create_task(self._every(settings.timing.look_back_every, self._afterwards.look_back)),
            asyncio.create_task(self._every(_BOOKS_EVERY, self._check_books)),
            asyncio.create_task(self._afterwards.loop()),
        ]
        self._wake.set()
        self._ready.set()
        await self._stop.wait()
        loops[0].cancel()
        await self._drain()
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        with suppress(SQLAlchemyError):  # what was learned of the providers may be lost
            await self._report()
        await asyncio.to_thread(heartbeat.stop)
        of_its_own.dispose()
        await self._providers.close_all()
        await self._texts.close_all()
        self._decoder.close()
        self._database.close()

    async def _every(self, seconds: float, step: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Repeat `step` for ever. A failing step is logged and tried again: these loops outlive everything."""
        while True:
            try:
                await step()
            except Exception:
                log.exception("loop step failed", extra={"step": step.__name__})
            await asyncio.sleep(seconds)

    async def _claim_loop(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._claim_all()
            except Exception:
                log.exception("claiming failed")
                self._backlog = True

    async def _claim_all(self) -> None:
        if not await self._room.enough():
            self._backlog = True
            return
        while (capacity := self._settings.calls_in_flight - len(self._runs)) > 0:
            claims, self._backlog = await self._database.run(self._claim, capacity)
            crashpoint("claimed")
            for claim in claims:
                self._spawn(claim)
            if len(claims) < capacity or not self._backlog:
                return  # what is left waits for room in its lane: asking again would find nothing
        self._backlog = True

    def _claim(self, session: Session, capacity: int) -> tuple[list[Claim], bool]:
        claims = work.claim(
            session,
            worker=self.worker_id,
            capacity=capacity,
            limits=lane_limits(self._settings),
            other_limit=entry(CUSTOM_PREFIX).concurrency,
            lease=self._settings.timing.lease,
        )
        resting.turn_away(session)
        return claims, work.is_anything_due(session)

    def _spawn(self, claim: Claim) -> None:
        run = Run(claim=claim)
        task = asyncio.create_task(self._driver.drive(run), name=f"call {claim.call_id}")
        self._runs[task] = run
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        del self._runs[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a call's end could not be written; its lease will run out", exc_info=error)
        if self._backlog:
            self._wake.set()

    async def _dispatch(self) -> None:
        """Wake up for calls whose time has come, and tell the other workers about those nobody took."""
        due, lost = await self._database.run(self._look, self._settings.timing.dispatch_after)
        if due:
            self._wake.set()
        if lost:
            with suppress(RedisError, OSError, queue.SendError):
                await self._database.aside(queue.send, queue.Task.RUN_CALLS, lost)

    @staticmethod
    def _look(session: Session, after: float) -> tuple[bool, list[Any]]:
        due = work.is_anything_due(session)
        lost = upkeep.forgotten(session, after=after) if due and upkeep.is_mine(session) else []
        return due, lost

    async def _reap(self) -> None:
        def step(session: Session) -> int:
            if not upkeep.is_mine(session):
                return 0
            dead = self._watch.dead(presence.missing(session), time.monotonic())
            reaped = upkeep.reap(session, attempts=self._settings.limits.attempts, dead=dead)
            presence.forget(session, silent=self._settings.timing.lease)
            return reaped + lanes.regrow(session, ceiling=self._ceiling, flow=self._settings.flow)

        if await self._database.run(step):
            self._wake.set()

    async def _report(self) -> None:
        """Tell the lanes of the good answers that came meanwhile."""
        news, self._delivered[:] = list(self._delivered), []
        if news:
            await self._database.run(lanes.report, news, ceiling=self._ceiling, flow=self._settings.flow)

    async def _tidy(self) -> None:
        await tidying.tidy(self._database, self._store)

    async def _check_books(self) -> None:
        await tidying.check_books(self._database)

    async def _calm(self) -> None:
        """Wait, though not for long, while pictures are being checked: people wait for those."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_GIVE_WAY):
                while any(run.phase is Phase.STORING for run in self._runs.values()):
                    await asyncio.sleep(0.05)

    async def _drain(self) -> None:
        """Stop what can be resumed at once; wait for what is already paid for."""
        for task, run in self._runs.items():
            if run.phase in (Phase.BEFORE, Phase.POLLING):
                task.cancel()
        paying = sum(run.phase in (Phase.PAYING, Phase.STORING) for run in self._runs.values())
        if paying:
            log.warning(
                "%d picture(s) already paid for; waiting up to %.0f s", paying, self._settings.timing.drain
            )
        if self._runs:
            _, late = await asyncio.wait(list(self._runs), timeout=self._settings.timing.drain)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


def lane_limits(settings: Settings) -> dict[str, int]:
    """Calls in flight by provider, all workers together: the vendor's published limit, or what was configured."""
    limits = {provider: entry.concurrency for provider, entry in PROVIDERS.items()}
    configured = {name: one.concurrency for name, one in settings.providers.items() if one.concurrency}
    return limits | configured
