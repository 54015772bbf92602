"""OpenAI's Responses API with a strict JSON Schema: /v1/responses."""

import asyncio
import base64
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from runtz_sim.desk import Desk, json_object
from runtz_sim.faults import Fault, FaultKind
from runtz_sim.texts.mind import Question, said
from runtz_sim.vendor import Refused
from runtz_sim.vendors.openai_errors import check_account, error, headers, key_of

MODELS = {"gpt-6-luna": 2.0, "gpt-6.1-terra": 4.0}


def text_routes(desk: Desk) -> list[BaseRoute]:
    """What the text models answer."""

    async def responses(request: Request) -> Response:
        key = key_of(request)
        question = _read(await json_object(request))
        check_account(key, question.model)
        seconds = desk.seconds(question.model)

        async def make(fault: Fault | None) -> Response:
            await asyncio.sleep(seconds)
            return _response(desk, question, fault)

        return await desk.order(model=question.model, prompt=question.words, key=key, make=make)

    return [Route("/v1/responses", responses, methods=["POST"])]


def _read(body: dict[str, Any] | None) -> Question:
    if body is None:
        raise Refused(error(400, "We could not parse the JSON body.", "invalid_request_error", None))
    model = body.get("model")
    if model not in MODELS:
        raise Refused(
            error(404, f"The model '{model}' does not exist", "invalid_request_error", "model_not_found")
        )
    words, pictures = [], []
    asked = body.get("input")
    for message in asked if isinstance(asked, list) else []:
        for part in message.get("content", []):
            if part.get("type") == "input_text":
                words.append(str(part.get("text")))
            elif part.get("type") == "input_image":
                pictures.append(base64.b64decode(str(part["image_url"]).partition(",")[2]))
    form = (body.get("text") or {}).get("format") or {}
    if form.get("type") != "json_schema" or form.get("strict") is not True or not form.get("name"):
        raise Refused(
            error(
                400, "Missing 'text.format'.", "invalid_request_error", "missing_required_parameter", "text"
            )
        )
    return Question(
        model=str(model),
        words="\n".join(words),
        schema=form.get("schema") or {},
        pictures=pictures,
        max_tokens=int(body.get("max_output_tokens") or 4_000),
    )


def _response(desk: Desk, question: Question, fault: Fault | None) -> Response:
    declines = fault is not None and fault.kind is FaultKind.DECLINES
    text = "" if declines else said(question, fault, desk.simulation.dice)
    tokens = max(1, len(text) // 4)
    cut = tokens > question.max_tokens
    part = (
        {"type": "refusal", "refusal": "I cannot help with that."}
        if declines
        else {"type": "output_text", "text": text[: 4 * question.max_tokens], "annotations": []}
    )
    status = "incomplete" if cut else "completed"
    body = {
        "id": f"resp_{secrets.token_hex(12)}",
        "object": "response",
        "created_at": int(desk.now()),
        "status": status,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "model": question.model,
        "output": [
            {
                "type": "message",
                "id": f"msg_{secrets.token_hex(12)}",
                "status": status,
                "role": "assistant",
                "content": [part],
            }
        ],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": question.tokens_in,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": question.tokens_in + tokens,
        },
    }
    return JSONResponse(body, headers=headers())
