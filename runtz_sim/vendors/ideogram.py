"""Ideogram: /v2/image/generate/{model} (at once, or async with polling), price quotes, and the older v1 route."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from runtz_sim import inputs
from runtz_sim.desk import Desk, form_or_json
from runtz_sim.faults import Fault, FaultKind, Stage
from runtz_sim.inputs import Inputs, Measured
from runtz_sim.store import Task
from runtz_sim.vendor import Refused, Vendor
from runtz_sim.vendors import ideogram_rules as rules
from runtz_sim.vendors.ideogram_errors import REFUSALS, blocked, check_account, invalid, key_of, not_found
from runtz_sim.vendors.ideogram_rules import ImageOrder

PICTURE_BYTES = 10 * 2**20  # v2 takes 25 MB; what fits the older routes fits all
_SUCCESSOR = '</v2/image/generate/ideogram-4-5>; rel="successor-version"'


def _routes(desk: Desk) -> list[BaseRoute]:
    async def generate(request: Request) -> Response:
        return await _generate_v2(desk, request, rules.V2_MODELS.get(request.path_params["model"]))

    async def remix(request: Request) -> Response:
        known = {"ideogram-4-5": rules.REMIX_4_5, "auto": rules.REMIX_4_5}
        return await _generate_v2(desk, request, known.get(request.path_params["model"]))

    async def upscale(request: Request) -> Response:
        return await _upscale(desk, request, request.path_params["model"])

    async def generate_v3(request: Request) -> Response:
        return await _generate_v1(desk, request, rules.V1_MODEL)

    async def remix_v3(request: Request) -> Response:
        return await _generate_v1(desk, request, rules.REMIX_3)

    async def edit_v3(request: Request) -> Response:
        return await _generate_v1(desk, request, rules.EDIT_3)

    async def generation(request: Request) -> Response:
        return await _poll(desk, request)

    async def nothing(request: Request) -> Response:
        return not_found()

    return [
        Route("/v2/image/generate/{model}", generate, methods=["POST"]),
        Route("/v2/image/remix/{model}", remix, methods=["POST"]),
        Route("/v2/image/upscale/{model}", upscale, methods=["POST"]),
        Route("/v2/generations/{generation_id}", generation),
        Route("/v1/ideogram-v3/generate", generate_v3, methods=["POST"]),
        Route("/v1/ideogram-v3/remix", remix_v3, methods=["POST"]),
        Route("/v1/ideogram-v3/edit", edit_v3, methods=["POST"]),
        Route("/{rest:path}", nothing, methods=["GET", "POST"]),
    ]


async def _generate_v2(desk: Desk, request: Request, model: rules.Model | None) -> Response:
    key = key_of(request)
    if model is None:
        raise Refused(not_found())
    return await _ordered_v2(desk, request, key, await _read(desk, request, model))


async def _upscale(desk: Desk, request: Request, model: str) -> Response:
    key = key_of(request)
    if model not in rules.UPSCALERS:
        raise Refused(not_found())
    body = await form_or_json(request)
    try:
        factor = rules.upscale_factor(body or {})
        put_in = Inputs(pictures=inputs.files(body or {}, "image"), exactly=True)
        if not put_in.pictures:
            raise rules.Invalid("'image' is a required property")
        measured = await _measured(desk, put_in)
    except (rules.Invalid, inputs.BadInput) as refused:
        raise Refused(invalid(_why(refused))) from refused
    background = bool((body or {}).get("async"))
    order = rules.upscaled("topaz-standard-2", put_in, measured[0], factor, background=background)
    return await _ordered_v2(desk, request, key, order)


async def _ordered_v2(desk: Desk, request: Request, key: str, order: ImageOrder) -> Response:
    if request.query_params.get("dry_run") == "true":
        return await desk.free(
            Stage.FREE, make=lambda fault: _quote(order, fault), model=order.model, prompt=order.prompt
        )
    check_account(key, order.model)

    async def make(fault: Fault | None) -> Response:
        if _is_prompt_refused(fault):
            return blocked(fault or Fault(kind=FaultKind.CONTENT_BLOCKED), order.model)
        task = _accept(desk, order, fault)
        if order.background:
            return JSONResponse({"generation_id": task.task_id}, headers=_headers())
        await desk.until_ready(task)
        body = {"generation_id": task.task_id, "generation_kind": "sampling", "seed": task.drawings[0].seed}
        return JSONResponse({**body, "data": _data(desk, request, task)}, headers=_headers())

    stays = _seconds(desk, order) if order.background else 0.0
    return await desk.order(model=order.model, prompt=order.prompt, key=key, make=make, seconds=stays)


async def _generate_v1(desk: Desk, request: Request, model: rules.Model) -> Response:
    key = key_of(request)
    order = await _read(desk, request, model)
    check_account(key, order.model)

    async def make(fault: Fault | None) -> Response:
        if _is_prompt_refused(fault):
            return blocked(fault or Fault(kind=FaultKind.CONTENT_BLOCKED), order.model)
        task = _accept(desk, order, fault)
        await desk.until_ready(task)
        data = [{**item, "style_type": order.style_type} for item in _data(desk, request, task)]
        return JSONResponse(
            {"created": _iso(desk.now()), "data": data}, headers={**_headers(), "Link": _SUCCESSOR}
        )

    return await desk.order(model=order.model, prompt=order.prompt, key=key, make=make)


async def _poll(desk: Desk, request: Request) -> Response:
    key_of(request)
    task = desk.task(request.path_params["generation_id"])
    if task is None:
        return not_found()

    async def make(fault: Fault | None) -> Response:
        status, reason = _status(desk, task, fault)
        if status is None:
            return not_found()
        body = {
            "generation_id": task.task_id,
            "status": status,
            "created": _iso(task.created_at),
            "data": _data(desk, request, task) if status == "completed" else None,
            "failure_reason": reason,
        }
        return JSONResponse(body, headers=_headers())

    return await desk.free(Stage.POLL, make=make, model=task.model, prompt=task.prompt, about=task.task_id)


def _status(desk: Desk, task: Task, fault: Fault | None) -> tuple[str | None, str | None]:
    """(status, failure reason); status None when the task is denied."""
    match fault.kind if fault else None:
        case FaultKind.TASK_NOT_FOUND:
            return None, None
        case FaultKind.UNKNOWN_STATUS:
            return "waiting_for_a_friend", None
        case FaultKind.STATUS_ERROR:
            return "failed", "internal_error"
    if not desk.is_ready(task):
        return "pending", None
    if task.details.get("fate") == FaultKind.CONTENT_BLOCKED:
        return "failed", "content_policy_violation"
    return "completed", None


async def _read(desk: Desk, request: Request, model: rules.Model) -> ImageOrder:
    body = await form_or_json(request)
    if body is None:
        raise Refused(invalid("The request body is not valid JSON"))
    try:
        order = rules.read(model, body)
        put_in = _inputs(model, body)
        measured = await _measured(desk, put_in)
    except (rules.Invalid, inputs.BadInput) as refused:
        raise Refused(invalid(_why(refused))) from refused
    if model is rules.EDIT_3:
        width, height = rules.nearest_size(measured[0])
        order = replace(order, width=width, height=height)
    elif body.get("size") == "source" and measured:
        order = replace(order, width=measured[0].width, height=measured[0].height)
    return replace(order, inputs=put_in)


def _inputs(model: rules.Model, body: dict[str, Any]) -> Inputs:
    changed = inputs.files(body, "image")
    if "image" in model.fields and not changed:
        raise rules.Invalid("'image' is a required property")
    others = inputs.files(body, "images", "style_reference_images")
    masks = inputs.files(body, "mask")
    if model is rules.EDIT_3 and not masks:
        raise rules.Invalid("'mask' is a required property")
    return Inputs(
        pictures=(*changed, *others),
        mask=masks[0] if masks else None,
        marked="black",
        weight=rules.weight(body) if "image_weight" in model.fields else 35,
    )


async def _measured(desk: Desk, put_in: Inputs) -> list[Measured]:
    return await inputs.check(
        put_in, desk.simulation.pictures.measure, most=5, most_bytes=PICTURE_BYTES, name="image"
    )


def _why(refused: Exception) -> str:
    if isinstance(refused, inputs.BadInput):
        return f"{refused.why} - '{refused.name}'"
    return str(refused)


def _is_prompt_refused(fault: Fault | None) -> bool:
    return (
        fault is not None
        and fault.kind is FaultKind.CONTENT_BLOCKED
        and fault.options.get("stage", "prompt") == "prompt"
    )


def _accept(desk: Desk, order: ImageOrder, fault: Fault | None) -> Task:
    kind = fault.kind if fault else None
    extra = {FaultKind.MORE_IMAGES: 1, FaultKind.FEWER_IMAGES: -1}.get(kind, 0) if kind else 0
    drawings = desk.drawings(
        prompt=order.prompt, model=order.model, seed=order.seed, width=order.width, height=order.height,
        media_type="image/png", n=order.n + extra, inputs=order.inputs,
    )  # fmt: skip
    fate = str(kind) if kind in (FaultKind.CONTENT_BLOCKED, FaultKind.NO_IMAGE) else None
    seconds = _seconds(desk, order)
    return desk.accept(
        model=order.model, prompt=order.prompt, drawings=drawings, seconds=seconds, details={"fate": fate}
    )


def _seconds(desk: Desk, order: ImageOrder) -> float:
    return desk.seconds(order.model, order.seconds)


def _data(desk: Desk, request: Request, task: Task) -> list[dict[str, Any]]:
    fate = task.details.get("fate")
    return [
        {
            "url": None if fate else desk.link(request, task, index),
            "prompt": task.prompt,
            "resolution": f"{drawing.width}x{drawing.height}",
            "seed": drawing.seed,
            "is_image_safe": fate != FaultKind.CONTENT_BLOCKED,
        }
        for index, drawing in enumerate(task.drawings)
    ]


async def _quote(order: ImageOrder, fault: Fault | None) -> Response:
    higher = fault is not None and fault.kind is FaultKind.PRICE_HIGHER
    factor = int(fault.number("factor", 10)) if fault is not None and higher else 1
    return JSONResponse(
        {"object": "price_quote", "usd_micros": order.usd_micros * factor}, headers=_headers()
    )


def _headers() -> dict[str, str]:
    return {"x-request-id": secrets.token_hex(16)}


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


VENDOR = Vendor(
    name="ideogram",
    routes=_routes,
    seconds=rules.USUAL_SECONDS,
    refusals=REFUSALS,
    oddities={
        FaultKind.CONTENT_BLOCKED: Stage.ORDER,
        FaultKind.NO_IMAGE: Stage.ORDER,
        FaultKind.MORE_IMAGES: Stage.ORDER,
        FaultKind.FEWER_IMAGES: Stage.ORDER,
        FaultKind.PRICE_HIGHER: Stage.FREE,
        FaultKind.TASK_NOT_FOUND: Stage.POLL,
        FaultKind.UNKNOWN_STATUS: Stage.POLL,
        FaultKind.STATUS_ERROR: Stage.POLL,
    },
    polls=True,
    inline=False,
    link_seconds=24 * 3600,
)
