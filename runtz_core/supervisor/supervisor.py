"""Start services in order, bring back what crashes, stop them in the opposite order."""

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from runtz_core.supervisor import StartRefused
from runtz_core.supervisor.child import Child, NotReady
from runtz_core.supervisor.logs import EVERYTHING, Say, ServiceLog
from runtz_core.supervisor.service import Service

CRASHES = 5
CRASH_WINDOW = 60.0  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 8.0  # seconds before a restart, doubling


class Supervisor:
    """The children of one installation. `lock` is the descriptor each of them inherits.

    `stopping` is set by whoever wants everything ended, be it a signal handler or a service that
    crashes too often; then `exit_code` is 1.
    """

    def __init__(
        self,
        *,
        lock: int,
        logs: Path,
        environment: Mapping[str, str],
        say: Say,
        verbose: bool = False,
        first_pause: float = FIRST_PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stopping = asyncio.Event()
        self.exit_code = 0
        self._lock = lock
        self._logs = logs
        self._environment = environment
        self._say = say
        self._verbose = verbose
        self._first_pause = first_pause
        self._clock = clock
        self._groups: list[list[Child]] = []
        self._watchers: list[asyncio.Task[None]] = []

    async def start(self, *services: Service) -> None:
        """Start `services` at the same time and return when all are ready. Raises StartRefused."""
        if self.stopping.is_set():
            return
        group = [self._child(service) for service in services]
        self._groups.append(group)
        try:
            async with asyncio.TaskGroup() as tasks:
                for child in group:
                    tasks.create_task(self._first_start(child))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        self._watchers += [asyncio.create_task(self._watch(child)) for child in group]

    async def run(self, service: Service) -> tuple[int, str]:
        """Run a program to its end; returns its exit code and the last lines it printed."""
        child = self._child(service)
        self._groups.append([child])
        code = await child.run()
        self._groups.remove([child])
        return code, child.log.tail

    def processes(self) -> dict[str, int]:
        """Name and shim process id of everything that runs now."""
        return {child.service.name: pid for group in self._groups for child in group if (pid := child.pid)}

    async def stop(self) -> None:
        """End everything, the last started first; safe to call more than once."""
        self.stopping.set()
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        while self._groups:
            await asyncio.gather(*(child.stop() for child in self._groups[-1]))
            self._groups.pop()

    def force(self) -> None:
        """Kill what is still stopping, except databases: those keep their grace."""
        for group in self._groups:
            for child in group:
                if child.service.forcible:
                    child.signal()

    def _child(self, service: Service) -> Child:
        shown = EVERYTHING if self._verbose else service.noteworthy
        log = ServiceLog(service.name, self._logs, say=self._say, shown=shown)
        return Child(service, log, lock=self._lock, environment=self._environment)

    async def _first_start(self, child: Child) -> None:
        """A first start that fails is mended once if the service knows how, else refused."""
        service, log = child.service, child.log
        try:
            await child.start()
        except NotReady as failure:
            await child.stop()
            mended = service.recover(log.tail) if service.recover is not None else None
            if mended is None:
                raise StartRefused(_why(child, failure)) from failure
            self._say(service.name, mended)
            try:
                await child.start()
            except NotReady as again:
                raise StartRefused(_why(child, again)) from again

    async def _watch(self, child: Child) -> None:
        """Bring `child` back each time it ends, until it does so too often."""
        name = child.service.name
        crashes: list[float] = []
        code = await child.ended()
        while not self.stopping.is_set():
            now = self._clock()
            crashes = [moment for moment in crashes if now - moment < CRASH_WINDOW] + [now]
            if len(crashes) >= CRASHES:
                self._give_up(child)
                return
            pause = min(LONGEST_PAUSE, self._first_pause * 2 ** (len(crashes) - 1))
            self._say(name, f"ended unexpectedly (code {code}); starting it again in {pause:.2g} s")
            await asyncio.sleep(pause)
            try:
                await child.start()
                self._say(name, f"is back after {self._clock() - now:.1f} s")
            except NotReady as failure:
                self._say(name, str(failure))
                await child.stop()
            except StartRefused as refusal:
                self._say(name, str(refusal))
                self._give_up(child)
                return
            code = await child.ended()

    def _give_up(self, child: Child) -> None:
        self._say(
            child.service.name,
            f"crashed {CRASHES} times in {CRASH_WINDOW:.0f} s; giving up. Its log: {child.log.path}",
        )
        self.exit_code = 1
        self.stopping.set()


def _why(child: Child, failure: NotReady) -> str:
    last = next(reversed(child.log.tail.splitlines()), "it printed nothing")
    return f"{child.service.name} {failure}: {last} (its log: {child.log.path})."
