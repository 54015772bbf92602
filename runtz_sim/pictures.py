"""Drawing off the event loop: a small pool of processes, a bounded memory of what links still point at."""

import asyncio
import multiprocessing
import os
import threading
import time
from collections import OrderedDict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from typing import Literal

from runtz_sim.inputs import NOTHING, Inputs, Measured

MediaType = Literal["image/png", "image/jpeg", "image/webp"]

MEMORY_BYTES = 128 * 1024 * 1024  # of encoded pictures; older ones are drawn again when asked for
PROCESSES = 2
COARSE = 8  # pixels of one block in a fast preview


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """All that decides a picture's bytes. Width and height in pixels."""

    prompt: str
    model: str
    seed: int
    width: int
    height: int
    media_type: MediaType
    inputs: Inputs = NOTHING


class Pictures:
    """Draws, encodes, remembers, and counts what that took."""

    def __init__(self, *, fast: bool) -> None:
        self.fast = fast  # whether to draw simply
        self._pool = ProcessPoolExecutor(
            max_workers=min(PROCESSES, os.cpu_count() or 1),
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_end_with_parent,
        )
        self._remembered: OrderedDict[Drawing, bytes] = OrderedDict()
        self._remembered_bytes = 0
        self._begun: dict[Drawing, asyncio.Task[bytes]] = {}
        self.clear_counts()

    def clear_counts(self) -> None:
        """Set the counters to zero."""
        self.drawn = 0
        self.previews = 0
        self.cpu_seconds = 0.0
        self.preview_cpu_seconds = 0.0

    async def render(self, drawing: Drawing) -> bytes:
        """The encoded picture."""
        if drawing in self._remembered:
            self._remembered.move_to_end(drawing)
            return self._remembered[drawing]
        if drawing in self._begun:
            return await asyncio.shield(self._begun[drawing])
        return await self._draw(drawing)

    def begin(self, drawing: Drawing) -> None:
        """Start drawing now what a link will be followed for later."""
        if drawing in self._remembered or drawing in self._begun:
            return
        self._begun[drawing] = asyncio.get_running_loop().create_task(self._draw_and_remember(drawing))

    def is_ready(self, drawing: Drawing) -> bool:
        """False only while it is being drawn."""
        return drawing not in self._begun

    async def preview(self, drawing: Drawing, done: float) -> bytes:
        """An early, unfinished version at the same size; `done` from 0 to 1."""
        data, cpu = await self._run(drawing, done)
        self.previews += 1
        self.preview_cpu_seconds += cpu
        return data

    async def measure(self, data: bytes) -> Measured | None:
        """What a picture that was put in is, or None when it is none. Opened in the pool, never here."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, _measure, data)

    def close(self) -> None:
        """Stop drawing; what is unfinished is dropped."""
        for task in self._begun.values():
            task.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def _draw(self, drawing: Drawing) -> bytes:
        data, cpu = await self._run(drawing, None)
        self.drawn += 1
        self.cpu_seconds += cpu
        return data

    async def _run(self, drawing: Drawing, done: float | None) -> tuple[bytes, float]:
        return await asyncio.get_running_loop().run_in_executor(self._pool, _paint, drawing, self.fast, done)

    async def _draw_and_remember(self, drawing: Drawing) -> bytes:
        try:
            data = await self._draw(drawing)
            self._remembered[drawing] = data
            self._remembered_bytes += len(data)
            while self._remembered_bytes > MEMORY_BYTES and len(self._remembered) > 1:
                self._remembered_bytes -= len(self._remembered.popitem(last=False)[1])
            return data
        finally:
            del self._begun[drawing]


def _measure(data: bytes) -> Measured | None:
    """Runs in the pool."""
    import io

    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
            image.load()
            alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
            return Measured(form=str(image.format), width=image.width, height=image.height, alpha=alpha)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return None


def _paint(drawing: Drawing, fast: bool, done: float | None) -> tuple[bytes, float]:
    """Runs in the pool; gives the bytes and the CPU seconds they took."""
    # Here, so that the process that only answers requests never loads numpy and Pillow.
    from PIL import Image

    from runtz_sim.art import draw, encode, preview

    started = time.process_time()
    size = (drawing.width, drawing.height)
    if done is None:
        make, painted = partial(draw, fast=fast), size
    elif fast:
        # Enlarged blocks instead of the blurred early version: a third of its CPU.
        make, painted = partial(draw, fast=True), (max(1, size[0] // COARSE), max(1, size[1] // COARSE))
    else:
        make, painted = partial(preview, done=done), size
    image = make(
        prompt=drawing.prompt, model=drawing.model, seed=drawing.seed, width=painted[0], height=painted[1]
    )
    if painted != size:
        image = image.resize(size, Image.Resampling.NEAREST)
    if drawing.inputs.pictures:
        from runtz_sim.art.retouch import retouched

        image = retouched(image, drawing.inputs)
    data = encode(image, drawing.media_type)
    return data, time.process_time() - started


def _end_with_parent() -> None:
    """A pool process must not outlive a killed simulator."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def watch() -> None:
        wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
