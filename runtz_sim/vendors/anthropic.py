"""Anthropic's Messages API with structured outputs: /v1/messages, and the model list."""

import asyncio
import base64
import secrets
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from runtz_sim.desk import Desk, json_object
from runtz_sim.faults import Fault, FaultKind, Stage
from runtz_sim.texts.mind import QUIRKS, Question, said
from runtz_sim.vendor import Refused, Vendor, retry_after

MODELS = {"claude-haiku-5-5": 2.0, "claude-sonnet-5-5": 4.0}
_PARAMETERS = frozenset({"model", "max_tokens", "system", "messages", "output_config", "metadata", "stream"})


def _error(status: int, kind: str, message: str) -> JSONResponse:
    request_id = f"req_{secrets.token_hex(12)}"
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": request_id}
    return JSONResponse(body, status, headers={"request-id": request_id})


def _refusal(status: int, kind: str, message: str) -> Callable[[Fault, str], Response]:
    def answer(fault: Fault, model: str) -> Response:
        response = _error(status, kind, message.format(model=model))
        if kind == "rate_limit_error":
            response.headers.update(retry_after(fault))
        return response

    return answer


REFUSALS = {
    FaultKind.AUTH: _refusal(401, "authentication_error", "invalid bearer token"),
    FaultKind.QUOTA: _refusal(402, "billing_error", "Your credit balance is too low."),
    FaultKind.RATE_LIMITED: _refusal(429, "rate_limit_error", "This request would exceed your rate limit."),
    FaultKind.MODEL_GONE: _refusal(404, "not_found_error", "model: {model}"),
    FaultKind.INVALID: _refusal(400, "invalid_request_error", "max_tokens: out of range"),
    FaultKind.SERVER_ERROR: _refusal(500, "api_error", "Internal server error"),
    FaultKind.UNAVAILABLE: _refusal(529, "overloaded_error", "Overloaded"),
}


def _routes(desk: Desk) -> list[BaseRoute]:
    async def messages(request: Request) -> Response:
        key = _key_of(request)
        question = _read(await json_object(request))
        if key.startswith("quota-"):
            raise Refused(REFUSALS[FaultKind.QUOTA](Fault(kind=FaultKind.QUOTA), question.model))
        seconds = desk.seconds(question.model)

        async def make(fault: Fault | None) -> Response:
            await asyncio.sleep(seconds)
            return _message(desk, question, fault)

        return await desk.order(model=question.model, prompt=question.words, key=key, make=make)

    async def models(request: Request) -> Response:
        _key_of(request)
        return await desk.free(Stage.FREE, make=lambda _: _model_list())

    async def nothing(request: Request) -> Response:
        return _error(404, "not_found_error", "Not found")

    return [
        Route("/v1/messages", messages, methods=["POST"]),
        Route("/v1/models", models),
        Route("/{rest:path}", nothing, methods=["GET", "POST"]),
    ]


def _key_of(request: Request) -> str:
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    key = request.headers.get("x-api-key") or bearer
    if not key or key.startswith("bad-"):
        raise Refused(REFUSALS[FaultKind.AUTH](Fault(kind=FaultKind.AUTH), ""))
    return key


def _read(body: dict[str, Any] | None) -> Question:
    """Check a request body as the vendor does. Raises Refused."""
    if body is None:
        raise Refused(_error(400, "invalid_request_error", "The request body is not valid JSON."))
    if unknown := sorted(set(body) - _PARAMETERS):
        raise Refused(_error(400, "invalid_request_error", f"{unknown[0]}: Extra inputs are not permitted"))
    model, most, messages = body.get("model"), body.get("max_tokens"), body.get("messages")
    if model not in MODELS:
        raise Refused(_error(404, "not_found_error", f"model: {model}"))
    if not isinstance(most, int) or most < 1 or not isinstance(messages, list) or not messages:
        raise Refused(_error(400, "invalid_request_error", "messages: Field required"))
    words, pictures = [], []
    for message in messages:
        content = message.get("content")
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        for part in parts if isinstance(parts, list) else []:
            if part.get("type") == "text":
                words.append(str(part.get("text")))
            elif part.get("type") == "image":
                pictures.append(base64.b64decode(part["source"]["data"]))
    form = (body.get("output_config") or {}).get("format") or {}
    return Question(
        model=str(model),
        words="\n".join(words),
        schema=form.get("schema") or {},
        pictures=pictures,
        max_tokens=most,
    )


def _message(desk: Desk, question: Question, fault: Fault | None) -> Response:
    declines = fault is not None and fault.kind is FaultKind.DECLINES
    text = "" if declines else said(question, fault, desk.simulation.dice)
    tokens = max(1, len(text) // 4)
    cut = tokens > question.max_tokens
    body = {
        "id": f"msg_{secrets.token_hex(12)}",
        "type": "message",
        "role": "assistant",
        "model": question.model,
        "content": []
        if declines
        else [{"type": "text", "text": text[: 4 * question.max_tokens], "citations": None}],
        "container": None,
        "stop_reason": "refusal" if declines else "max_tokens" if cut else "end_turn",
        "stop_sequence": None,
        "stop_details": {
            "type": "refusal",
            "category": None,
            "explanation": "This is against the usage policy.",
        }
        if declines
        else None,
        "usage": {
            "input_tokens": question.tokens_in,
            "output_tokens": min(tokens, question.max_tokens),
            "cache_creation": None,
            "cache_creation_input_tokens": None,
            "cache_read_input_tokens": None,
            "inference_geo": None,
            "server_tool_use": None,
            "service_tier": "standard",
        },
    }
    return JSONResponse(body, headers={"request-id": f"req_{secrets.token_hex(12)}"})


async def _model_list() -> Response:
    data = [
        {"type": "model", "id": name, "display_name": name, "created_at": "2026-09-01T00:00:00Z"}
        for name in MODELS
    ]
    return JSONResponse({"data": data, "has_more": False, "first_id": None, "last_id": None})


VENDOR = Vendor(
    name="anthropic",
    routes=_routes,
    seconds=MODELS,
    refusals=REFUSALS,
    oddities={},
    quirks=QUIRKS,
    draws=False,
    inline=False,
    links=False,
)
