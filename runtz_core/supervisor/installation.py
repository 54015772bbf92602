"""The pieces of an installation, put together: just the databases for a test, everything for `up`."""

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from runtz_core.settings import LOOPBACK, Settings
from runtz_core.supervisor import StartRefused, external, frontend, ports, postgres, services, valkey
from runtz_core.supervisor.instance import Instance, announce, held
from runtz_core.supervisor.layout import Layout, lay_out, leave
from runtz_core.supervisor.logs import Say
from runtz_core.supervisor.service import Service
from runtz_core.supervisor.supervisor import Supervisor

Part = Literal["simulator", "worker"]


class Installation:
    """One data folder, held by this process, and what runs on it so far.

    `settings` gains the addresses of what has been started.
    """

    def __init__(self, settings: Settings, layout: Layout, supervisor: Supervisor, say: Say) -> None:
        self.settings = settings
        self.layout = layout
        self.supervisor = supervisor
        self._say = say
        self._started_at = datetime.now(UTC)

    @property
    def environment(self) -> dict[str, str]:
        """The environment for a child that is to use this installation."""
        return services.environment(self.settings)

    async def start_databases(self, *, durable: bool = True) -> None:
        """Start each database that has no URL and ask each other one whether it answers."""
        settings, layout, found = self.settings, self.layout, dict[str, str]()
        wanted: list[Service] = []
        if settings.database_url is None:
            cluster = await asyncio.to_thread(
                postgres.prepare, layout, lambda text: self._say("postgres", text)
            )
            found["database_url"] = cluster.url(postgres.RUNNER)
            found["migration_database_url"] = cluster.url(postgres.OWNER)
            wanted.append(cluster.service(durable=durable))
        else:
            await asyncio.to_thread(external.check_postgres, settings.database_url)
        if settings.redis_url is None:
            store = valkey.prepare(layout)
            found["redis_url"] = store.url
            wanted.append(store.service(durable=durable))
        else:
            await asyncio.to_thread(external.check_redis, settings.redis_url)
        await self.supervisor.start(*wanted)
        self.settings = settings.model_copy(update=found)

    async def make_schema_current(self, *, backup: bool = True) -> dict[str, Any]:
        """Back up and migrate if needed; returns what schema.Current holds. Raises StartRefused."""
        step, result = services.schema(self.settings, self.layout, backup=backup), self.layout.schema_result
        result.unlink(missing_ok=True)
        code, output = await self.supervisor.run(step)
        try:
            done: dict[str, Any] = json.loads(result.read_text())
            result.unlink()
        except (OSError, ValueError):
            last = next(reversed(output.splitlines()), "it printed nothing")
            raise StartRefused(
                f"The database schema could not be brought up to date (code {code}): {last} "
                f"(the whole output: {self.layout.logs / step.name}.log). Nothing was deleted."
            ) from None
        if "refused" in done:
            raise StartRefused(done["refused"])
        if done["migrated"]:
            kept = f"; a backup is in {done['backup']}" if done["backup"] else ""
            self._say("schema", f"brought up to date{kept}")
        return done

    async def start(self, *parts: Service) -> None:
        """Start our own processes, all at the same time."""
        await self.supervisor.start(*parts)

    def parts(self, names: Collection[Part]) -> list[Service]:
        """The services called `names`; the simulator gets a port, which the others are told."""
        chosen: list[Service] = []
        if "simulator" in names:
            # Addresses that the simulated vendors gave out must still be theirs after a restart.
            port = ports.same_as_last_time(self.layout.data / "simulator.port")
            self.settings = self.settings.model_copy(update={"simulator_url": f"http://{LOOPBACK}:{port}"})
            chosen.append(services.simulator(port, self.layout))
        if "worker" in names:
            chosen.append(services.worker(self.settings, self.layout))
        return chosen

    async def pages(self) -> Path:
        """The built front end."""
        return await frontend.pages(
            self.layout.data, self.supervisor.run, lambda text: self._say("pages", text)
        )

    def announce(self, url: str | None) -> None:
        """Tell other commands how to reach this."""
        settings = self.settings
        announce(
            self.layout.data,
            Instance(
                pid=os.getpid(),
                url=url,
                database_url=settings.database_url or "",
                migration_database_url=settings.migration_database_url,
                redis_url=settings.redis_url or "",
                simulator_url=settings.simulator_url,
                started_at=self._started_at.isoformat(timespec="seconds"),
                processes=self.supervisor.processes(),
            ),
        )


def quiet(who: str, what: str) -> None:
    """Say nothing; everything is in the logs anyway."""


@asynccontextmanager
async def installation(
    settings: Settings, *, say: Say = quiet, verbose: bool = False
) -> AsyncIterator[Installation]:
    """Hold the data folder; on leaving, end everything that was started on it. Raises StartRefused."""
    layout = lay_out(settings.data_dir)
    settings = settings.model_copy(update={"data_dir": layout.data})

    def waiting() -> None:
        say("runtz", "waiting for the processes of an earlier run to end")

    with held(layout.data, waiting) as lock:
        supervisor = Supervisor(
            lock=lock, logs=layout.logs, environment=services.environment(settings), say=say, verbose=verbose
        )
        try:
            yield Installation(settings, layout, supervisor, say)
        finally:
            await supervisor.stop()
            leave(layout)


@asynccontextmanager
async def embedded(
    settings: Settings,
    parts: Collection[Part] = (),
    *,
    durable: bool = True,
    migrate: bool = True,
    say: Say = quiet,
) -> AsyncIterator[Installation]:
    """Start what has no URL among the databases, then `parts`, without pages; end all of it on leaving.

    Without `durable` a power cut may lose the data (tests, benches). Raises StartRefused.
    """
    async with installation(settings, say=say) as running:
        await running.start_databases(durable=durable)
        if migrate:
            await running.make_schema_current()
        await running.start(*running.parts(parts))
        running.announce(None)
        yield running


@contextmanager
def embedded_in_thread(
    settings: Settings,
    parts: Collection[Part] = (),
    *,
    durable: bool = True,
    migrate: bool = True,
    say: Say = quiet,
) -> Iterator[Installation]:
    """`embedded` for callers without an event loop: it gets one, in a thread. Raises StartRefused."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="supervisor", daemon=True)
    thread.start()

    context = embedded(settings, parts, durable=durable, migrate=migrate, say=say)
    try:
        running = asyncio.run_coroutine_threadsafe(_entered(context), loop).result()
        try:
            yield running
        finally:
            asyncio.run_coroutine_threadsafe(_left(context), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _entered(context: AbstractAsyncContextManager[Installation]) -> Installation:
    return await context.__aenter__()


async def _left(context: AbstractAsyncContextManager[Installation]) -> None:
    await context.__aexit__(None, None, None)
