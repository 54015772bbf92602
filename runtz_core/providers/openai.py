"""OpenAI: GPT Image models streamed with early pictures, and DALL·E 3, through the vendor's own SDK."""

from typing import Any, Literal, cast

import openai
from openai.types import ImageEditStreamEvent, ImageGenStreamEvent

from runtz_core.failures import FailureKind
from runtz_core.providers import masks
from runtz_core.providers.answers import (
    dig,
    document,
    failed,
    kind_of_status,
    request_id_of,
    text_at,
    whole_at,
)
from runtz_core.providers.base import Cost, Done, ImageRequest, Pending, Probe, Progress, ProviderError
from runtz_core.providers.line import Line
from runtz_core.providers.models.openai import IMAGE_IN, IMAGE_OUT, PARTIALS, TEXT_IN
from runtz_core.providers.pictures import decoded
from runtz_core.providers.retry_after import retry_after

_WHO = "OpenAI"

_KIND_BY_CODE: dict[str, FailureKind] = {
    "moderation_blocked": FailureKind.CONTENT_BLOCKED,
    "content_policy_violation": FailureKind.CONTENT_BLOCKED,
    "invalid_api_key": FailureKind.AUTH,
    "model_not_found": FailureKind.MODEL_GONE,
    "rate_limit_exceeded": FailureKind.RATE_LIMITED,
    "insufficient_quota": FailureKind.QUOTA,
    "organization_usage_limit_exceeded": FailureKind.QUOTA,
    "organization_spend_limit_exceeded": FailureKind.QUOTA,
    "project_spend_limit_exceeded": FailureKind.QUOTA,
    "billing_hard_limit_reached": FailureKind.QUOTA,
    "billing_not_active": FailureKind.QUOTA,
    "server_error": FailureKind.TRANSIENT,
}


_Stream = openai.AsyncStream[ImageGenStreamEvent] | openai.AsyncStream[ImageEditStreamEvent]


class OpenAIImages:
    """OpenAI's Images API. Every request ends within `start`; there is nothing to ask after."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._sdk = openai.AsyncOpenAI(
            api_key=line.api_key, base_url=line.base_url, http_client=line.client, max_retries=0, timeout=None
        )
        # The SDK reads these from the environment of the process; the key alone says who we are.
        self._sdk.organization = self._sdk.project = None

    async def start(self, request: ImageRequest, progress: Progress) -> Pending | Done:
        """Buy one picture. Raises ProviderError of any kind but LINK_EXPIRED and STORAGE_FULL."""
        async with self._line.buy(request, progress):
            try:
                if request.model == "dall-e-3":
                    return await self._whole(request)
                return await self._streamed(request, progress)
            except openai.APIConnectionError:
                raise
            except openai.APIError as error:
                raise failure_of(error) from None

    async def check(self, reference: str) -> Pending | Done:
        """Never succeeds: OpenAI gives no reference to ask after. Raises ProviderError(OUTCOME_UNKNOWN)."""
        raise ProviderError(
            FailureKind.OUTCOME_UNKNOWN, "OpenAI keeps no picture that can be asked for later."
        )

    async def probe(self) -> Probe:
        """List the models, which is free."""
        try:
            async with self._line.ask():
                try:
                    raw = await self._sdk.models.with_raw_response.list()
                    count = len(dig(document(raw.content), "data") or ())
                except openai.APIConnectionError:
                    raise
                except openai.APIError as error:
                    raise failure_of(error) from None
        except ProviderError as error:
            return Probe(ok=False, message=error.detail, failure=error.kind)
        return Probe(ok=True, message=f"OpenAI accepts the key and lists {count} models.")

    async def close(self) -> None:
        """Release the connections."""
        await self._line.close()

    async def _streamed(self, request: ImageRequest, progress: Progress) -> Done:
        stream = await (self._edited(request) if request.pictures else self._generated(request))
        async with stream:
            async for event in stream:
                match event.type:
                    case "image_generation.partial_image" | "image_edit.partial_image":
                        await self._show(event.to_dict(warnings=False), progress)
                    case "image_generation.completed" | "image_edit.completed":
                        answer = event.to_dict(warnings=False)
                        return Done(
                            data=_picture(answer),
                            cost=_usage_cost(answer.get("usage")),
                            request_id=request_id_of(stream.response),
                        )
        raise failed(_WHO, FailureKind.BAD_RESPONSE, "the stream ended before the picture")

    async def _generated(self, request: ImageRequest) -> _Stream:
        return await self._sdk.images.generate(
            model=request.model,
            prompt=request.prompt,
            n=1,
            size=str(request.size),
            quality=_quality(request.tier),
            output_format="png",
            partial_images=PARTIALS,
            stream=True,
        )

    async def _edited(self, request: ImageRequest) -> _Stream:
        marked = request.mask and await masks.clear_where_marked(request.mask.data)
        return await self._sdk.images.edit(
            model=request.model,
            prompt=request.prompt,
            image=[one.file for one in request.pictures],
            mask=("mask.png", marked, "image/png") if marked else openai.omit,
            n=1,
            size=cast(Literal["auto"], str(request.size)),
            quality=_quality(request.tier),
            output_format="png",
            partial_images=PARTIALS,
            stream=True,
        )

    async def _show(self, event: dict[str, object], progress: Progress) -> None:
        encoded, index = text_at(event, "b64_json"), whole_at(event, "partial_image_index")
        if encoded is None or index is None:
            return
        try:
            early = decoded(encoded)
        except ProviderError:
            return  # an early picture is a courtesy; the whole one is what was bought
        await progress.partial(index, early)

    async def _whole(self, request: ImageRequest) -> Done:
        raw = await self._sdk.images.with_raw_response.generate(
            model=request.model,
            prompt=request.prompt,
            n=1,
            size=str(request.size),
            quality=_quality(request.tier),
            response_format="b64_json",
        )
        answer = document(raw.content)
        return Done(
            data=_picture(dig(answer, "data", 0)),
            request_id=request_id_of(raw.http_response),
            prompt_used=text_at(answer, "data", 0, "revised_prompt"),
        )


def _quality(tier: str) -> Literal["auto"]:
    # Tiers are data here and a closed set in the SDK's types; the vendor has the last word on both.
    return cast(Literal["auto"], tier)


def _picture(holder: Any) -> bytes:
    encoded = text_at(holder, "b64_json")
    if encoded is None:
        raise failed(_WHO, FailureKind.NO_IMAGE)
    return decoded(encoded)


def _usage_cost(usage: object) -> Cost | None:
    images = whole_at(usage, "input_tokens_details", "image_tokens") or 0
    put_in, out = whole_at(usage, "input_tokens"), whole_at(usage, "output_tokens")
    if put_in is None or out is None:
        return None
    micros = (put_in - images) * TEXT_IN + images * IMAGE_IN + out * IMAGE_OUT
    return Cost(usd_micros=max(micros, 0), basis="usage")


def failure_of(error: openai.APIError) -> ProviderError:
    """The failure behind what the SDK raised."""
    if isinstance(error, openai.APIStatusError):
        return failed(
            _WHO,
            _kind(error, error.status_code),
            error.body.get("message") if isinstance(error.body, dict) else f"HTTP {error.status_code}",
            wait=retry_after(error.response.headers),
            request_id=request_id_of(error.response),
        )
    # An error inside a stream arrives after HTTP 200 and so has no status.
    return failed(_WHO, _kind(error, None), error.message)


def _kind(error: openai.APIError, status: int | None) -> FailureKind:
    spoken = isinstance(error.body, dict)
    for word in (error.code, error.type if isinstance(error.type, str) else None):
        if word in _KIND_BY_CODE:
            return _KIND_BY_CODE[word]
    said = error.message.lower()
    if (
        status == 400
        and error.code == "invalid_value"
        and (error.param == "model" or "does not exist" in said)
    ):
        return FailureKind.MODEL_GONE
    if status == 403 and "verified" in said:
        return FailureKind.ORG_UNVERIFIED
    return FailureKind.BAD_RESPONSE if status is None else kind_of_status(status, spoken=spoken)
