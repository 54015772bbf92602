"""Google's Gemini API: generateContent and streamGenerateContent under /v1 and /v1beta, and the model list."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from runtz_sim import inputs
from runtz_sim.damage import base64_text
from runtz_sim.desk import Desk, json_object
from runtz_sim.faults import Fault, FaultKind, Stage
from runtz_sim.texts.mind import QUIRKS
from runtz_sim.vendor import Refused, Vendor
from runtz_sim.vendors import gemini_rules as rules
from runtz_sim.vendors import gemini_texts
from runtz_sim.vendors.gemini_errors import REFUSALS, check_account, error, key_of, no_such_model
from runtz_sim.vendors.gemini_rules import ImageOrder

_METHODS = {"generateContent": False, "streamGenerateContent": True}
_VERSIONS = ("/v1", "/v1beta")
DRAFT_PIXELS = 256


def _routes(desk: Desk) -> list[BaseRoute]:
    async def call(request: Request) -> Response:
        name, _, method = request.path_params["call"].rpartition(":")
        model = rules.ALIASES.get(name, name)
        key = key_of(request)
        if method == "generateContent" and model in gemini_texts.MODELS:
            check_account(key, model)
            return await gemini_texts.answered(desk, request, model, key)
        if method not in _METHODS or model not in rules.MODELS:
            raise Refused(no_such_model(name))
        check_account(key, model)
        return await _content(desk, request, model, key, stream=_METHODS[method])

    async def models(request: Request) -> Response:
        key_of(request)
        return await desk.free(Stage.FREE, make=lambda _: _model_list())

    async def model(request: Request) -> Response:
        key_of(request)
        name = request.path_params["model"]
        return await desk.free(Stage.FREE, make=lambda _: _one_model(name), model=name)

    async def nothing(request: Request) -> Response:
        return error(404, "NOT_FOUND", "The requested URL was not found on this server.")

    found: list[BaseRoute] = []
    for version in _VERSIONS:
        found += [
            Route(f"{version}/models", models),
            Route(f"{version}/models/{{call}}", call, methods=["POST"]),
            Route(f"{version}/models/{{model}}", model),
        ]
    return [*found, Route("/{rest:path}", nothing, methods=["GET", "POST"])]


async def _content(desk: Desk, request: Request, model: str, key: str, *, stream: bool) -> Response:
    body = await json_object(request)
    if body is None:
        raise Refused(error(400, "INVALID_ARGUMENT", "Invalid JSON payload received."))
    try:
        order = rules.read(model, body)
        await inputs.check(
            order.inputs,
            desk.simulation.pictures.measure,
            most=rules.MOST_PICTURES,
            most_bytes=rules.PICTURE_BYTES,
            name="contents.parts.inline_data",
        )
    except inputs.BadInput as refused:
        raise Refused(
            error(400, "INVALID_ARGUMENT", f"Unable to process input image: {refused.why}.")
        ) from refused
    except rules.Invalid as refused:
        raise Refused(error(400, "INVALID_ARGUMENT", str(refused))) from refused
    seconds = desk.seconds(model)

    async def make(fault: Fault | None) -> Response:
        if not stream:
            return JSONResponse(await _answer(desk, order, fault, seconds))
        pieces = _pieces(desk, order, fault, seconds)
        if request.query_params.get("alt") == "sse":
            return StreamingResponse(_as_events(pieces), media_type="text/event-stream")
        return JSONResponse([piece async for piece in pieces])

    return await desk.order(
        model=model, prompt=order.prompt, key=key, make=make, seconds=seconds if stream else 0.0
    )


async def _answer(desk: Desk, order: ImageOrder, fault: Fault | None, seconds: float) -> dict[str, Any]:
    odd = _odd_answer(order, fault)
    if odd is not None:
        await asyncio.sleep(seconds)
        return odd
    parts, images = await _parts(desk, order, fault, seconds)
    candidate = {"index": 0, "finishReason": "STOP", "content": {"role": "model", "parts": parts}}
    return _enveloped(order, [candidate], images=images)


def _odd_answer(order: ImageOrder, fault: Fault | None) -> dict[str, Any] | None:
    """An HTTP 200 without a picture: blocked, declined, or ended for a reason nobody knows yet."""
    if fault is None:
        return _text_only(order) if not order.wants_image else None
    match fault.kind, fault.options.get("stage", "prompt"):
        case FaultKind.CONTENT_BLOCKED, "prompt":
            reason = fault.options.get("reason", "PROHIBITED_CONTENT")
            counted = {"promptTokenCount": 12, "totalTokenCount": 12}
            return {
                "promptFeedback": {"blockReason": reason},
                "usageMetadata": counted,
                "modelVersion": order.model,
                "responseId": _response_id(),
            }
        case FaultKind.CONTENT_BLOCKED, _:
            message = "Unable to show the generated image. The image was filtered out."
            return _ended(order, fault.options.get("reason", "IMAGE_SAFETY"), message)
        case FaultKind.NO_IMAGE, _:
            finish = fault.options.get("finish")
            return _ended(order, finish, "No image was generated.") if finish else _text_only(order)
        case FaultKind.UNKNOWN_STATUS, _:
            return _ended(order, "A_REASON_OF_TOMORROW", None)
        case _:
            return None


def _ended(order: ImageOrder, reason: str, message: str | None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"index": 0, "finishReason": reason}
    if message:
        candidate["finishMessage"] = message
    return _enveloped(order, [candidate], images=0)


def _text_only(order: ImageOrder) -> dict[str, Any]:
    content = {"role": "model", "parts": [{"text": "I can describe this picture in words instead."}]}
    return _enveloped(order, [{"index": 0, "finishReason": "STOP", "content": content}], images=0)


async def _parts(
    desk: Desk, order: ImageOrder, fault: Fault | None, seconds: float
) -> tuple[list[dict[str, Any]], int]:
    """The answer's parts (thoughts, words, pictures) and how many pictures are among them."""
    n = 2 if fault is not None and fault.kind is FaultKind.MORE_IMAGES else 1
    drawings = desk.drawings(
        prompt=order.prompt, model=order.model, seed=order.seed, width=order.width, height=order.height,
        media_type="image/png", n=n, inputs=order.inputs,
    )  # fmt: skip
    made = desk.inline(drawings, desk.picture_fault(order.model, order.prompt), seconds)
    pictures, thoughts = await asyncio.gather(made, _thoughts(desk, order))
    parts = [*thoughts, {"text": "Here is your picture."}]
    for picture in pictures:
        signature = secrets.token_urlsafe(24)
        parts.append(
            {"inlineData": {"mimeType": "image/png", "data": picture}, "thoughtSignature": signature}
        )
    return parts, n


async def _thoughts(desk: Desk, order: ImageOrder) -> list[dict[str, Any]]:
    model = rules.MODELS[order.model]
    if not model.thoughts:
        return []
    thoughts: list[dict[str, Any]] = [{"text": "**Composing**\nWeighing light and framing.", "thought": True}]
    if model.drafts:
        drawing = desk.drawings(
            prompt=order.prompt, model=order.model, seed=order.seed, width=DRAFT_PIXELS, height=DRAFT_PIXELS,
            media_type="image/jpeg",
        )[0]  # fmt: skip
        draft = base64_text(await desk.simulation.pictures.preview(drawing, 0.5), None)
        thoughts.append({"inlineData": {"mimeType": "image/jpeg", "data": draft}, "thought": True})
    return thoughts


async def _pieces(
    desk: Desk, order: ImageOrder, fault: Fault | None, seconds: float
) -> AsyncIterator[dict[str, Any]]:
    """The answer in the pieces a stream brings: one part each, the end with the last."""
    if fault is not None and fault.kind is FaultKind.MID_STREAM_ERROR:
        content = {"role": "model", "parts": [{"text": "Here is"}]}
        yield _enveloped(order, [{"index": 0, "content": content}], images=0)
        yield {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
        return
    answer = await _answer(desk, order, fault, seconds)
    parts = answer.get("candidates", [{}])[0].get("content", {}).get("parts", [])
    for part in parts[:-1]:
        content = {"role": "model", "parts": [part]}
        yield {**answer, "candidates": [{"index": 0, "content": content}]}
    if parts:
        last = {**answer["candidates"][0], "content": {"role": "model", "parts": parts[-1:]}}
        answer = {**answer, "candidates": [last]}
    yield answer


async def _as_events(pieces: AsyncIterator[dict[str, Any]]) -> AsyncIterator[str]:
    async for piece in pieces:
        yield f"data: {json.dumps(piece)}\r\n\r\n"


def _enveloped(order: ImageOrder, candidates: list[dict[str, Any]], *, images: int) -> dict[str, Any]:
    return {
        "candidates": candidates,
        "usageMetadata": rules.usage(order, images=images),
        "modelVersion": order.model,
        "responseId": _response_id(),
    }


def _response_id() -> str:
    return secrets.token_urlsafe(16)


async def _model_list() -> Response:
    return JSONResponse({"models": [_model_entry(name) for name in rules.MODELS]})


async def _one_model(name: str) -> Response:
    if name not in rules.MODELS:
        return no_such_model(name)
    return JSONResponse(_model_entry(name))


def _model_entry(name: str) -> dict[str, Any]:
    return {
        "name": f"models/{name}",
        "version": "1",
        "displayName": rules.MODELS[name].label,
        "description": "Makes pictures from words.",
        "inputTokenLimit": 65_536,
        "outputTokenLimit": 32_768,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    }


VENDOR = Vendor(
    name="gemini",
    routes=_routes,
    seconds={name: model.seconds for name, model in rules.MODELS.items()} | gemini_texts.MODELS,
    quirks=QUIRKS,
    refusals=REFUSALS,
    oddities={
        FaultKind.CONTENT_BLOCKED: Stage.ORDER,
        FaultKind.NO_IMAGE: Stage.ORDER,
        FaultKind.MORE_IMAGES: Stage.ORDER,
        FaultKind.UNKNOWN_STATUS: Stage.ORDER,
        FaultKind.MID_STREAM_ERROR: Stage.ORDER,
    },
    links=False,
)
