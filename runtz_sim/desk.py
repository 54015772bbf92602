"""A vendor's front desk: takes requests in, books orders, lets faults strike, and times the answer."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from runtz_sim import damage, links
from runtz_sim.faults import Fault, FaultKind, Stage, plain
from runtz_sim.inputs import NOTHING, Inputs
from runtz_sim.pictures import Drawing, MediaType
from runtz_sim.simulation import Simulation
from runtz_sim.store import Task
from runtz_sim.vendor import Vendor

Make = Callable[[Fault | None], Awaitable[Response]]
# Refusals and these answers are not charged for; a good answer lost on the way is.
_NOT_BILLED = frozenset({FaultKind.HTML_502, FaultKind.REDIRECT, FaultKind.NO_IMAGE})


class Desk:
    """One vendor's view of the simulation."""

    def __init__(self, simulation: Simulation, vendor: Vendor) -> None:
        self.simulation = simulation
        self.vendor = vendor

    def now(self) -> float:
        """Unix seconds on the simulator's clock."""
        return self.simulation.now()

    async def order(self, *, model: str, prompt: str, key: str, make: Make, seconds: float = 0.0) -> Response:
        """Book a paid order and answer it. `seconds` is how long a task stays in flight after the answer."""
        ledger = self.simulation.ledger
        fault = self._strike(Stage.ORDER, model, prompt, "")
        call_id = ledger.open(vendor=self.vendor.name, model=model, prompt=prompt, key=key, at=self.now())
        ledger.arrive()
        status: int | None = None
        try:
            response = await self._answered(fault, model, make)
            status = response.status_code
            return response
        finally:
            asyncio.get_running_loop().call_later(seconds, ledger.leave)
            outcome, billed = self._outcome(fault, status)
            ledger.close(call_id, outcome=outcome, status=status, billed=billed)

    async def free(
        self, stage: Stage, *, make: Make, model: str = "", prompt: str = "", about: str = ""
    ) -> Response:
        """Answer a request that costs nothing, faults included."""
        return await self._answered(self._strike(stage, model, prompt, about), model, make)

    def picture_fault(self, model: str, prompt: str) -> Fault | None:
        """The fault of a picture that goes inside the answer."""
        return self._strike(Stage.PICTURE, model, prompt, "")

    def drawings(
        self,
        *,
        prompt: str,
        model: str,
        seed: int | None,
        width: int,
        height: int,
        media_type: MediaType,
        n: int = 1,
        inputs: Inputs = NOTHING,
    ) -> tuple[Drawing, ...]:
        """What to draw for an order of `n` pictures; each has its own seed, counted up from the first."""
        first = self.simulation.seed() if seed is None else seed
        return tuple(
            Drawing(
                prompt=plain(prompt),
                model=model,
                seed=(first + index) % 2**31,
                width=width,
                height=height,
                media_type=media_type,
                inputs=inputs,
            )
            for index in range(n)
        )

    def seconds(self, model: str, usual: float | None = None) -> float:
        """How long this vendor takes for one order."""
        return self.simulation.latency.seconds(self.vendor.name, model, usual)

    async def inline(self, drawings: Sequence[Drawing], fault: Fault | None, seconds: float) -> list[str]:
        """The pictures as base64, no sooner than `seconds` from now."""
        drawn = asyncio.gather(*(self.simulation.spoilt(drawing, fault) for drawing in drawings))
        pictures, _ = await asyncio.gather(drawn, asyncio.sleep(seconds))
        return [damage.base64_text(picture, fault) for picture in pictures]

    def accept(
        self,
        *,
        model: str,
        prompt: str,
        drawings: Sequence[Drawing],
        seconds: float,
        details: dict[str, str | float | None],
    ) -> Task:
        """Start a task whose pictures are ready in `seconds`."""
        now = self.now()
        task = Task(
            task_id=str(uuid.UUID(int=self.simulation.dice.getrandbits(128), version=4)),
            vendor=self.vendor.name,
            model=model,
            prompt=prompt,
            drawings=tuple(drawings),
            created_at=now,
            ready_at=now + seconds,
            details=details,
        )
        self.simulation.store.put(task)
        for drawing in task.drawings:
            self.simulation.pictures.begin(drawing)
        return task

    def is_full(self) -> bool:
        """As many tasks are running as control allows this vendor; without a limit, never."""
        limit = self.simulation.task_limits.get(self.vendor.name)
        return limit is not None and self.simulation.store.running(self.vendor.name, self.now()) >= limit

    def task(self, task_id: str) -> Task | None:
        """A task of this vendor's, by id."""
        found = self.simulation.store.get(task_id)
        return found if found is not None and found.vendor == self.vendor.name else None

    def is_ready(self, task: Task) -> bool:
        """Its time has come and its pictures are drawn."""
        drawn = all(self.simulation.pictures.is_ready(drawing) for drawing in task.drawings)
        return drawn and self.now() >= task.ready_at

    async def until_ready(self, task: Task) -> None:
        """Wait for the task's pictures and its time."""
        await asyncio.gather(
            *(self.simulation.pictures.render(drawing) for drawing in task.drawings),
            asyncio.sleep(max(0.0, task.ready_at - self.now())),
        )

    def link(self, request: Request, task: Task, index: int = 0) -> str:
        """A signed, expiring link to one of the task's pictures."""
        return links.sign(self.simulation, self.vendor, request, task, index)

    def _strike(self, stage: Stage, model: str, prompt: str, about: str) -> Fault | None:
        if stage is not Stage.PICTURE:
            self.simulation.ledger.requests[f"{self.vendor.name}/{stage}"] += 1
        return self.simulation.faults.strike(
            self.vendor, stage, model=model, prompt=prompt, about=about or prompt
        )

    async def _answered(self, fault: Fault | None, model: str, make: Make) -> Response:
        if fault is None:
            return await make(None)
        await self.simulation.delay(fault)
        if fault.kind in self.vendor.refusals and fault.kind not in self.vendor.oddities:
            return self.vendor.refusals[fault.kind](fault, model)
        response = await damage.instead(fault)
        if response is None:
            response = await damage.damaged(fault, await make(fault))
        return response

    def _outcome(self, fault: Fault | None, status: int | None) -> tuple[str, bool]:
        if status is None:
            return "abandoned", True
        if fault is None:
            return ("answered", True) if status < 400 else (f"refused:{status}", False)
        if fault.kind in self.vendor.refusals:
            return f"refused:{fault.kind}", False
        return f"fault:{fault.kind}", fault.kind not in _NOT_BILLED


async def json_object(request: Request) -> dict[str, Any] | None:
    """The request's JSON object, or None when the body is anything else."""
    try:
        body = await request.json()
    except (ValueError, UnicodeDecodeError):
        return None
    return body if isinstance(body, dict) else None


async def form_or_json(request: Request) -> dict[str, Any] | None:
    """A multipart form's fields (files as their bytes, a repeated name as a list) or a JSON object; else None."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await json_object(request)
    fields: dict[str, Any] = {}
    async with request.form(max_part_size=64 * 1024 * 1024) as form:
        for name, value in form.multi_items():
            read = await value.read() if isinstance(value, UploadFile) else _read(name, value)
            if name.endswith("[]") or name in fields:
                before = fields.get(name, [])
                fields[name] = [*(before if isinstance(before, list) else [before]), read]
            else:
                fields[name] = read
    return fields


def _read(name: str, value: str) -> Any:
    """Form fields are text; those that hold JSON numbers or booleans are read as such, a prompt of digits is not."""
    if name.endswith("prompt"):
        return value
    try:
        found = json.loads(value)
    except ValueError:
        return value
    return found if isinstance(found, int | float | bool) else value
