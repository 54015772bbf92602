"""Everything the simulated vendors share: clock, dice, books, faults, pictures, memory."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from runtz_sim import damage
from runtz_sim.faults import Fault, FaultKind, Faults
from runtz_sim.latency import Latency
from runtz_sim.ledger import Ledger
from runtz_sim.pictures import Drawing, MediaType, Pictures
from runtz_sim.store import Store
from runtz_sim.vendor import Vendor

SLOW_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the simulator was started."""

    fast: bool = False  # no waiting unless control asks for it, and quick drawing
    latency_scale: float = 1.0
    state: Path | None = None  # file that keeps tasks over a restart


class Simulation:
    """One running simulator. Lives on one event loop."""

    def __init__(
        self, *, options: Options, vendors: Sequence[Vendor], clock: Callable[[], float], dice: random.Random
    ) -> None:
        self._clock = clock
        self._ahead = 0.0
        self.dice = dice
        self.vendors: Mapping[str, Vendor] = {vendor.name: vendor for vendor in vendors}
        usual = {vendor.name: vendor.seconds for vendor in vendors}
        self.latency = Latency(usual, 0.0 if options.fast else options.latency_scale)
        self.ledger = Ledger()
        self.faults = Faults(dice)
        self.pictures = Pictures(fast=options.fast)
        self._options = options
        self.store = Store(options.state, clock())
        self.link_seconds: dict[str, float] = {}  # vendor -> lifetime set by control
        self.task_limits: dict[str, int] = {}  # vendor -> tasks at once before 429, off unless set

    def now(self) -> float:
        """Unix seconds on the simulator's clock, which control may move ahead of the real one."""
        return self._clock() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the clock ahead: tasks become ready and links expire without waiting."""
        self._ahead += seconds

    def seed(self) -> int:
        """A seed for an order that named none."""
        return self.dice.randrange(2**31)

    async def delay(self, fault: Fault) -> None:
        """Wait as a slow vendor would; other faults do not wait."""
        if fault.kind is FaultKind.SLOW:
            await asyncio.sleep(fault.number("seconds", SLOW_SECONDS))

    async def spoilt(self, drawing: Drawing, fault: Fault | None) -> bytes:
        """The picture's bytes as they are sent under this fault."""
        picture = await self.pictures.render(drawing)
        if fault is None:
            return picture
        wants_jpeg = fault.kind is FaultKind.WRONG_MIME and fault.options.get("sends", "jpeg") == "jpeg"
        other: MediaType = "image/png" if drawing.media_type == "image/jpeg" else "image/jpeg"
        as_jpeg = await self.pictures.render(replace(drawing, media_type=other)) if wants_jpeg else b""
        return damage.spoilt(fault, picture, as_jpeg)

    def reset(self) -> None:
        """Forget faults, books, settings and the moved clock. Tasks and links stay: they were sold."""
        self.faults.clear()
        self.ledger.clear()
        self.latency.reset()
        self.pictures.clear_counts()
        self.pictures.fast = self._options.fast
        self.link_seconds.clear()
        self.task_limits.clear()
        self._ahead = 0.0

    def close(self) -> None:
        """End the drawing processes and close the store."""
        self.pictures.close()
        self.store.close()
