"""OpenAI's Images API: /v1/images/generations and /edits (JSON, multipart, streaming), /v1/models."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from runtz_sim import inputs
from runtz_sim.damage import base64_text
from runtz_sim.desk import Desk, form_or_json
from runtz_sim.faults import Fault, FaultKind, Stage
from runtz_sim.inputs import Inputs
from runtz_sim.pictures import Drawing, MediaType
from runtz_sim.texts.mind import QUIRKS
from runtz_sim.vendor import Refused, Vendor
from runtz_sim.vendors import openai_rules as rules
from runtz_sim.vendors.openai_errors import REFUSALS, check_account, error, headers, key_of
from runtz_sim.vendors.openai_rules import ImageOrder
from runtz_sim.vendors.openai_texts import MODELS as TEXT_MODELS
from runtz_sim.vendors.openai_texts import text_routes

MOST_PICTURES, PICTURE_BYTES, MASK_BYTES = 16, 50 * 2**20, 4 * 2**20
_MEDIA: dict[str, MediaType] = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}


def _routes(desk: Desk) -> list[BaseRoute]:
    async def generations(request: Request) -> Response:
        return await _images(desk, request, "image_generation")

    async def edits(request: Request) -> Response:
        return await _images(desk, request, "image_edit")

    async def models(request: Request) -> Response:
        key_of(request)
        return await desk.free(Stage.FREE, make=lambda _: _model_list())

    async def model(request: Request) -> Response:
        key_of(request)
        name = request.path_params["model"]
        return await desk.free(Stage.FREE, make=lambda _: _one_model(name), model=name)

    async def nothing(request: Request) -> Response:
        where = f"{request.method} {request.url.path.removeprefix('/openai')}"
        return error(404, f"Invalid URL ({where})", "invalid_request_error", None)

    return [
        Route("/v1/images/generations", generations, methods=["POST"]),
        Route("/v1/images/edits", edits, methods=["POST"]),
        *text_routes(desk),
        Route("/v1/models", models),
        Route("/v1/models/{model}", model),
        Route("/{rest:path}", nothing, methods=["GET", "POST", "DELETE"]),
    ]


async def _images(desk: Desk, request: Request, event: str) -> Response:
    key = key_of(request)
    body = await form_or_json(request)
    if body is None:
        raise Refused(
            error(400, "We could not parse the JSON body of your request.", "invalid_request_error", None)
        )
    try:
        order = rules.read(body)
        if event == "image_edit":
            order = await _with_inputs(desk, order, body)
    except inputs.BadInput as refused:
        message = f"Invalid image: {refused.why}."
        raise Refused(
            error(400, message, "invalid_request_error", "invalid_image_file", refused.name)
        ) from refused
    except rules.Invalid as refused:
        kind = "image_generation_user_error" if refused.param == "model" else "invalid_request_error"
        raise Refused(error(400, refused.message, kind, refused.code, refused.param)) from refused
    check_account(key, order.model)
    seconds = desk.seconds(order.model)

    async def make(fault: Fault | None) -> Response:
        if order.stream:
            return StreamingResponse(
                _stream(desk, order, event, fault, seconds), media_type="text/event-stream", headers=headers()
            )
        if order.as_url:
            return await _linked(desk, request, order, fault, seconds)
        return await _inline(desk, order, fault, seconds)

    stays = seconds if order.stream else 0.0
    return await desk.order(model=order.model, prompt=order.prompt, key=key, make=make, seconds=stays)


async def _with_inputs(desk: Desk, order: ImageOrder, body: dict[str, Any]) -> ImageOrder:
    """The order with its pictures, judged as the vendor does. Raises BadInput."""
    pictures = inputs.files(body, "image", "image[]")
    if not pictures:
        raise inputs.BadInput("image", "an edit needs a picture")
    masks = inputs.files(body, "mask")
    put_in = Inputs(pictures=pictures, mask=masks[0] if masks else None, marked="clear")
    await inputs.check(
        put_in,
        desk.simulation.pictures.measure,
        most=MOST_PICTURES,
        most_bytes=PICTURE_BYTES,
        name="image",
        mask_alpha=True,
    )
    if put_in.mask is not None and len(put_in.mask) > MASK_BYTES:
        raise inputs.BadInput("mask", "at most 4 MB")
    return replace(order, inputs=put_in)


async def _inline(desk: Desk, order: ImageOrder, fault: Fault | None, seconds: float) -> Response:
    drawings = _drawings(desk, order, _count(order, fault))
    pictures = await desk.inline(drawings, desk.picture_fault(order.model, order.prompt), seconds)
    data = [{"b64_json": picture} for picture in pictures]
    if rules.MODELS[order.model].legacy:
        found: dict[str, Any] = {"created": int(desk.now()), "data": [_revised(item, order) for item in data]}
    else:
        found = {
            "created": int(desk.now()),
            **_echo(order),
            "data": data,
            "usage": _usage(order, len(data), 0, fault),
        }
    return JSONResponse(found, headers=_timed(seconds))


async def _linked(
    desk: Desk, request: Request, order: ImageOrder, fault: Fault | None, seconds: float
) -> Response:
    drawings = _drawings(desk, order, _count(order, fault))
    task = desk.accept(model=order.model, prompt=order.prompt, drawings=drawings, seconds=seconds, details={})
    await desk.until_ready(task)
    data = [_revised({"url": desk.link(request, task, index)}, order) for index in range(len(drawings))]
    return JSONResponse({"created": int(desk.now()), "data": data}, headers=_timed(seconds))


async def _stream(
    desk: Desk, order: ImageOrder, event: str, fault: Fault | None, seconds: float
) -> AsyncIterator[str]:
    """Partials spread evenly over the time the picture takes, then the finished picture."""
    (drawing,) = _drawings(desk, order, 1)
    finished = asyncio.ensure_future(
        desk.inline([drawing], desk.picture_fault(order.model, order.prompt), seconds)
    )
    echo = {**_echo(order), "created_at": int(desk.now())}
    for index in range(order.partial_images):
        done = (index + 1) / (order.partial_images + 1)
        picture, _ = await asyncio.gather(
            desk.simulation.pictures.preview(drawing, done),
            asyncio.sleep(seconds / (order.partial_images + 1)),
        )
        yield _event(
            f"{event}.partial_image",
            {"b64_json": base64_text(picture, None), "partial_image_index": index, **echo},
        )
    if fault is not None and fault.kind is FaultKind.MID_STREAM_ERROR:
        finished.cancel()
        yield _error_event(fault)
        return
    (text,) = await finished
    usage = _usage(order, 1, order.partial_images, fault)
    if fault is not None and fault.kind is FaultKind.NO_IMAGE:
        text = ""
    yield _event(f"{event}.completed", {"b64_json": text, **echo, "usage": usage})


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n"


def _error_event(fault: Fault) -> str:
    trouble = {"message": "The server had an error while processing your request.", "type": "server_error"}
    code = fault.options.get("code", "server_error")
    return f"event: error\ndata: {json.dumps({'error': {**trouble, 'param': None, 'code': code}})}\n\n"


def _drawings(desk: Desk, order: ImageOrder, n: int) -> tuple[Drawing, ...]:
    media = _MEDIA[order.output_format]
    return desk.drawings(
        prompt=order.prompt,
        model=order.model,
        seed=None,
        width=order.width,
        height=order.height,
        media_type=media,
        n=n,
        inputs=order.inputs,
    )


def _count(order: ImageOrder, fault: Fault | None) -> int:
    match fault.kind if fault else None:
        case FaultKind.NO_IMAGE:
            return 0
        case FaultKind.MORE_IMAGES:
            return order.n + 1
        case FaultKind.FEWER_IMAGES:
            return order.n - 1
        case _:
            return order.n


def _usage(order: ImageOrder, made: int, partials: int, fault: Fault | None) -> dict[str, Any]:
    counted = rules.usage(order, max(1, made), partials)
    if fault is not None and fault.kind is FaultKind.PRICE_HIGHER:
        factor = int(fault.number("factor", 10))
        counted["output_tokens"] *= factor
        counted["output_tokens_details"]["image_tokens"] *= factor
        counted["total_tokens"] = counted["input_tokens"] + counted["output_tokens"]
    return counted


def _echo(order: ImageOrder) -> dict[str, Any]:
    return {
        "background": order.background,
        "output_format": order.output_format,
        "quality": order.quality,
        "size": order.size,
    }


def _revised(item: dict[str, Any], order: ImageOrder) -> dict[str, Any]:
    return {**item, "revised_prompt": f"A detailed picture of the following: {order.prompt[:3900]}"}


def _timed(seconds: float) -> dict[str, str]:
    return {**headers(), "openai-processing-ms": str(int(seconds * 1000))}


async def _model_list() -> Response:
    data = [_model_entry(name) for name in rules.MODELS]
    return JSONResponse({"object": "list", "data": data}, headers=headers())


async def _one_model(name: str) -> Response:
    if name not in rules.MODELS:
        return error(
            404, f"The model '{name}' does not exist", "invalid_request_error", "model_not_found", "model"
        )
    return JSONResponse(_model_entry(name), headers=headers())


def _model_entry(name: str) -> dict[str, Any]:
    model = rules.MODELS[name]
    entry = {"id": name, "object": "model", "created": model.created, "owned_by": "system"}
    return {**entry, "shutdown_date": model.shutdown_date}


VENDOR = Vendor(
    name="openai",
    routes=_routes,
    seconds={name: model.seconds for name, model in rules.MODELS.items()} | TEXT_MODELS,
    quirks=QUIRKS,
    refusals=REFUSALS,
    oddities={
        FaultKind.NO_IMAGE: Stage.ORDER,
        FaultKind.MORE_IMAGES: Stage.ORDER,
        FaultKind.FEWER_IMAGES: Stage.ORDER,
        FaultKind.PRICE_HIGHER: Stage.ORDER,
        FaultKind.MID_STREAM_ERROR: Stage.ORDER,
    },
    link_seconds=3600,  # DALL-E 3's links
)
