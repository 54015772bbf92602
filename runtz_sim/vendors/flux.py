"""Black Forest Labs: POST /v1/{model}, then /v1/get_result until it is Ready; /v1/credits."""

import math
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from runtz_sim import inputs
from runtz_sim.desk import Desk, json_object
from runtz_sim.faults import Fault, FaultKind, Stage
from runtz_sim.store import Task
from runtz_sim.vendor import Refused, Vendor, retry_after
from runtz_sim.vendors import flux_rules as rules

MAX_ACTIVE_TASKS = 24  # published; enforced when control sets a limit
_REASONING_UNTIL = 0.5  # share of the time flux-3 spends before it draws


def _routes(desk: Desk) -> list[BaseRoute]:
    async def submit(request: Request) -> Response:
        return await _submit(desk, request, request.path_params["model"])

    async def result(request: Request) -> Response:
        return await _result(desk, request)

    async def credits_left(request: Request) -> Response:
        _key_of(request)
        return await desk.free(Stage.FREE, make=lambda _: _credits())

    async def nothing(request: Request) -> Response:
        return _not_found()

    return [
        Route("/v1/get_result", result),
        Route("/v1/credits", credits_left),
        Route("/v1/{model}", submit, methods=["POST"]),
        Route("/{rest:path}", nothing, methods=["GET", "POST"]),
    ]


async def _submit(desk: Desk, request: Request, model: str) -> Response:
    key = _key_of(request)
    endpoint = rules.ENDPOINTS.get(model)
    if endpoint is None:
        raise Refused(_not_found())
    body = await json_object(request)
    if body is None:
        raise Refused(_unprocessable("body", "JSON decode error", "json_invalid"))
    try:
        order = endpoint.read(body)
        measured = await inputs.check(
            order.inputs,
            desk.simulation.pictures.measure,
            most=10,
            most_bytes=rules.PICTURE_BYTES,
            name="input_image",
        )
    except inputs.BadInput as refused:
        raise Refused(_unprocessable(refused.name, f"Value error, {refused.why}", "value_error")) from refused
    except rules.Invalid as refused:
        raise Refused(_unprocessable(refused.field, refused.message, refused.kind)) from refused
    if key.startswith("quota-"):
        raise Refused(_quota(Fault(kind=FaultKind.QUOTA), model))
    if desk.is_full():
        raise Refused(_rate_limited(Fault(kind=FaultKind.RATE_LIMITED), model))
    seconds = desk.seconds(model)
    put_in = sum(math.ceil(one.width * one.height / 1024**2) for one in measured)
    order = replace(order, cost=order.cost + put_in * order.cents_each_in)

    async def make(fault: Fault | None) -> Response:
        return _accepted(desk, request, model, order, fault, seconds, put_in)

    return await desk.order(model=model, prompt=order.prompt, key=key, make=make, seconds=seconds)


def _accepted(
    desk: Desk,
    request: Request,
    model: str,
    order: rules.ImageOrder,
    fault: Fault | None,
    seconds: float,
    put_in: int,
) -> Response:
    drawings = desk.drawings(
        prompt=order.prompt, model=model, seed=order.seed, width=order.width, height=order.height,
        media_type=order.media_type, inputs=order.inputs,
    )  # fmt: skip
    higher = fault is not None and fault.kind is FaultKind.PRICE_HIGHER
    cost = order.cost * (fault.number("factor", 10) if fault is not None and higher else 1)
    task = desk.accept(
        model=model, prompt=order.prompt, drawings=drawings, seconds=seconds, details={"cost": cost}
    )
    megapixels = round(order.width * order.height / 1_000_000, 2)
    priced = {"cost": cost, "input_mp": float(put_in), "output_mp": megapixels}
    if order.webhook_url:
        return JSONResponse(
            {"id": task.task_id, "status": "Pending", "webhook_url": order.webhook_url, **priced}
        )
    polling_url = f"{request.url.scheme}://{request.url.netloc}/flux/v1/get_result?id={task.task_id}"
    return JSONResponse({"id": task.task_id, "polling_url": polling_url, **priced})


async def _result(desk: Desk, request: Request) -> Response:
    _key_of(request)
    task_id = request.query_params.get("id")
    if task_id is None:
        raise Refused(_unprocessable("id", "Field required", "missing", place="query"))
    task = desk.task(task_id)
    if task is None:
        return _state(task_id, "Task not found", http=404)

    async def make(fault: Fault | None) -> Response:
        return _told(desk, request, task, fault)

    return await desk.free(Stage.POLL, make=make, model=task.model, prompt=task.prompt, about=task.task_id)


def _told(desk: Desk, request: Request, task: Task, fault: Fault | None) -> Response:
    """What a poll says about the task."""
    match fault.kind if fault else None, fault.options if fault else {}:
        case FaultKind.CONTENT_BLOCKED, options:
            status = "Content Moderated" if options.get("stage") == "output" else "Request Moderated"
            return _state(task.task_id, status, details={"Moderation Reasons": ["Derivative Works Filter"]})
        case FaultKind.TASK_NOT_FOUND, options:
            return _state(task.task_id, "Task not found", http=int(options.get("http", 404)))
        case FaultKind.STATUS_ERROR, _:
            return _state(task.task_id, "Error", details={"error": "Generation failed."})
        case FaultKind.HTTP_503_STATUS_BODY, options:
            return _state(task.task_id, options.get("status", "Error").replace("_", " "), http=503)
        case FaultKind.UNKNOWN_STATUS, _:
            return _state(task.task_id, "Resting")
        case FaultKind.NO_IMAGE, _:
            return _state(task.task_id, "Ready")
    if not desk.is_ready(task):
        return _working(desk, task)
    drawing = task.drawings[0]
    result: dict[str, Any] = {
        "sample": desk.link(request, task),
        "prompt": task.prompt,
        "start_time": task.created_at,
        "end_time": task.ready_at,
        "duration": round(task.ready_at - task.created_at, 3),
    }
    if not rules.ENDPOINTS[task.model].reasons:
        result["seed"] = drawing.seed
    return _state(task.task_id, "Ready", result=result)


def _working(desk: Desk, task: Task) -> Response:
    whole = max(task.ready_at - task.created_at, 0.001)
    share = min(0.99, (desk.now() - task.created_at) / whole)
    status = "Pending"
    if rules.ENDPOINTS[task.model].reasons and share > 0.05:
        status = "Reasoning" if share < _REASONING_UNTIL else "Generating"
    return _state(task.task_id, status, progress=round(share, 2))


def _state(
    task_id: str,
    status: str,
    *,
    http: int = 200,
    result: dict[str, Any] | None = None,
    progress: float | None = None,
    details: dict[str, Any] | None = None,
) -> Response:
    body = {"id": task_id, "status": status, "result": result, "progress": progress}
    return JSONResponse({**body, "details": details, "preview": None}, http)


async def _credits() -> Response:
    return JSONResponse({"credits": 1000.0})


def _key_of(request: Request) -> str:
    """The key from its header. Raises Refused when it is missing or bad."""
    key = request.headers.get("x-key", "")
    if not key or key.startswith("bad-"):
        raise Refused(_auth(Fault(kind=FaultKind.AUTH), ""))
    return key


def _auth(fault: Fault, model: str) -> Response:
    return JSONResponse({"detail": "Not authenticated - Invalid Authentication"}, 403)


def _quota(fault: Fault, model: str) -> Response:
    return JSONResponse({"detail": "Insufficient credits. Please add credits to your account."}, 402)


def _rate_limited(fault: Fault, model: str) -> Response:
    message = f"Too many active tasks: at most {MAX_ACTIVE_TASKS}."
    return JSONResponse({"detail": message}, 429, headers=retry_after(fault))


def _not_found() -> Response:
    return JSONResponse({"detail": "Not Found"}, 404)


def _gone(fault: Fault, model: str) -> Response:
    return _not_found()


def _unprocessable(field: str, message: str, kind: str, place: str = "body") -> Response:
    return JSONResponse({"detail": [{"loc": [place, field], "msg": message, "type": kind}]}, 422)


def _invalid(fault: Fault, model: str) -> Response:
    return _unprocessable("prompt", "Input should be a valid string", "string_type")


def _broken(fault: Fault, model: str) -> Response:
    return JSONResponse({"detail": "Internal Server Error"}, 500)


def _overloaded(fault: Fault, model: str) -> Response:
    return JSONResponse({"detail": "Service Unavailable"}, 503)


VENDOR = Vendor(
    name="flux",
    routes=_routes,
    seconds={name: endpoint.seconds for name, endpoint in rules.ENDPOINTS.items()},
    refusals={
        FaultKind.AUTH: _auth,
        FaultKind.QUOTA: _quota,
        FaultKind.RATE_LIMITED: _rate_limited,
        FaultKind.MODEL_GONE: _gone,
        FaultKind.INVALID: _invalid,
        FaultKind.SERVER_ERROR: _broken,
        FaultKind.UNAVAILABLE: _overloaded,
    },
    oddities={
        FaultKind.PRICE_HIGHER: Stage.ORDER,
        FaultKind.CONTENT_BLOCKED: Stage.POLL,
        FaultKind.TASK_NOT_FOUND: Stage.POLL,
        FaultKind.STATUS_ERROR: Stage.POLL,
        FaultKind.HTTP_503_STATUS_BODY: Stage.POLL,
        FaultKind.UNKNOWN_STATUS: Stage.POLL,
        FaultKind.NO_IMAGE: Stage.POLL,
    },
    polls=True,
    inline=False,
    link_seconds=600,
)
