"""A few child processes that open pictures for us, so that a poisonous one kills a child and nothing else."""

import asyncio
import functools
import json
import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import Empty, LifoQueue
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from runtz_core.images.decode_process import OUT_OF_MEMORY, Answer, Died, Seat
from runtz_core.images.errors import BadImage
from runtz_core.images.formats import PictureFormat
from runtz_core.settings import get_settings

T = TypeVar("T")

MEMORY = 1024 * 2**20  # bytes of address space; a 50-megapixel WebP with alpha needs 0.8 of it
SECONDS = 20.0

_PROBLEMS = {
    "cut": "The picture is incomplete: its data ends too early.",
    "damaged": "The picture is damaged and cannot be opened.",
    "frames": "The picture is an animation; only still pictures are kept.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What to do with one picture file. Its format comes from its first bytes; pixels are width × height."""

    path: Path
    form: PictureFormat
    max_pixels: int | None  # None: it was checked when it came
    widths: tuple[int, ...]  # of the WebP thumbnails wanted, pixels
    thumbhash: bool = False
    rewrite: Literal["picture", "mask", "light"] | None = None

    def line(self) -> bytes:
        """The question as a decode process reads it: one line of JSON."""
        asked = {
            "path": str(self.path),
            "format": self.form.pillow,
            "max_pixels": self.max_pixels,
            "widths": self.widths,
            "thumbhash": self.thumbhash,
            "rewrite": self.rewrite,
        }
        return json.dumps(asked).encode() + b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a picture is told by: a placeholder (base64), colours (#rrggbb, and names), a hash for likeness."""

    thumbhash: str
    palette: tuple[str, ...]
    colours: tuple[str, ...]
    perceptual_hash: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A whole, acceptable picture: its pixels as a viewer shows it, and the thumbnails, widest first."""

    width: int
    height: int
    thumbnails: tuple[bytes, ...]
    traits: Traits | None
    rewritten: bytes | None = None


class Decoder:
    """A bounded pool of decode processes, with threads of its own to wait for them.

    `soon` runs what a call waits for; `later` runs, one at a time, what nobody waits for, so with two
    processes or more one is always free for arriving pictures. Close it, or use it as a context manager.
    """

    def __init__(self, processes: int = 2, *, memory: int = MEMORY, seconds: float = SECONDS) -> None:
        self._memory, self._seconds = memory, seconds
        self._seats = [Seat(memory, seconds) for _ in range(processes)]
        self._free: LifoQueue[Seat] = LifoQueue()  # last in, first out: a quiet process starts only one
        for seat in self._seats:
            self._free.put(seat)
        # Two more than processes, so that others write and publish while those decode.
        self._soon = ThreadPoolExecutor(processes + 2, thread_name_prefix="pictures")
        self._later = ThreadPoolExecutor(1, thread_name_prefix="pictures-later")

    async def soon(self, work: Callable[..., T], *arguments: object) -> T:
        """Run blocking picture work now. A cancelled caller does not stop work that has begun."""
        return await asyncio.get_running_loop().run_in_executor(self._soon, work, *arguments)

    def later(self, work: Callable[..., T], *arguments: object) -> Future[T]:
        """Queue blocking picture work behind everything else that can wait."""
        return self._later.submit(work, *arguments)

    async def warm(self) -> None:
        """Start every idle process, so that the first picture does not wait for one."""
        await self.soon(self._start_idle)

    def _start_idle(self) -> None:
        idle: list[Seat] = []
        try:
            while True:
                idle.append(self._free.get_nowait())
        except Empty:
            for seat in idle:
                seat.start()
            for seat in idle:
                seat.wait_ready()
        finally:
            for seat in idle:
                self._free.put(seat)

    def look(self, look: Look, meanwhile: Callable[[], T]) -> tuple[Seen, T]:
        """Open a picture in a child process; returns what it saw and what `meanwhile` returned.

        Blocking: call it inside `soon` or `later`. `meanwhile` runs once, beside the child. A child that
        dies is replaced and the picture tried once more, since the kernel may have picked an innocent one.
        Raises BadImage; OSError when the file cannot be read; DecoderUnavailable.
        """
        once = functools.cache(meanwhile)
        seat = self._free.get()
        try:
            header, thumbnails = self._ask(seat, look.line(), once)
        finally:
            self._free.put(seat)
        if "errno" in header:
            raise OSError(header["errno"], os.strerror(header["errno"]), str(look.path))
        if "problem" in header:
            raise BadImage(self._sentence(header["problem"], look.max_pixels))
        size = {"width": header["width"], "height": header["height"]}
        written = thumbnails.pop() if header["rewritten"] else None
        seen = Seen(**size, thumbnails=tuple(thumbnails), traits=_traits(header), rewritten=written)
        return seen, once()

    def _ask(self, seat: Seat, request: bytes, meanwhile: Callable[[], object]) -> Answer:
        try:
            return seat.ask(request, meanwhile)
        except Died as death:
            if death.code == -signal.SIGALRM:
                raise BadImage(f"Opening the picture took longer than {self._seconds:g} seconds.") from None
        try:
            return seat.ask(request, meanwhile)
        except Died as death:
            if death.code == OUT_OF_MEMORY:
                raise BadImage(
                    f"Opening the picture needs more than {self._memory // 2**20} MiB of memory."
                ) from None
            raise BadImage("Opening the picture crashed the decoder, twice.") from None

    def _sentence(self, problem: str, max_pixels: int | None) -> str:
        if problem == "pixels":
            return f"The picture has more than {(max_pixels or 0) / 1e6:g} million pixels."
        return _PROBLEMS[problem]

    def close(self) -> None:
        """Finish what has begun, drop what has not, and end every process."""
        self._soon.shutdown(wait=True, cancel_futures=True)
        self._later.shutdown(wait=True, cancel_futures=True)
        for seat in self._seats:
            seat.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _traits(header: dict[str, Any]) -> Traits | None:
    if header["thumbhash"] is None:
        return None
    return Traits(
        thumbhash=header["thumbhash"],
        palette=tuple(header["palette"]),
        colours=tuple(header["colours"]),
        perceptual_hash=header["perceptual_hash"],
    )


@cache
def get_decoder() -> Decoder:
    """This process's decoder. It starts no child before the first picture."""
    return Decoder(get_settings().decode_processes)
