"""Getting a picture out of an answer: base64 with a cap before decoding, or a link fetched at once."""

import base64
import binascii
from urllib.parse import urljoin

import httpx2

from runtz_core.failures import FailureKind
from runtz_core.providers.addresses import server_of
from runtz_core.providers.base import ProviderError
from runtz_core.providers.exchange import exchange
from runtz_core.providers.retry_after import retry_after

PICTURE_BYTES = 64 * 1024 * 1024
_BASE64_CHARS = PICTURE_BYTES * 4 // 3 + 4
_REDIRECTS = 3


def decoded(text: str) -> bytes:
    """The bytes of base64 or of a `data:` URL, whatever type that claims. Raises ProviderError(BAD_IMAGE).

    Length is checked before anything is decoded; 64 MB is the most.
    """
    if text[:5].lower() == "data:":
        head, comma, text = text.partition(",")
        if not comma or not head.lower().endswith(";base64"):
            raise ProviderError(
                FailureKind.BAD_IMAGE, "The vendor sent a picture in a form that is not base64."
            )
    if len(text) > _BASE64_CHARS:
        raise ProviderError(FailureKind.BAD_IMAGE, "The vendor sent a picture larger than 64 MB.")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ProviderError(
            FailureKind.BAD_IMAGE, "The vendor sent a picture that is not valid base64."
        ) from None
    if not data:
        raise ProviderError(FailureKind.NO_IMAGE, "The vendor sent an empty picture.")
    return data


async def download(client: httpx2.AsyncClient, url: str, *, deadline: float) -> bytes:
    """The bytes behind a link a vendor gave us, without credentials, over at most three checked redirects.

    Takes at most `deadline` seconds. Raises ProviderError: LINK_EXPIRED (403, 404, 410), TRANSIENT,
    RATE_LIMITED, UNREACHABLE, REFUSED_ADDRESS, BAD_IMAGE (compressed or above 64 MB) and BAD_RESPONSE.
    """
    async with exchange(paid=False, deadline=deadline, cap=PICTURE_BYTES, unreadable=FailureKind.BAD_IMAGE):
        for _ in range(_REDIRECTS + 1):
            server_of(url)  # refuses what an HTTP client would only stumble over
            async with client.stream("GET", url) as response:
                if not response.has_redirect_location:
                    _refuse_status(response)
                    return await response.aread()
                url = urljoin(url, response.headers["location"])
    raise ProviderError(FailureKind.REFUSED_ADDRESS, "The picture's link redirects too often.")


def _refuse_status(response: httpx2.Response) -> None:
    status = response.status_code
    match status:
        case 200:
            return
        case 403 | 404 | 410:
            raise ProviderError(FailureKind.LINK_EXPIRED, "The vendor's link to the picture no longer works.")
        case 429:
            wait = retry_after(response.headers)
            raise ProviderError(FailureKind.RATE_LIMITED, "The vendor asks to fetch the picture later.", wait)
        case _ if status >= 500:
            raise ProviderError(
                FailureKind.TRANSIENT, f"The picture could not be fetched yet (HTTP {status})."
            )
        case _:
            raise ProviderError(FailureKind.BAD_RESPONSE, f"The picture's link answered HTTP {status}.")
