"""`runtz up`: everything, in the foreground, until Ctrl-C."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from runtz_core.settings import LOOPBACK_NAMES, Settings
from runtz_core.supervisor import StartRefused, ports, services
from runtz_core.supervisor.installation import Installation, installation
from runtz_core.supervisor.logs import Say


@dataclass(frozen=True, kw_only=True)
class Ready:
    """What the person is told: seconds it took, where the pages are, a one-time link that signs in."""

    seconds: float
    url: str
    link: str


async def up(settings: Settings, *, say: Say, verbose: bool, ready: Callable[[Ready], None]) -> int:
    """Run everything until asked to stop; returns the exit code. Raises StartRefused."""
    check_exposure(settings)
    return await foreground(settings, start_everything, say=say, verbose=verbose, ready=ready)


async def foreground(
    settings: Settings,
    start: Callable[[Installation], Coroutine[Any, Any, Ready]],
    *,
    say: Say,
    verbose: bool,
    ready: Callable[[Ready], None],
) -> int:
    """Hold the data folder, `start`, then run until a signal or a service that keeps crashing."""
    async with installation(settings, say=say, verbose=verbose) as running:
        _stop_on_signals(running, say)
        told = await _unless_stopped(running, start(running))
        if told is not None:
            ready(told)
            await running.supervisor.stopping.wait()
    say("runtz", "stopped")
    return running.supervisor.exit_code


def check_exposure(settings: Settings) -> None:
    """Beyond this machine only over https, or when the person insists. Raises StartRefused."""
    if settings.public_url and urlsplit(settings.public_url).scheme not in ("http", "https"):
        raise StartRefused(f"--public-url must begin with https:// (it is {settings.public_url}).")
    https = (settings.public_url or "").startswith("https://")
    if settings.host in LOOPBACK_NAMES or https or settings.insecure_http:
        return
    raise StartRefused(
        f"With --host {settings.host} others can reach this, and plain http shows them every password. "
        "Put an https proxy in front and name it with --public-url https://…, or insist with --insecure-http."
    )


async def start_everything(running: Installation) -> Ready:
    """Databases; then schema, pages and simulator; then worker and web. Raises StartRefused."""
    began = time.monotonic()
    port = ports.choose(running.settings.host, running.settings.port)
    running.settings = running.settings.model_copy(update={"port": port})
    await running.start_databases()
    simulator = running.parts(["simulator"])
    try:
        async with asyncio.TaskGroup() as tasks:
            schema = tasks.create_task(running.make_schema_current())
            pages = tasks.create_task(running.pages())
            tasks.create_task(running.start(*simulator))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    web = services.web(running.settings, running.layout, pages.result())
    await running.start(*running.parts(["worker"]), web)
    url = services.url_of(running.settings)
    running.announce(url)
    return Ready(seconds=time.monotonic() - began, url=url, link=url + schema.result()["link_path"])


def _stop_on_signals(running: Installation, say: Say) -> None:
    """The first signal stops in order, a second one no longer waits for work under way."""
    supervisor = running.supervisor

    def asked() -> None:
        if supervisor.stopping.is_set():
            say("runtz", "stopping now, without waiting for work under way")
            supervisor.force()
        else:
            say("runtz", "stopping; what is already paid for is fetched first (Ctrl-C again to abandon it)")
            supervisor.stopping.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, asked)


async def _unless_stopped(running: Installation, work: Coroutine[Any, Any, Ready]) -> Ready | None:
    """The result of `work`, or None when a stop was asked for first."""
    task = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(running.supervisor.stopping.wait())
    await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if task.done():
        return task.result()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, StartRefused):
        await task
    return None
