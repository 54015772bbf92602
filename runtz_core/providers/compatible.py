"""A server that speaks OpenAI's image API, declared by the owner: stable-diffusion.cpp, LocalAI, vLLM and kin."""

from typing import Any
from urllib.parse import urljoin

import httpx2

from runtz_core.failures import FailureKind
from runtz_core.providers import references
from runtz_core.providers.answers import (
    dig,
    document,
    failed,
    maybe_document,
    message_of,
    refused,
    request_id_of,
    text_at,
)
from runtz_core.providers.base import Done, ImageRequest, Pending, Probe, Progress, ProviderError
from runtz_core.providers.line import Line
from runtz_core.providers.models.compatible import name_at_server
from runtz_core.providers.pictures import decoded

_WHO = "The server"


class CompatibleImages:
    """One declared server. Sends only what all such servers understand; needs no key."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._headers = {"Authorization": f"Bearer {line.api_key}"} if line.api_key else {}

    async def start(self, request: ImageRequest, progress: Progress) -> Pending | Done:
        """Ask for one picture: Done when the server sends bytes, Pending when it sends a link.

        Raises ProviderError of any kind but LINK_EXPIRED and STORAGE_FULL.
        """
        body = {
            "model": name_at_server(request.model),
            "prompt": request.prompt,
            "n": 1,
            "size": str(request.size),
            "response_format": "b64_json",
        }
        async with self._line.buy(request, progress):
            response = await self._line.client.post(
                f"{self._line.base_url}/images/generations", json=body, headers=self._headers
            )
            if response.status_code != 200:
                raise _refused(response)
            answer = document(response.content)
            request_id = request_id_of(response)
            if encoded := text_at(answer, "data", 0, "b64_json"):
                return Done(data=decoded(encoded), request_id=request_id)
            link = text_at(answer, "data", 0, "url")
            if link is None:
                raise _empty(answer)
            if link[:5].lower() == "data:":
                return Done(data=decoded(link), request_id=request_id)
            reference = references.written(link=urljoin(f"{self._line.base_url}/", link))
            return Pending(reference=reference, retry_in=0, request_id=request_id)

    async def check(self, reference: str) -> Pending | Done:
        """Fetch the picture the server linked to. Raises ProviderError as `download` does."""
        facts = references.read(reference)
        data = await self._line.fetch(str(facts.get("link")))
        return Done(data=data)

    async def probe(self) -> Probe:
        """List the models; a server that cannot is there all the same."""
        try:
            async with self._line.ask():
                response = await self._line.client.get(f"{self._line.base_url}/models", headers=self._headers)
                if response.status_code not in (200, 404, 405, 501):
                    raise _refused(response)
                models = dig(maybe_document(response.content), "data")
        except ProviderError as error:
            return Probe(ok=False, message=error.detail, failure=error.kind)
        named = (
            [name for model in models if (name := text_at(model, "id"))] if isinstance(models, list) else []
        )
        listing = f" It lists {', '.join(named[:5])}." if named else ""
        return Probe(ok=True, message=f"The server answers.{listing}")

    async def close(self) -> None:
        """Release the connections."""
        await self._line.close()


def _empty(answer: dict[str, Any]) -> ProviderError:
    if said := message_of(answer):
        return failed(_WHO, FailureKind.BAD_RESPONSE, said)
    known = isinstance(dig(answer, "data"), list)
    return failed(_WHO, FailureKind.NO_IMAGE if known else FailureKind.BAD_RESPONSE)


def _refused(response: httpx2.Response) -> ProviderError:
    body = maybe_document(response.content)
    said, code = message_of(body).lower(), text_at(body, "error", "code")
    if code in ("moderation_blocked", "content_policy_violation") or "safety system" in said:
        return refused(_WHO, response, FailureKind.CONTENT_BLOCKED)
    if code == "insufficient_quota":
        return refused(_WHO, response, FailureKind.QUOTA)
    if response.status_code == 400 and "model" in said and ("not exist" in said or "not found" in said):
        return refused(_WHO, response, FailureKind.MODEL_GONE)
    return refused(_WHO, response)
