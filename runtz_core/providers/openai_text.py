"""OpenAI: its text models write and judge through Responses, with a strict JSON Schema."""

from typing import Any, Literal

import openai

from runtz_core.providers.answers import dig, document, request_id_of, text_at, whole_at
from runtz_core.providers.base import Progress
from runtz_core.providers.line import Line
from runtz_core.providers.openai import OpenAIImages, failure_of
from runtz_core.providers.text import Answer, TextTask
from runtz_core.providers.written import answer_of, base64_of, cost_of, declined, useless

_WHO = "OpenAI"


class OpenAITexts(OpenAIImages):
    """OpenAI's Responses API; key test and connections are those of its picture models."""

    def __init__(self, line: Line) -> None:
        super().__init__(line)

    async def write(self, task: TextTask, progress: Progress) -> Answer:
        """A new text. Raises ProviderError."""
        return await self._ask(task, progress, "high")

    async def judge(self, task: TextTask, progress: Progress) -> Answer:
        """Marks or a verdict. Raises ProviderError."""
        return await self._ask(task, progress, "high")

    async def describe(self, task: TextTask, progress: Progress) -> Answer:
        """What a picture shows. Raises ProviderError."""
        return await self._ask(task, progress, "high")

    async def _ask(self, task: TextTask, progress: Progress, detail: Literal["high"]) -> Answer:
        pictures = [
            {
                "type": "input_image",
                "detail": detail,
                "image_url": f"data:{one.media_type};base64,{base64_of(one)}",
            }
            for one in task.pictures
        ]
        content: list[Any] = [*pictures, {"type": "input_text", "text": task.words}]
        async with self._line.question(task, progress):
            try:
                raw = await self._sdk.responses.with_raw_response.create(
                    model=task.model,
                    instructions=task.instructions,
                    input=[{"role": "user", "content": content}],
                    max_output_tokens=task.max_tokens,
                    store=False,
                    text={
                        "format": {
                            "type": "json_schema",
                            "name": task.schema_name,
                            "strict": True,
                            "schema": dict(task.schema),
                        }
                    },
                )
            except openai.APIConnectionError:
                raise
            except openai.APIError as error:
                raise failure_of(error) from None
            return _answer(task, document(raw.content), request_id_of(raw.http_response))


def _answer(task: TextTask, found: dict[str, Any], request_id: str | None) -> Answer:
    usage = dig(found, "usage")
    cost = cost_of(task.model, whole_at(usage, "input_tokens"), whole_at(usage, "output_tokens"))
    if text_at(found, "status") == "incomplete":
        if dig(found, "incomplete_details", "reason") == "content_filter":
            raise declined(_WHO, "its content filter stopped it", cost=cost, request_id=request_id)
        raise useless(_WHO, "it was cut off", cost=cost, request_id=request_id)
    said: list[str] = []
    output = dig(found, "output")
    for item in output if isinstance(output, list) else ():
        parts = dig(item, "content")
        for part in parts if isinstance(parts, list) else ():
            if refusal := text_at(part, "refusal"):
                raise declined(_WHO, refusal, cost=cost, request_id=request_id)
            said.append(text_at(part, "text") or "")
    return answer_of(_WHO, "".join(said), cost=cost, request_id=request_id)
