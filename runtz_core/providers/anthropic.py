"""Anthropic: Claude writes and judges through the vendor's own SDK, in structured outputs of Messages."""

from typing import Any, Literal

import anthropic

from runtz_core.failures import FailureKind
from runtz_core.providers.answers import dig, document, failed, kind_of_status, plain, text_at, whole_at
from runtz_core.providers.base import Probe, Progress, ProviderError
from runtz_core.providers.line import Line
from runtz_core.providers.retry_after import retry_after
from runtz_core.providers.text import Answer, TextTask
from runtz_core.providers.written import answer_of, base64_of, cost_of, declined, useless

_WHO = "Anthropic"

_KINDS: dict[str, FailureKind] = {
    "authentication_error": FailureKind.AUTH,
    "permission_error": FailureKind.AUTH,
    "billing_error": FailureKind.QUOTA,
    "not_found_error": FailureKind.MODEL_GONE,
    "rate_limit_error": FailureKind.RATE_LIMITED,
    "overloaded_error": FailureKind.TRANSIENT,
    "api_error": FailureKind.TRANSIENT,
    "timeout_error": FailureKind.TRANSIENT,
    "invalid_request_error": FailureKind.INVALID,
    "request_too_large": FailureKind.INVALID,
}


class AnthropicTexts:
    """Anthropic's Messages API. Every question ends within its call."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._sdk = anthropic.AsyncAnthropic(
            api_key=line.api_key, base_url=line.base_url, http_client=line.client, max_retries=0, timeout=None
        )

    async def write(self, task: TextTask, progress: Progress) -> Answer:
        """A new text. Raises ProviderError."""
        return await self._ask(task, progress, "medium")

    async def judge(self, task: TextTask, progress: Progress) -> Answer:
        """Marks or a verdict. Raises ProviderError."""
        return await self._ask(task, progress, "low")

    async def describe(self, task: TextTask, progress: Progress) -> Answer:
        """What a picture shows. Raises ProviderError."""
        return await self._ask(task, progress, "low")

    async def probe(self) -> Probe:
        """List the models, which is free."""
        try:
            async with self._line.ask():
                try:
                    raw = await self._sdk.models.with_raw_response.list(limit=1)
                    document(await raw.read())
                except anthropic.APIConnectionError:
                    raise
                except anthropic.APIError as error:
                    raise _failure(error) from None
        except ProviderError as error:
            return Probe(ok=False, message=error.detail, failure=error.kind)
        return Probe(ok=True, message="Anthropic accepts the key.")

    async def close(self) -> None:
        """Release the connections."""
        await self._line.close()

    async def _ask(self, task: TextTask, progress: Progress, effort: Literal["low", "medium"]) -> Answer:
        async with self._line.question(task, progress):
            try:
                raw = await self._sdk.messages.with_raw_response.create(
                    model=task.model,
                    max_tokens=task.max_tokens,
                    system=task.instructions,
                    messages=[{"role": "user", "content": _content(task)}],
                    output_config={
                        "effort": effort,
                        "format": {"type": "json_schema", "schema": dict(task.schema)},
                    },
                )
            except anthropic.APIConnectionError:
                raise
            except anthropic.APIError as error:
                raise _failure(error) from None
            return _answer(task, document(await raw.read()), plain(raw.headers.get("request-id")) or None)


def _content(task: TextTask) -> list[Any]:
    pictures = [
        {
            "type": "image",
            "source": {"type": "base64", "media_type": one.media_type, "data": base64_of(one)},
        }
        for one in task.pictures
    ]
    return [*pictures, {"type": "text", "text": task.words}]


def _answer(task: TextTask, found: dict[str, Any], request_id: str | None) -> Answer:
    usage = dig(found, "usage")
    cost = cost_of(task.model, whole_at(usage, "input_tokens"), whole_at(usage, "output_tokens"))
    match text_at(found, "stop_reason"):
        case "refusal":
            why = dig(found, "stop_details", "explanation")
            raise declined(_WHO, why, cost=cost, request_id=request_id)
        case "max_tokens" | "model_context_window_exceeded":
            raise useless(_WHO, "it was cut off", cost=cost, request_id=request_id)
    parts = dig(found, "content")
    words = "".join(text_at(part, "text") or "" for part in (parts if isinstance(parts, list) else ()))
    return answer_of(_WHO, words, cost=cost, request_id=request_id)


def _failure(error: anthropic.APIError) -> ProviderError:
    if not isinstance(error, anthropic.APIStatusError):
        return failed(_WHO, FailureKind.BAD_RESPONSE, error.message)
    spoken = isinstance(error.body, dict)
    word = text_at(error.body, "error", "type") or ""
    kind = _KINDS.get(word) or kind_of_status(error.status_code, spoken=spoken)
    if "spend_limit" in (text_at(error.body, "error", "details", "error_code") or ""):
        kind = FailureKind.QUOTA
    return failed(
        _WHO,
        kind,
        text_at(error.body, "error", "message") or f"HTTP {error.status_code}",
        wait=retry_after(error.response.headers),
        request_id=plain(error.response.headers.get("request-id")) or None,
    )
