"""Ideogram: 4.5 by the v2 API (started, then asked after) and 3 by v1 (answers with a link)."""

import re
from typing import Any
from urllib.parse import quote

import httpx2

from runtz_core.failures import FailureKind
from runtz_core.providers import masks, references
from runtz_core.providers.answers import (
    dig,
    document,
    failed,
    maybe_document,
    message_of,
    refused,
    request_id_of,
    text_at,
    whole_at,
)
from runtz_core.providers.base import Cost, Done, ImageRequest, Pending, Probe, Progress, ProviderError
from runtz_core.providers.line import Line
from runtz_core.providers.models.ideogram import PRICES_3, PRICES_4_5
from runtz_core.providers.models.upscalers import UPSCALERS

_WHO = "Ideogram"
UPSCALE_PRICES = {spec.model: spec.price for spec in UPSCALERS}
_POLL_SECONDS = 0.5
_SAFE_ID = re.compile(r"[\w.-]{1,200}", re.ASCII)


class IdeogramImages:
    """Ideogram's API. Both models leave a reference behind, so a paid picture survives a restart."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._headers = {"Api-Key": line.api_key}

    async def start(self, request: ImageRequest, progress: Progress) -> Pending | Done:
        """Buy one picture. Raises ProviderError of any kind but LINK_EXPIRED, BAD_IMAGE and STORAGE_FULL."""
        older = request.model == "ideogram-3"
        path, body = _upscale(request) if request.factor else _v1(request) if older else _v2(request)
        form = await _form(request, path, body) if request.inputs else {"json": body}
        async with self._line.buy(request, progress):
            response = await self._line.client.post(self._line.base_url + path, headers=self._headers, **form)
            if response.status_code != 200:
                raise _refused(response)
            answer = document(response.content)
            facts = {
                "prompt": references.digest(request.prompt),
                "usd_micros": _price(request),
            }
            if dig(answer, "data") is not None:
                reference = references.written(link=_link(answer), seed=_seed(answer), **facts)
                return Pending(reference=reference, retry_in=0, request_id=request_id_of(response))
            generation = text_at(answer, "generation_id")
            if generation is None or not _SAFE_ID.fullmatch(generation):
                raise failed(_WHO, FailureKind.BAD_RESPONSE)
            reference = references.written(generation=generation, **facts)
            return Pending(reference=reference, retry_in=_POLL_SECONDS, request_id=request_id_of(response))

    async def check(self, reference: str) -> Pending | Done:
        """Ask after a picture and fetch it when it is ready.

        Raises ProviderError: TRANSIENT, UNREACHABLE and RATE_LIMITED may pass when asked again; AUTH, QUOTA,
        CONTENT_BLOCKED, NO_IMAGE, BAD_RESPONSE, BAD_IMAGE, LINK_EXPIRED and REFUSED_ADDRESS are final.
        """
        facts = references.read(reference)
        link, seed, prompt_used = facts.get("link"), facts.get("seed"), None
        if not isinstance(link, str):
            answer = await self._ask(str(facts.get("generation")))
            if text_at(answer, "status") not in (None, "completed"):
                return Pending(reference=reference, retry_in=_POLL_SECONDS)
            link, seed = _link(answer), _seed(answer)
            prompt_used = references.rewrite_of(facts, text_at(answer, "data", 0, "prompt"))
        micros = whole_at(facts, "usd_micros")
        return Done(
            data=await self._line.fetch(link),
            cost=None if micros is None else Cost(usd_micros=micros, basis="table"),
            seed=seed,
            prompt_used=prompt_used,
        )

    async def probe(self) -> Probe:
        """Ask for a price quote, which is free and needs a good key."""
        path, body = (
            "/v2/image/generate/ideogram-4-5?dry_run=true",
            {"prompt": "a price quote", "quality": "low"},
        )
        try:
            async with self._line.ask():
                response = await self._line.client.post(
                    self._line.base_url + path, json=body, headers=self._headers
                )
                if response.status_code != 200:
                    raise _refused(response)
                document(response.content)
        except ProviderError as error:
            return Probe(ok=False, message=error.detail, failure=error.kind)
        return Probe(ok=True, message="Ideogram accepts the key and quotes its prices.")

    async def close(self) -> None:
        """Release the connections."""
        await self._line.close()

    async def _ask(self, generation: str) -> dict[str, Any]:
        async with self._line.ask():
            url = f"{self._line.base_url}/v2/generations/{quote(generation, safe='')}"
            response = await self._line.client.get(url, headers=self._headers)
            if response.status_code == 404:
                raise refused(_WHO, response, FailureKind.LINK_EXPIRED)
            if response.status_code != 200:
                raise _refused(response)
            answer = document(response.content)
        status = text_at(answer, "status")
        if status == "failed":
            reason = text_at(answer, "failure_reason") or ""
            blocked = "policy" in reason or "safety" in reason
            raise failed(_WHO, FailureKind.CONTENT_BLOCKED if blocked else FailureKind.NO_IMAGE, reason)
        if status in (None, "completed") and dig(answer, "data") is None:
            raise failed(_WHO, FailureKind.BAD_RESPONSE)
        return answer


def _v2(request: ImageRequest) -> tuple[str, dict[str, object]]:
    body: dict[str, object] = {
        "prompt": request.prompt,
        "quality": request.tier,
        "size": str(request.size),
        "num_images": 1,
        "magic_prompt": "off",  # the person's words as they are; improving them is a step of its own
        "async": True,
    }
    if _is_variation(request):
        return "/v2/image/remix/ideogram-4-5", body | _seeded(request) | _weighed(request)
    if request.mask:
        body["size"] = "source"  # the mask fits no other
    return "/v2/image/generate/ideogram-4-5", body | _seeded(request)


def _v1(request: ImageRequest) -> tuple[str, dict[str, object]]:
    body: dict[str, object] = {
        "prompt": request.prompt,
        "resolution": str(request.size),
        "rendering_speed": request.tier,
        "num_images": 1,
        "magic_prompt": "OFF",
    }
    if request.mask:
        del body["resolution"]  # the mask fits no other
        return "/v1/ideogram-v3/edit", body | _seeded(request)
    if request.negative:
        body["negative_prompt"] = request.negative
    if request.base:
        return "/v1/ideogram-v3/remix", body | _seeded(request) | _weighed(request)
    return "/v1/ideogram-v3/generate", body | _seeded(request)


def _upscale(request: ImageRequest) -> tuple[str, dict[str, object]]:
    return f"/v2/image/upscale/{request.model}", {"upscale_factor": f"x{request.factor}", "async": True}


def _price(request: ImageRequest) -> int | None:
    if request.factor:
        return UPSCALE_PRICES[request.model](request.tier, request.size)
    return (PRICES_3 if request.model == "ideogram-3" else PRICES_4_5).get(request.tier)


def _is_variation(request: ImageRequest) -> bool:
    return request.strength is not None and request.mask is None and len(request.pictures) == 1


def _weighed(request: ImageRequest) -> dict[str, object]:
    # Our strength says how far the picture may go, the vendor's weight how much of it stays.
    return {"image_weight": min(max(100 - (request.strength or 50), 1), 100)}


async def _form(request: ImageRequest, path: str, body: dict[str, object]) -> dict[str, Any]:
    """The body as a multipart form with the pictures under the names this route has for them."""
    fields = {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in body.items()
    }
    if path == "/v2/image/generate/ideogram-4-5":
        files = [("images", one.file) for one in request.pictures]
    else:
        others = "images" if path.startswith("/v2") else "style_reference_images"
        files = [("image", request.base.file)] if request.base else []
        files += [(others, one.file) for one in request.references]
    if request.mask:
        files.append(("mask", ("mask.png", await masks.black_where_marked(request.mask.data), "image/png")))
    return {"data": fields, "files": files}


def _seeded(request: ImageRequest) -> dict[str, object]:
    return {} if request.seed is None else {"seed": request.seed}


def _link(answer: dict[str, Any]) -> str:
    if dig(answer, "data", 0, "is_image_safe") is False:
        raise failed(_WHO, FailureKind.CONTENT_BLOCKED, "the finished picture was withheld, and billed")
    link = text_at(answer, "data", 0, "url")
    if link is None:
        raise failed(_WHO, FailureKind.NO_IMAGE)
    return link


def _seed(answer: dict[str, Any]) -> int | None:
    own = whole_at(answer, "data", 0, "seed")
    return whole_at(answer, "seed") if own is None else own


def _refused(response: httpx2.Response) -> ProviderError:
    body = maybe_document(response.content)
    if response.status_code == 401:
        message = f"{message_of(body)} It answers the same when the account's balance is zero.".strip()
        return failed(_WHO, FailureKind.AUTH, message, request_id=request_id_of(response))
    if response.status_code == 422:
        return refused(_WHO, response, FailureKind.CONTENT_BLOCKED)
    return refused(_WHO, response)
