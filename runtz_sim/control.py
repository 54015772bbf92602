"""The test bench: arm faults, set speeds and lifetimes, move the clock, read the books. No real vendor has this."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from runtz_sim.desk import json_object
from runtz_sim.faults import KINDS, FaultKind, Instruction, instructed
from runtz_sim.simulation import Simulation
from runtz_sim.vendor import Refused


def routes(simulation: Simulation) -> list[Mount]:
    """Everything under /control."""
    asked: list[tuple[str, dict[str, Callable[[Simulation, Request], Any]]]] = [
        ("/faults", {"GET": _list_faults, "POST": _arm, "DELETE": _disarm}),
        ("/faults/{fault_id:int}", {"DELETE": _withdraw}),
        ("/kinds", {"GET": _kinds}),
        ("/calls", {"GET": _calls, "DELETE": _clear_calls}),
        ("/stats", {"GET": _stats, "DELETE": _clear_stats}),
        ("/latency", {"POST": _latency, "DELETE": _clear_latency}),
        ("/links", {"POST": _links}),
        ("/limits", {"POST": _limits}),
        ("/clock", {"POST": _clock}),
        ("/drawing", {"POST": _drawing}),
        ("/seed", {"POST": _seed}),
        ("/reset", {"POST": _reset}),
    ]
    return [Mount("/control", routes=[_route(simulation, path, by_method) for path, by_method in asked])]


def _route(
    simulation: Simulation, path: str, by_method: dict[str, Callable[[Simulation, Request], Any]]
) -> Route:
    async def answer(request: Request) -> Response:
        if "origin" in request.headers:
            return JSONResponse({"error": "Control is not for web pages."}, 403)
        found = await by_method["GET" if request.method == "HEAD" else request.method](simulation, request)
        return JSONResponse(found, 201 if by_method.get(request.method) is _arm else 200)

    return Route(path, answer, methods=list(by_method))


async def _list_faults(simulation: Simulation, request: Request) -> Any:
    return {
        "faults": [_told(fault_id, instruction) for fault_id, instruction in simulation.faults.armed.items()]
    }


async def _arm(simulation: Simulation, request: Request) -> Any:
    body = await _body(request)
    vendor = simulation.vendors.get(str(body.get("vendor")))
    if vendor is None:
        raise Refused(_wrong(f"vendor must be one of {', '.join(simulation.vendors)}"))
    if body.get("kind") not in KINDS:
        raise Refused(_wrong(f"kind must be one of {', '.join(sorted(KINDS))}"))
    options = {str(name): str(value) for name, value in (body.get("options") or {}).items()}
    options |= {
        name: str(body[name]) for name in ("where", "times", "after", "chance") if body.get(name) is not None
    }
    try:
        instruction = instructed(vendor, FaultKind(body["kind"]), options, model=body.get("model"))
    except ValueError as impossible:
        raise Refused(_wrong(str(impossible))) from impossible
    return _told(simulation.faults.arm(instruction), instruction)


async def _disarm(simulation: Simulation, request: Request) -> Any:
    simulation.faults.clear()
    return {"faults": []}


async def _withdraw(simulation: Simulation, request: Request) -> Any:
    return {"withdrawn": simulation.faults.withdraw(request.path_params["fault_id"])}


async def _kinds(simulation: Simulation, request: Request) -> Any:
    """Per vendor, every fault it can show and where, the usual place first."""
    return {
        name: {kind: stages for kind in FaultKind if (stages := vendor.stages_of(kind))}
        for name, vendor in simulation.vendors.items()
    }


async def _calls(simulation: Simulation, request: Request) -> Any:
    vendor = request.query_params.get("vendor")
    return {"calls": [asdict(call) for call in simulation.ledger.calls if vendor in (None, call.vendor)]}


async def _clear_calls(simulation: Simulation, request: Request) -> Any:
    simulation.ledger.clear_calls()
    return {"calls": []}


async def _stats(simulation: Simulation, request: Request) -> Any:
    pictures, ledger = simulation.pictures, simulation.ledger
    return {
        "pictures": pictures.drawn,
        "cpu_seconds": round(pictures.cpu_seconds, 6),
        "previews": pictures.previews,
        "preview_cpu_seconds": round(pictures.preview_cpu_seconds, 6),
        "in_flight": ledger.in_flight,
        "in_flight_peak": ledger.in_flight_peak,
        "requests": dict(ledger.requests),
        "models": dict(ledger.models),
    }


async def _clear_stats(simulation: Simulation, request: Request) -> Any:
    simulation.ledger.clear_counts()
    simulation.pictures.clear_counts()
    return {}


async def _latency(simulation: Simulation, request: Request) -> Any:
    body = await _body(request)
    if "scale" in body:
        simulation.latency.scale = _number(body, "scale")
    if "seconds" in body:
        simulation.latency.set(body.get("vendor"), body.get("model"), _number(body, "seconds"))
    return {"scale": simulation.latency.scale}


async def _clear_latency(simulation: Simulation, request: Request) -> Any:
    simulation.latency.reset()
    return {"scale": simulation.latency.scale}


async def _links(simulation: Simulation, request: Request) -> Any:
    """Lifetime of links signed from now on: {seconds, vendor?}; seconds null is the vendor's own again."""
    body = await _body(request)
    named = body.get("vendor")
    for name in simulation.vendors if named is None else [str(named)]:
        if body.get("seconds") is None:
            simulation.link_seconds.pop(name, None)
        else:
            simulation.link_seconds[name] = _number(body, "seconds")
    return {"link_seconds": simulation.link_seconds}


async def _limits(simulation: Simulation, request: Request) -> Any:
    """Most tasks at once before a vendor answers 429: {vendor, tasks}; tasks null lifts it."""
    body = await _body(request)
    simulation.task_limits.pop(str(body.get("vendor")), None)
    if body.get("tasks") is not None:
        simulation.task_limits[str(body.get("vendor"))] = int(_number(body, "tasks"))
    return {"task_limits": simulation.task_limits}


async def _clock(simulation: Simulation, request: Request) -> Any:
    simulation.advance(_number(await _body(request), "advance"))
    return {"now": simulation.now()}


async def _drawing(simulation: Simulation, request: Request) -> Any:
    """Draw simply from now on, or with all care again: {fast}."""
    fast = (await _body(request)).get("fast")
    if not isinstance(fast, bool):
        raise Refused(_wrong("fast must be true or false"))
    simulation.pictures.fast = fast
    return {"fast": fast}


async def _seed(simulation: Simulation, request: Request) -> Any:
    """Make the seeds of orders that name none repeatable from here: {seed}."""
    simulation.dice.seed(int(_number(await _body(request), "seed")))
    return {}


async def _reset(simulation: Simulation, request: Request) -> Any:
    simulation.reset()
    return {}


def _told(fault_id: int, instruction: Instruction) -> dict[str, Any]:
    return {
        "fault_id": fault_id,
        "vendor": instruction.vendor,
        "model": instruction.model,
        "kind": instruction.fault.kind,
        "where": instruction.stage,
        "times": instruction.times,
        "after": instruction.after,
        "chance": instruction.chance,
        "options": dict(instruction.fault.options),
    }


async def _body(request: Request) -> dict[str, Any]:
    body = await json_object(request)
    if body is None:
        raise Refused(_wrong("the body must be a JSON object"))
    return body


def _number(body: dict[str, Any], name: str) -> float:
    value = body.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Refused(_wrong(f"{name} must be a number"))
    return float(value)


def _wrong(message: str) -> Response:
    return JSONResponse({"error": message}, 422)
