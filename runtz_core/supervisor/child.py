"""One running service: its process under the shim, its lifeline, its output."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from runtz_core.supervisor import StartRefused
from runtz_core.supervisor.logs import ServiceLog
from runtz_core.supervisor.service import Service

SHIM = Path(__file__).with_name("shim.py")
PROBE_EVERY = 0.02
SWEEP_SECONDS = 8.0  # the shim's own time for stragglers, on top of the service's grace


class NotReady(Exception):
    """The process ended, or did not become ready in time; the text says which."""


class Child:
    """At most one process of a service at a time."""

    def __init__(
        self, service: Service, log: ServiceLog, *, lock: int, environment: Mapping[str, str]
    ) -> None:
        self.service = service
        self.log = log
        self._lock = lock
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self._lifeline = -1
        self._pump: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The shim's process id while it runs."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> None:
        """Start the process and wait until its probe answers. Raises NotReady, StartRefused."""
        await self._until_ready(await self._spawn())

    async def run(self) -> int:
        """Run the process to its end, without asking whether it is ready; returns its exit code."""
        await self._spawn()
        return await self.ended()

    async def _spawn(self) -> asyncio.subprocess.Process:
        service = self.service
        if service.before_start is not None:
            service.before_start()
        self.log.forget()
        read, self._lifeline = os.pipe()
        settings = (read, int(service.stop_signal), service.grace, service.identity, service.niceness)
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(SHIM), *map(str, settings), *service.command),
                env={**self._environment, **service.environment},
                cwd=service.folder,
                pass_fds=(read, self._lock),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
        except OSError as error:
            os.close(self._lifeline)
            raise StartRefused(f"{service.name} could not be started: {error.strerror}.") from error
        finally:
            os.close(read)
        self._process = process
        self._pump = asyncio.create_task(self._read(process))
        return process

    async def ended(self) -> int:
        """Wait for the process and everything below it to end; returns the exit code."""
        code = await self._process.wait() if self._process is not None else 0
        if self._pump is not None:
            # A stray that kept the pipe open must not hold us: the process itself is gone.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._pump, 1.0)
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
        self.log.close()
        return code

    async def stop(self) -> None:
        """Ask the process to end, and return when it has; the shim kills it after its grace."""
        if self._process is None:
            return
        self.signal()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.service.grace + SWEEP_SECONDS):
                await self.ended()

    def signal(self) -> None:
        """One polite stop; a second one makes the shim kill the service at once."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        try:
            async with asyncio.timeout(self.service.ready_within):
                while True:
                    if process.returncode is not None:
                        raise NotReady(f"ended with code {await self.ended()} before it was ready")
                    if self.service.ready is None or await self.service.ready():
                        return
                    await asyncio.sleep(PROBE_EVERY)
        except TimeoutError:
            raise NotReady(f"was not ready after {self.service.ready_within:.0f} s") from None

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        while process.stdout is not None and (data := await process.stdout.read(64 * 1024)):
            self.log.feed(data)
