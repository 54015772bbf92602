"""Google Gemini: its text models write and judge, held to a JSON Schema."""

from typing import Any

from google.genai import errors, types

from runtz_core.providers.answers import dig, document, plain, text_at, whole_at
from runtz_core.providers.base import Progress
from runtz_core.providers.gemini import BLOCKED, GeminiImages, failure_of
from runtz_core.providers.text import Answer, TextTask
from runtz_core.providers.written import answer_of, cost_of, declined, useless

_WHO = "Google"


class GeminiTexts(GeminiImages):
    """Gemini's generateContent for words; key test and connections are those of its picture models."""

    async def write(self, task: TextTask, progress: Progress) -> Answer:
        """A new text. Raises ProviderError."""
        return await self._ask(task, progress)

    async def judge(self, task: TextTask, progress: Progress) -> Answer:
        """Marks or a verdict. Raises ProviderError."""
        return await self._ask(task, progress)

    async def describe(self, task: TextTask, progress: Progress) -> Answer:
        """What a picture shows. Raises ProviderError."""
        return await self._ask(task, progress)

    async def _ask(self, task: TextTask, progress: Progress) -> Answer:
        parts = [
            *(types.Part.from_bytes(data=one.data, mime_type=one.media_type) for one in task.pictures),
            types.Part.from_text(text=task.words),
        ]
        config = types.GenerateContentConfig(
            system_instruction=task.instructions,
            response_mime_type="application/json",
            response_json_schema=dict(task.schema),
            max_output_tokens=task.max_tokens,
            should_return_http_response=True,
        )
        async with self._line.question(task, progress):
            try:
                response = await self._sdk.aio.models.generate_content(
                    model=task.model, contents=types.Content(role="user", parts=parts), config=config
                )
            except errors.APIError as error:
                raise failure_of(error) from None
            raw = response.sdk_http_response
            return _answer(task, document((raw and raw.body) or ""))


def _answer(task: TextTask, found: dict[str, Any]) -> Answer:
    request_id = plain(text_at(found, "responseId")) or None
    usage = dig(found, "usageMetadata")
    out = whole_at(usage, "candidatesTokenCount")
    thought = whole_at(usage, "thoughtsTokenCount") or 0
    cost = cost_of(task.model, whole_at(usage, "promptTokenCount"), None if out is None else out + thought)
    if reason := text_at(found, "promptFeedback", "blockReason"):
        raise declined(_WHO, f"the words were blocked ({reason})", cost=cost, request_id=request_id)
    candidate = dig(found, "candidates", 0)
    reason = text_at(candidate, "finishReason")
    if reason in BLOCKED:
        raise declined(_WHO, reason, cost=cost, request_id=request_id)
    if reason == "MAX_TOKENS":
        raise useless(_WHO, "it was cut off", cost=cost, request_id=request_id)
    parts = dig(candidate, "content", "parts")
    words = "".join(
        text_at(part, "text") or ""
        for part in (parts if isinstance(parts, list) else ())
        if dig(part, "thought") is not True
    )
    return answer_of(_WHO, words, cost=cost, request_id=request_id)
