"""Black Forest Labs FLUX: started, asked after at the address the vendor names, fetched while its link lives."""

import base64
from fractions import Fraction
from math import ceil
from typing import Any

import httpx2

from runtz_core.failures import FailureKind
from runtz_core.providers import references
from runtz_core.providers.addresses import server_of
from runtz_core.providers.answers import (
    dig,
    document,
    failed,
    maybe_document,
    refused,
    request_id_of,
    text_at,
    whole_at,
)
from runtz_core.providers.base import Cost, Done, ImageRequest, Pending, Probe, Progress, ProviderError
from runtz_core.providers.line import Line

_WHO = "Black Forest Labs"
_POLL_SECONDS = 0.5
_CREDIT_MICROS = 10_000  # one credit is one cent
_MOST_CREDITS = 100_000

_FINAL: dict[str, FailureKind] = {
    "Request Moderated": FailureKind.CONTENT_BLOCKED,
    "Content Moderated": FailureKind.CONTENT_BLOCKED,
    "Error": FailureKind.NO_IMAGE,
    "Task not found": FailureKind.LINK_EXPIRED,
}


class FluxImages:
    """The FLUX API. The reference holds the polling address and the quoted price."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._headers = {"x-key": line.api_key}

    async def start(self, request: ImageRequest, progress: Progress) -> Pending | Done:
        """Buy one picture. Raises ProviderError of any kind but LINK_EXPIRED, the picture's and the disk's."""
        async with self._line.buy(request, progress):
            response = await self._line.client.post(
                f"{self._line.base_url}/v1/{request.model}",
                json=_BODIES.get(request.model, _body_2)(request),
                headers=self._headers,
            )
            if response.status_code != 200:
                raise _refused(response)
            answer = document(response.content)
            if (poll := text_at(answer, "polling_url")) is None:
                raise failed(_WHO, FailureKind.BAD_RESPONSE)
            reference = references.written(
                poll=poll,
                prompt=references.digest(request.prompt),
                usd_micros=_quoted(answer),
            )
            request_id = request_id_of(response) or text_at(answer, "id")
            return Pending(reference=reference, retry_in=_POLL_SECONDS, request_id=request_id)

    async def check(self, reference: str) -> Pending | Done:
        """Ask after a picture and fetch it when it is ready; a dead link is asked for anew, once.

        Raises ProviderError: TRANSIENT, UNREACHABLE and RATE_LIMITED may pass when asked again; AUTH, QUOTA,
        CONTENT_BLOCKED, NO_IMAGE, BAD_RESPONSE, BAD_IMAGE, LINK_EXPIRED and REFUSED_ADDRESS are final.
        """
        facts = references.read(reference)
        answer = await self._ask(str(facts.get("poll")))
        if text_at(answer, "status") != "Ready":
            return Pending(reference=reference, retry_in=_POLL_SECONDS)
        try:
            data = await self._fetch(answer)
        except ProviderError as error:
            if error.kind is not FailureKind.LINK_EXPIRED:
                raise
            data = await self._fetch(await self._ask(str(facts.get("poll"))))
        micros = whole_at(facts, "usd_micros")
        return Done(
            data=data,
            cost=None if micros is None else Cost(usd_micros=micros, basis="quote"),
            seed=whole_at(answer, "result", "seed"),
            prompt_used=references.rewrite_of(facts, text_at(answer, "result", "prompt")),
        )

    async def probe(self) -> Probe:
        """Ask for the credits left, which is free."""
        try:
            async with self._line.ask():
                response = await self._line.client.get(
                    f"{self._line.base_url}/v1/credits", headers=self._headers
                )
                if response.status_code != 200:
                    raise _refused(response)
                credits_left = dig(document(response.content), "credits")
        except ProviderError as error:
            return Probe(ok=False, message=error.detail, failure=error.kind)
        known = isinstance(credits_left, int | float) and not isinstance(credits_left, bool)
        left = f"; {credits_left:g} credits are left." if known else "."
        return Probe(ok=True, message=f"Black Forest Labs accepts the key{left}")

    async def close(self) -> None:
        """Release the connections."""
        await self._line.close()

    async def _ask(self, poll: str) -> dict[str, Any]:
        # The address is the vendor's choice; the transport allows it only within the vendor's own hosts.
        async with self._line.ask():
            server_of(poll)  # refuses what an HTTP client would only stumble over
            response = await self._line.client.get(poll, headers=self._headers)
            answer = maybe_document(response.content)
            status = text_at(answer, "status")
            if status in _FINAL:
                raise failed(_WHO, _FINAL[status], _why(answer) or status)
            if response.status_code == 404:
                raise failed(_WHO, FailureKind.LINK_EXPIRED)
            if response.status_code != 200:
                raise _refused(response)
            if status is None:
                raise failed(_WHO, FailureKind.BAD_RESPONSE)
            return answer

    async def _fetch(self, answer: dict[str, Any]) -> bytes:
        sample = text_at(answer, "result", "sample")
        if sample is None:
            raise failed(_WHO, FailureKind.NO_IMAGE)
        return await self._line.fetch(sample)


def _body_2(request: ImageRequest) -> dict[str, object]:
    sides = {"width": request.size.width, "height": request.size.height}
    return {"prompt": request.prompt} | sides | _seeded(request) | _numbered(request)


def _body_3(request: ImageRequest) -> dict[str, object]:
    # Strict: any other field is refused with 422.
    body: dict[str, object] = {"prompt": request.prompt, "aspect_ratio": request.ratio}
    body["resolution"] = request.tier
    return body | ({"images": _encoded(request)} if request.pictures else {})


def _body_kontext(request: ImageRequest) -> dict[str, object]:
    body: dict[str, object] = {"prompt": request.prompt, "aspect_ratio": request.ratio}
    return body | _seeded(request) | _numbered(request)


_BODIES = {"flux-3-image": _body_3, "flux-kontext-pro": _body_kontext}


def _seeded(request: ImageRequest) -> dict[str, object]:
    return {} if request.seed is None else {"seed": request.seed}


def _numbered(request: ImageRequest) -> dict[str, object]:
    names = ["input_image", *(f"input_image_{number}" for number in range(2, 9))]
    return dict(zip(names, _encoded(request), strict=False))


def _encoded(request: ImageRequest) -> list[str]:
    return [base64.b64encode(one.data).decode() for one in request.pictures]


def _quoted(answer: dict[str, Any]) -> int | None:
    cost = dig(answer, "cost")
    if isinstance(cost, bool) or not isinstance(cost, int | float) or not 0 <= cost <= _MOST_CREDITS:
        return None
    return ceil(Fraction(str(cost)) * _CREDIT_MICROS)


def _why(answer: dict[str, Any]) -> str:
    reasons = dig(answer, "details", "Moderation Reasons")
    return (
        ", ".join(reason for reason in reasons if isinstance(reason, str))
        if isinstance(reasons, list)
        else ""
    )


def _refused(response: httpx2.Response) -> ProviderError:
    if response.status_code == 422:
        return refused(_WHO, response, FailureKind.INVALID)
    return refused(_WHO, response)
