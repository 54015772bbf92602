"""Enlarging pictures on this computer: a bounded child process that tells how far it is and can be stopped."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from runtz_core.images.errors import BadImage, DecoderUnavailable

MEMORY = (
    3 * 2**30
)  # bytes of address space: 50 megapixels that come out take 0.6, the library's own maps the rest
SECONDS = 900.0  # then it is ended; 12 megapixels by two take about 90 on two cores
THREADS = max(1, min(4, os.cpu_count() or 1))
OUT_OF_MEMORY = 3  # exit code, as in enlarge_child
_CHILD = Path(__file__).with_name("enlarge_child.py")
_INHERITED = ("PATH", "LD_LIBRARY_PATH")  # the rest of our environment holds keys
_MOST_BYTES = 512 * 2**20


class Stopped(Exception):
    """The caller no longer wants it."""


async def enlarge(path: Path, times: int, tell: Callable[[int], Awaitable[bool]]) -> bytes:
    """The picture at `path` `times` (2 or 4) as wide and high, as a PNG.

    `tell(percent)` is awaited now and then; once it answers False the work ends with Stopped. Raises BadImage when
    it cannot be done, DecoderUnavailable when the child does not start. The child never outlives this call.
    """
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    arguments = [str(path), str(times), str(THREADS), str(MEMORY)]
    try:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(_CHILD), *arguments),
            stdout=asyncio.subprocess.PIPE,
            stdin=asyncio.subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
    except OSError as fault:
        raise DecoderUnavailable(f"The upscaler does not start: {fault.strerror}.") from fault
    try:
        async with asyncio.timeout(SECONDS):
            return await _read(child, tell)
    except TimeoutError:
        raise BadImage(f"Enlarging took longer than {SECONDS / 60:g} minutes.") from None
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def _read(child: asyncio.subprocess.Process, tell: Callable[[int], Awaitable[bool]]) -> bytes:
    assert child.stdout is not None  # noqa: S101  # opened as a pipe above
    while line := await child.stdout.readline():
        if line.startswith(b"png "):
            size = int(line[4:])
            if size > _MOST_BYTES:
                break
            return await child.stdout.readexactly(size)
        if not await tell(int(line)):
            raise Stopped
    if await child.wait() == OUT_OF_MEMORY:
        raise BadImage(f"Enlarging needs more than {MEMORY // 2**30} GB of memory; choose a smaller factor.")
    raise BadImage("The picture could not be enlarged here.")
