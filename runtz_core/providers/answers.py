"""Reading what a vendor answered without trusting its shape, and naming what went wrong."""

import json
import re
import unicodedata
from typing import Any

import httpx2

from runtz_core.failures import FailureKind
from runtz_core.providers.base import ProviderError
from runtz_core.providers.retry_after import retry_after

_DETAIL_CHARS = 200
_SECRET = re.compile(r"\b(?:sk|AIza|key|Bearer)[-_ ]?[\w*.-]{8,}")


def plain(message: object) -> str:
    """A vendor's words on one line of 200 characters, without control characters and what looks like a key."""
    if not isinstance(message, str):
        return ""
    shown = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in message[: 4 * _DETAIL_CHARS])
    shown = _SECRET.sub("…", " ".join(shown.split()))
    return shown if len(shown) <= _DETAIL_CHARS else shown[: _DETAIL_CHARS - 1] + "…"


def dig(value: Any, *path: str | int) -> Any:
    """What lies at `path` inside parsed JSON, None when any step is missing or of another type."""
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        else:
            value = value[step] if isinstance(value, list) and -len(value) <= step < len(value) else None
    return value


def text_at(value: Any, *path: str | int) -> str | None:
    """The non-empty string at `path`, else None."""
    found = dig(value, *path)
    return found if isinstance(found, str) and found else None


def whole_at(value: Any, *path: str | int) -> int | None:
    """The whole number at `path`, else None. True and False are not numbers."""
    found = dig(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def document(body: bytes | str) -> dict[str, Any]:
    """A JSON object. Raises ProviderError(BAD_RESPONSE) for anything else, however deep or broken."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise ProviderError(
            FailureKind.BAD_RESPONSE, "The vendor answered something that is not JSON."
        ) from None
    if not isinstance(found, dict):
        raise ProviderError(FailureKind.BAD_RESPONSE, "The vendor answered JSON of an unknown shape.")
    return found


def maybe_document(body: bytes | str) -> dict[str, Any]:
    """A JSON object, empty when the body is none. For error answers, whose form cannot be relied on."""
    try:
        return document(body)
    except ProviderError:
        return {}


def message_of(body: Any) -> str:
    """The sentence in an error answer, wherever its vendor puts it; "" when there is none."""
    for path in (
        ("error", "message"),
        ("error",),
        ("message",),
        ("detail",),
        ("detail", 0, "msg"),
        ("title",),
    ):
        if found := text_at(body, *path):
            return plain(found)
    return ""


def kind_of_status(status: int, *, spoken: bool) -> FailureKind:
    """The usual meaning of an HTTP status. `spoken`: the body was the vendor's JSON, not a gateway's page."""
    match status:
        case 401 | 403:
            return FailureKind.AUTH
        case 402:
            return FailureKind.QUOTA
        case 404 | 410:
            return FailureKind.MODEL_GONE
        case 429:
            return FailureKind.RATE_LIMITED
        # A gateway that stopped waiting says nothing about the work behind it: it may be done and billed.
        case 504 | 524 if not spoken:
            return FailureKind.OUTCOME_UNKNOWN
        case 408 | 409 | 425:
            return FailureKind.TRANSIENT
        case _ if status >= 500:
            return FailureKind.TRANSIENT
        case _ if 300 <= status < 400:
            return FailureKind.REFUSED_ADDRESS
        case _ if 400 <= status < 500:
            return FailureKind.INVALID
        case _:
            return FailureKind.BAD_RESPONSE


_SAID: dict[FailureKind, str] = {
    FailureKind.AUTH: "{who} refused the key",
    FailureKind.ORG_UNVERIFIED: "{who} wants the account verified for this model",
    FailureKind.QUOTA: "{who} says the account has no money or quota left",
    FailureKind.RATE_LIMITED: "{who} asks to slow down",
    FailureKind.MODEL_GONE: "{who} does not know this model (any more)",
    FailureKind.CONTENT_BLOCKED: "{who}'s safety filter refused this",
    FailureKind.INVALID: "{who} refused the request",
    FailureKind.TRANSIENT: "{who} has trouble at the moment",
    FailureKind.OUTCOME_UNKNOWN: "A gateway in front of {who} gave up waiting; the picture may be billed",
    FailureKind.REFUSED_ADDRESS: "{who}'s address redirects elsewhere; correct the base URL",
    FailureKind.BAD_RESPONSE: "{who} answered something unknown",
    FailureKind.NO_IMAGE: "{who} answered without a picture",
    FailureKind.LINK_EXPIRED: "{who} no longer has this picture",
}


def failed(
    who: str,
    kind: FailureKind,
    message: object = "",
    *,
    wait: float | None = None,
    request_id: str | None = None,
) -> ProviderError:
    """The error to raise: our sentence about `who`, then the vendor's own words, shortened."""
    said = _SAID[kind].format(who=who)
    words = plain(message)
    return ProviderError(kind, f"{said}: {words}" if words else f"{said}.", wait, request_id)


def refused(who: str, response: httpx2.Response, kind: FailureKind | None = None) -> ProviderError:
    """The error for an answer that is not a success, by its status unless `kind` is known better."""
    body = maybe_document(response.content)
    return failed(
        who,
        kind or kind_of_status(response.status_code, spoken=bool(body)),
        message_of(body) or f"HTTP {response.status_code}",
        wait=retry_after(response.headers),
        request_id=request_id_of(response),
    )


def request_id_of(response: httpx2.Response) -> str | None:
    """The identifier a vendor's support asks for."""
    return plain(response.headers.get("x-request-id")) or None
