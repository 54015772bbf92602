"""What the supervisor needs to know about one process, and the probes that tell when it is ready."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from re import Pattern

from runtz_core.supervisor.logs import NOTEWORTHY

Probe = Callable[[], Awaitable[bool]]
PROBE_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Service:
    """One process to run, ready at once without a probe.

    `grace` is the seconds it has after `stop_signal` before it is killed. `before_start` runs before every
    start. `recover` sees the last output of a first start that failed and says in one sentence what it
    mended, or None when it could mend nothing. A second Ctrl-C kills only what is `forcible`: a database
    always gets its grace. Lines that match `noteworthy` reach the console. The higher its `niceness` (0 to 19),
    the later its turn when processors are short.
    """

    name: str
    command: tuple[str, ...]
    ready: Probe | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 10.0
    ready_within: float = 60.0
    identity: str = "self"
    niceness: int = 0
    forcible: bool = True
    noteworthy: Pattern[str] = NOTEWORTHY
    before_start: Callable[[], None] | None = None
    recover: Callable[[str], str | None] | None = None


def answers_http(host: str, port: int, path: str) -> Probe:
    """Ready when GET `path` is answered with status 200."""

    async def probe() -> bool:
        request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode()
        answer = await _exchange(asyncio.open_connection(host, port), request)
        return answer.split(b" ")[1:2] == [b"200"]

    return probe


def answers_ping(socket: Path) -> Probe:
    """Ready when the Redis protocol's PING on a unix socket gets its PONG (not "loading")."""

    async def probe() -> bool:
        answer = await _exchange(asyncio.open_unix_connection(str(socket)), b"PING\r\n")
        return answer.startswith(b"+PONG")

    return probe


def exits_zero(*command: str) -> Probe:
    """Ready when a small program says so by its exit code."""

    async def probe() -> bool:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        return await process.wait() == 0

    return probe


def exists(path: Path) -> Probe:
    """Ready when the process has written `path`."""

    async def probe() -> bool:
        return path.exists()

    return probe


async def _exchange(
    connecting: Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]], request: bytes
) -> bytes:
    """Send `request`, return the first line of the answer, empty when nobody answers."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            reader, writer = await connecting
            try:
                writer.write(request)
                return await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError):
        return b""
