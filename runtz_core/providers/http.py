"""The only way out: requests go where they may, and to the network address that was checked."""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import cache
from typing import Any

import httpcore2
import httpx2

from runtz_core.providers.addresses import Reach
from runtz_core.providers.exchange import UnreadableAnswer, current_exchange

# What those who are handed a client need to name it; only this module makes one.
AsyncClient = httpx2.AsyncClient
Response = httpx2.Response

# Seconds. The exchange's own deadline is what ends a silent or dripping vendor; these end a dead network.
_TIMEOUTS = {"connect": 10.0, "write": 60.0, "read": None, "pool": 60.0}
_CONNECTIONS = 1024
_IDLE_CONNECTIONS = 64
_IDLE_SECONDS = 5.0  # shorter than any vendor's own, so that a reused connection is rarely a dying one

# At their chattier levels these write prompts, keys and signed links into the log, whatever our own level is.
for _chatty in ("httpx2", "httpcore2", "openai", "google_genai"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)

Resolve = Callable[[str, int], Awaitable[Iterable[str]]]


async def resolve(host: str, port: int) -> list[str]:
    """The addresses the operating system knows for `host`, in its order of preference."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class _ClosedOnCancel(httpcore2.AsyncNetworkStream):
    """A stream that does not stay open when its TLS handshake is cancelled, as httpcore2's own would."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.AsyncNetworkStream:
        try:
            return await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            await self._stream.aclose()
            raise


class PinnedBackend(httpcore2.AsyncNetworkBackend):
    """Opens connections: one look-up, every address checked, then straight to one of the checked addresses.

    TLS happens above it with the host's own name, so certificates and the Host header stay the vendor's.
    """

    def __init__(self, reach: Reach, resolver: Resolve, dialler: httpcore2.AsyncNetworkBackend) -> None:
        self._reach = reach
        self._resolver = resolver
        self._dialler = dialler

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first address that answers. Raises RefusedAddress, httpcore2.ConnectError."""
        try:
            found = await self._resolver(host, port)
        except (OSError, UnicodeError):
            raise httpcore2.ConnectError(f"{host} has no address") from None
        failure: Exception = httpcore2.ConnectError(f"{host} has no address")
        addresses = self._reach.admit_addresses(host, port, found)
        # Shared out, so that a dead IPv6 route leaves time for IPv4.
        each = timeout / len(addresses) if timeout and addresses else timeout
        for address in addresses:
            try:
                stream = await self._dialler.connect_tcp(address, port, each, local_address, socket_options)
                return _ClosedOnCancel(stream)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


class _CountedBody(httpx2.AsyncByteStream):
    """A response body that stops being read once it exceeds `cap` bytes."""

    def __init__(self, response: httpcore2.Response, cap: int) -> None:
        self._response = response
        self._cap = cap

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for chunk in self._response.aiter_stream():
            received += len(chunk)
            if received > self._cap:
                raise UnreadableAnswer(f"it is larger than {self._cap // 1024**2} MB")
            yield chunk

    async def aclose(self) -> None:
        await self._response.aclose()


class GuardedTransport(httpx2.AsyncBaseTransport):
    """The transport below every vendor SDK and every request of our own. Works inside an `exchange` only."""

    def __init__(
        self,
        reach: Reach,
        *,
        resolver: Resolve = resolve,
        dialler: httpcore2.AsyncNetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._reach = reach
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls or _system_tls(),
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_IDLE_CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=PinnedBackend(reach, resolver, dialler or httpcore2.AnyIOBackend()),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request. Raises RefusedAddress, UnreadableAnswer and httpcore2's exceptions, unchanged."""
        exchange = current_exchange()
        self._reach.admit(request.url)
        headers = [pair for pair in request.headers.raw if pair[0].lower() != b"accept-encoding"]
        response = await self._pool.handle_async_request(
            httpcore2.Request(
                method=request.method,
                url=_core_url(request.url),
                headers=[*headers, (b"Accept-Encoding", b"identity")],
                content=request.stream,
                extensions={"timeout": _TIMEOUTS, "trace": exchange.trace},
            )
        )
        exchange.answered = True
        answer = httpx2.Response(
            response.status,
            headers=response.headers,
            stream=_CountedBody(response, exchange.cap),
            extensions=response.extensions,
        )
        try:
            _refuse_unreadable(answer, exchange.cap)
        except UnreadableAnswer:
            await answer.aclose()
            raise
        return answer

    async def aclose(self) -> None:
        """Close every connection; called by the client that owns this transport."""
        await self._pool.aclose()


def _refuse_unreadable(answer: httpx2.Response, cap: int) -> None:
    if answer.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise UnreadableAnswer("it is compressed although plain bytes were asked for")
    announced = answer.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > cap:
        raise UnreadableAnswer(f"it is larger than {cap // 1024**2} MB")


def _core_url(url: httpx2.URL) -> httpcore2.URL:
    # Handed over in parts: a second parser must not read another host out of the same text.
    return httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


@cache
def _system_tls() -> ssl.SSLContext:
    return httpx2.create_ssl_context()


def open_client(
    reach: Reach,
    *,
    resolver: Resolve = resolve,
    dialler: httpcore2.AsyncNetworkBackend | None = None,
    tls: ssl.SSLContext | None = None,
) -> httpx2.AsyncClient:
    """A client whose every request passes the guard: no proxies from the environment, no redirects.

    `resolver`, `dialler` and `tls` default to the operating system's own.
    """
    return httpx2.AsyncClient(
        transport=GuardedTransport(reach, resolver=resolver, dialler=dialler, tls=tls),
        trust_env=False,
        follow_redirects=False,
    )
