"""Gemini's text models behind generateContent, held to a JSON Schema."""

import asyncio
import base64
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from runtz_sim.desk import Desk, json_object
from runtz_sim.faults import Fault, FaultKind
from runtz_sim.texts.mind import Question, said
from runtz_sim.vendor import Refused
from runtz_sim.vendors.gemini_errors import error

MODELS = {"gemini-3.5-flash-lite": 2.0, "gemini-3.8-flash": 4.0}


async def answered(desk: Desk, request: Request, model: str, key: str) -> Response:
    """The answer of a text model."""
    body = await json_object(request)
    if body is None or not isinstance(body.get("contents"), list):
        raise Refused(error(400, "INVALID_ARGUMENT", "Invalid JSON payload received."))
    question = _read(model, body)
    seconds = desk.seconds(model)

    async def make(fault: Fault | None) -> Response:
        await asyncio.sleep(seconds)
        return _response(desk, question, fault)

    return await desk.order(model=model, prompt=question.words, key=key, make=make)


def _read(model: str, body: dict[str, Any]) -> Question:
    config = body.get("generationConfig") or body.get("generation_config") or {}
    schema = config.get("responseJsonSchema") or config.get("response_json_schema") or {}
    words, pictures = [], []
    for content in body["contents"]:
        for part in content.get("parts", []):
            inline = part.get("inlineData") or part.get("inline_data")
            if inline:
                pictures.append(base64.urlsafe_b64decode(inline["data"].replace("+", "-").replace("/", "_")))
            elif "text" in part:
                words.append(str(part["text"]))
    most = config.get("maxOutputTokens") or config.get("max_output_tokens") or 4_000
    return Question(
        model=model, words="\n".join(words), schema=schema, pictures=pictures, max_tokens=int(most)
    )


def _response(desk: Desk, question: Question, fault: Fault | None) -> Response:
    kind = fault.kind if fault else None
    if kind in (FaultKind.DECLINES, FaultKind.CONTENT_BLOCKED):
        counted = {"promptTokenCount": question.tokens_in, "totalTokenCount": question.tokens_in}
        return JSONResponse(
            {
                "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
                "usageMetadata": counted,
                "modelVersion": question.model,
                "responseId": secrets.token_urlsafe(16),
            }
        )
    text = said(question, fault, desk.simulation.dice)
    tokens = max(1, len(text) // 4)
    cut = tokens > question.max_tokens
    content = {"role": "model", "parts": [{"text": text[: 4 * question.max_tokens]}]}
    return JSONResponse(
        {
            "candidates": [{"index": 0, "finishReason": "MAX_TOKENS" if cut else "STOP", "content": content}],
            "usageMetadata": {
                "promptTokenCount": question.tokens_in,
                "candidatesTokenCount": tokens,
                "totalTokenCount": question.tokens_in + tokens,
            },
            "modelVersion": question.model,
            "responseId": secrets.token_urlsafe(16),
        }
    )
