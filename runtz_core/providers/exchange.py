"""One conversation with a vendor: its deadline, whether it is paid for, and what a failure of it means."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import anyio
import httpcore2
import httpx2

from runtz_core.failures import FailureKind
from runtz_core.providers.addresses import RefusedAddress
from runtz_core.providers.base import ProviderError

log = logging.getLogger(__name__)

ANSWER_BYTES = 96 * 1024 * 1024  # a 64 MB picture as base64 inside JSON, and a little around it
_QUOTE_CHARS = 40
_SECRET_CHARS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds, each for one whole exchange: a paid call, a free question, fetching a picture."""

    call: float = 300.0
    ask: float = 30.0
    download: float = 60.0


class UnreadableAnswer(Exception):
    """The answer is compressed although we asked for plain bytes, or larger than we accept."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


async def _nothing() -> None:
    return None


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One conversation with a vendor: whether it is paid for, what it may cost in bytes, how far it came."""

    paid: bool
    cap: int
    sent: Callable[[], Awaitable[None]]
    unreadable: FailureKind
    began: bool = False  # bytes of a request may have left
    answered: bool = False  # a response's head has arrived

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """Follow httpcore's own account of the request."""
        if event == "http11.send_request_headers.started":
            self.began = True
        elif event == "http11.send_request_body.complete":
            await self.sent()

    def failure(self, error: BaseException) -> ProviderError | None:
        """What `error` means for the caller, None when it is not the network's or the vendor's doing."""
        chain = list(_chain(error))
        for link in chain:
            match link:
                case RefusedAddress():
                    return ProviderError(FailureKind.REFUSED_ADDRESS, link.detail)
                case UnreadableAnswer():
                    return ProviderError(self.unreadable, f"The answer was not read: {link.detail}.")
                case ssl.SSLCertVerificationError():
                    return ProviderError(
                        FailureKind.REFUSED_ADDRESS,
                        "The server's certificate is not valid for its name, so nothing was sent to it.",
                    )
                case httpcore2.LocalProtocolError():
                    return ProviderError(FailureKind.INVALID, "The request could not be written as HTTP.")
                case UnicodeEncodeError() if not self.began:
                    return ProviderError(
                        FailureKind.INVALID, "The prompt has characters that cannot be sent."
                    )
        if any(isinstance(link, _NETWORK) for link in chain):
            return self._network_failure()
        if self.answered:
            return ProviderError(self.unreadable, "The answer could not be read.")
        return self._network_failure() if self.began else None

    def _network_failure(self) -> ProviderError:
        if not self.began:
            return ProviderError(
                FailureKind.UNREACHABLE, "The server could not be reached; nothing was sent."
            )
        if self.paid:
            return ProviderError(
                FailureKind.OUTCOME_UNKNOWN,
                "The request was sent and no whole answer came back; it may be billed.",
            )
        return ProviderError(
            FailureKind.TRANSIENT, "The connection failed while asking; asking again is free."
        )


# anyio's and ssl's are what httpcore2 lets through when TLS ends without a goodbye.
_NETWORK: tuple[type[BaseException], ...] = (
    TimeoutError,
    OSError,
    anyio.EndOfStream,
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpx2.RequestError,
)

_CURRENT: ContextVar[Exchange] = ContextVar("exchange")


def current_exchange() -> Exchange:
    """The conversation this task is in. Raises LookupError outside one: nothing is sent unaccounted."""
    return _CURRENT.get()


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    # SDKs wrap what the transport raised; the cause says what happened.
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@asynccontextmanager
async def exchange(
    *,
    paid: bool,
    deadline: float,
    sent: Callable[[], Awaitable[None]] = _nothing,
    cap: int = ANSWER_BYTES,
    unreadable: FailureKind = FailureKind.BAD_RESPONSE,
    hide: tuple[str, ...] = (),
) -> AsyncIterator[None]:
    """Talk to a vendor for at most `deadline` seconds in all, answers capped at `cap` bytes.

    Raises ProviderError alone: UNREACHABLE while nothing has left; then OUTCOME_UNKNOWN when `paid`, else
    TRANSIENT; REFUSED_ADDRESS for our own rules and bad certificates; `unreadable` for answers we cannot use.
    `sent` is awaited each time a whole request is on the wire. What is in `hide` never shows in a detail.
    """
    book = Exchange(paid=paid, cap=cap, sent=sent, unreadable=unreadable)
    token = _CURRENT.set(book)
    try:
        async with asyncio.timeout(deadline):
            yield
    except ProviderError as error:
        detail = _without(error.detail, hide)
        if detail == error.detail:
            raise
        raise ProviderError(error.kind, detail, error.retry_after, error.request_id, error.cost) from None
    except Exception as error:
        failure = book.failure(error)
        if failure is None:
            raise
        # Names only: messages may quote a header, a prompt or an address with a signature.
        names = " < ".join(type(link).__name__ for link in _chain(error))
        log.info("exchange failed", extra={"kind": failure.kind, "error": names})
        raise failure from None
    finally:
        _CURRENT.reset(token)


def _without(detail: str, secrets: tuple[str, ...]) -> str:
    # Vendors quote keys and prompts in their messages: a detail ends where one begins.
    for secret in secrets:
        needle = " ".join(secret.split())[:_QUOTE_CHARS]
        if len(needle) >= _SECRET_CHARS and (at := detail.find(needle)) >= 0:
            detail = detail[:at].rstrip() + "…"
    return detail
