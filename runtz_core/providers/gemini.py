"""Google Gemini: image models through the vendor's own SDK, read as raw JSON for what the SDK drops."""

from math import ceil
from typing import Any

from google import genai
from google.genai import errors, types

from runtz_core.failures import FailureKind
from runtz_core.providers.answers import (
    dig,
    document,
    failed,
    kind_of_status,
    message_of,
    plain,
    text_at,
    whole_at,
)
from runtz_core.providers.base import Cost, Done, ImageRequest, Pending, Probe, Progress, ProviderError
from runtz_core.providers.line import Line
from runtz_core.providers.models.gemini import RATES
from runtz_core.providers.pictures import decoded
from runtz_core.providers.retry_after import retry_after

_WHO = "Google"

# The older model knows one resolution and refuses to be told.
_ONE_RESOLUTION = frozenset({"gemini-2.5-flash-image"})

BLOCKED = frozenset(
    {
        "SAFETY",
        "RECITATION",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
    }
)


class GeminiImages:
    """Gemini's generateContent. Every request ends within `start`; there is nothing to ask after."""

    def __init__(self, line: Line) -> None:
        self._line = line
        # Kept whole: an SDK client that is dropped closes itself, requests under way included.
        self._sdk = genai.Client(
            vertexai=False,
            api_key=line.api_key,
            http_options=types.HttpOptions(
                base_url=line.base_url, api_version="v1", httpx_async_client=line.client
            ),
        )

    async def start(self, request: ImageRequest, progress: Progress) -> Pending | Done:
        """Buy one picture. Raises ProviderError of any kind but LINK_EXPIRED and STORAGE_FULL."""
        async with self._line.buy(request, progress):
            try:
                response = await self._sdk.aio.models.generate_content(
                    model=request.model, contents=_contents(request), config=_config(request)
                )
            except errors.APIError as error:
                raise failure_of(error) from None
            raw = response.sdk_http_response
            answer = document((raw and raw.body) or "")
            return Done(
                data=_picture(answer),
                cost=_usage_cost(request.model, dig(answer, "usageMetadata")),
                request_id=plain(text_at(answer, "responseId")) or None,
                seed=request.seed,
            )

    async def check(self, reference: str) -> Pending | Done:
        """Never succeeds: Google gives no reference to ask after. Raises ProviderError(OUTCOME_UNKNOWN)."""
        raise ProviderError(
            FailureKind.OUTCOME_UNKNOWN, "Google keeps no picture that can be asked for later."
        )

    async def probe(self) -> Probe:
        """List the models, which is free."""
        try:
            async with self._line.ask():
                try:
                    await self._sdk.aio.models.list()
                except errors.APIError as error:
                    raise failure_of(error) from None
        except ProviderError as error:
            return Probe(ok=False, message=error.detail, failure=error.kind)
        return Probe(ok=True, message="Google accepts the key.")

    async def close(self) -> None:
        """Release the connections."""
        await self._line.close()


def _contents(request: ImageRequest) -> types.Content:
    # The words first, then the pictures in the order the words may speak of them.
    pictures = [types.Part.from_bytes(data=one.data, mime_type=one.media_type) for one in request.pictures]
    return types.Content(role="user", parts=[types.Part.from_text(text=request.prompt), *pictures])


def _config(request: ImageRequest) -> types.GenerateContentConfig:
    resolution = None if request.model in _ONE_RESOLUTION else request.tier
    return types.GenerateContentConfig(
        response_modalities=["IMAGE"],
        image_config=types.ImageConfig(aspect_ratio=request.ratio, image_size=resolution),
        seed=request.seed,
        should_return_http_response=True,
    )


def _picture(answer: dict[str, Any]) -> bytes:
    if reason := text_at(answer, "promptFeedback", "blockReason"):
        raise failed(_WHO, FailureKind.CONTENT_BLOCKED, f"the prompt was blocked ({reason})")
    candidate = dig(answer, "candidates", 0)
    said = []
    parts = dig(candidate, "content", "parts")
    for part in parts if isinstance(parts, list) else ():
        if dig(part, "thought") is True:
            continue  # drafts the model made while thinking
        if encoded := text_at(part, "inlineData", "data"):
            return decoded(encoded)
        said.append(text_at(part, "text") or "")
    reason = text_at(candidate, "finishReason")
    if reason is None and not said:
        raise failed(_WHO, FailureKind.BAD_RESPONSE)
    kind = FailureKind.CONTENT_BLOCKED if reason in BLOCKED else FailureKind.NO_IMAGE
    raise failed(_WHO, kind, text_at(candidate, "finishMessage") or " ".join(said) or reason)


def _usage_cost(model: str, usage: object) -> Cost | None:
    rates, out = RATES.get(model), whole_at(usage, "candidatesTokenCount")
    if rates is None or out is None:
        return None
    details = dig(usage, "candidatesTokensDetails")
    by_modality = [
        whole_at(part, "tokenCount") or 0
        for part in (details if isinstance(details, list) else ())
        if dig(part, "modality") == "IMAGE"
    ]
    pictures = min(sum(by_modality), out) if by_modality else out
    words = out - pictures + (whole_at(usage, "thoughtsTokenCount") or 0)
    put_in = whole_at(usage, "promptTokenCount") or 0
    micros = put_in * rates.text_in + words * rates.text_out + pictures * rates.image_out
    return Cost(usd_micros=max(ceil(micros), 0), basis="usage")


def failure_of(error: errors.APIError) -> ProviderError:
    """The failure behind what the SDK raised."""
    body = error.details if isinstance(error.details, dict) else {}
    details = dig(body, "error", "details")
    details = details if isinstance(details, list) else []
    delays = (text_at(detail, "retryDelay") for detail in details)
    wait = next((retry_after({"retry-after": delay}) for delay in delays if delay), None)
    kind = _kind(error.code, body, details)
    return failed(_WHO, kind, message_of(body) if dig(body, "error") else f"HTTP {error.code}", wait=wait)


def _kind(status: int, body: dict[str, Any], details: list[Any]) -> FailureKind:
    word = text_at(body, "error", "status") or ""
    said = message_of(body).lower()
    if any(dig(detail, "reason") == "API_KEY_INVALID" for detail in details) or "api key" in said:
        return FailureKind.AUTH
    if word == "FAILED_PRECONDITION":
        return FailureKind.ORG_UNVERIFIED  # no billing, or a region the vendor does not serve
    if status == 429 and any(map(_is_fixed, details)):
        return FailureKind.QUOTA
    return kind_of_status(status, spoken=bool(dig(body, "error")))


def _is_fixed(detail: Any) -> bool:
    """Whether a quota will not free itself soon: counted by the day, or simply zero."""
    violations = dig(detail, "violations")
    return any(
        "PerDay" in (text_at(violation, "quotaId") or "") or dig(violation, "quotaValue") in ("0", 0)
        for violation in (violations if isinstance(violations, list) else ())
    )
