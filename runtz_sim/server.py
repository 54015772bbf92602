"""HTTP/1.1 on asyncio for the simulator: serves an ASGI application and can also misbehave on purpose.

An ordinary server (granian, uvicorn) hides the socket, so it can neither reset a connection nor lie about a
length. Here the application finds a `Door` in `scope["extensions"]["door"]` and may do both. h11 does the parsing.
"""

import asyncio
import contextlib
import logging
import socket
import struct
from collections.abc import AsyncIterator
from email.utils import formatdate
from http.client import responses
from typing import Any
from urllib.parse import unquote_to_bytes

import h11
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message

_log = logging.getLogger(__name__)

READ_BYTES = 1 << 18
_CLIENT_LEFT = (ConnectionError, ClientDisconnect, h11.RemoteProtocolError)


class Door:
    """One connection's socket. Once used, the server writes nothing more and closes it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.used = False

    async def write(self, data: bytes) -> None:
        """Put bytes on the wire as they are. Raises ConnectionError when the client has left."""
        self.used = True
        self._writer.write(data)
        await self._writer.drain()

    def reset(self) -> None:
        """Drop the connection with a TCP RST."""
        self.used = True
        raw = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


class _Connection:
    def __init__(self, app: ASGIApp, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._app = app
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)

    async def run(self) -> None:
        """Answer requests until either side closes."""
        try:
            while await self._exchange():
                self._http.start_next_cycle()
        except _CLIENT_LEFT:
            pass
        finally:
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()

    async def _exchange(self) -> bool:
        """Serve one request; say whether the connection can carry another."""
        request = await self._next_event()
        if not isinstance(request, h11.Request):
            return False
        exchange = _Exchange(self, request)
        try:
            await self._app(exchange.scope, exchange.receive, exchange.send)
        except _CLIENT_LEFT:
            return False
        except Exception:
            _log.exception("request_failed path=%s", exchange.scope["path"])
            return False
        if exchange.door.used:
            return False
        while self._http.their_state is h11.SEND_BODY:
            await self._next_event()
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _next_event(self) -> Any:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                await self.put(h11.InformationalResponse(status_code=100, headers=[]))
            self._http.receive_data(await self._reader.read(READ_BYTES))
        return event

    async def body_part(self) -> tuple[bytes, bool]:
        """The next piece of the request's body, and whether more follows."""
        event = await self._next_event()
        if isinstance(event, h11.Data):
            return bytes(event.data), True
        return b"", False

    async def gone(self) -> None:
        """Return when the client closes its side; requests it pipelines meanwhile are kept."""
        while True:
            data = await self._reader.read(READ_BYTES)
            self._http.receive_data(data)
            if not data:
                return

    async def put(self, event: Any) -> None:
        data = self._http.send(event)
        if data:
            self._writer.write(data)
            await self._writer.drain()

    @property
    def writer(self) -> asyncio.StreamWriter:
        return self._writer


class _Exchange:
    """One request and its answer, as ASGI sees them."""

    def __init__(self, connection: _Connection, request: h11.Request) -> None:
        self._connection = connection
        self._body_done = False
        self._head: h11.Response | None = None
        self._bodyless = request.method == b"HEAD"
        self.door = Door(connection.writer)
        path, _, query = request.target.partition(b"?")
        self.scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": request.http_version.decode(),
            "method": request.method.decode(),
            "scheme": "http",
            "path": _unquoted(path),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": list(request.headers),
            "client": connection.writer.get_extra_info("peername")[:2],
            "server": connection.writer.get_extra_info("sockname")[:2],
            "extensions": {"door": self.door},
        }

    async def receive(self) -> Message:
        if self._body_done:
            await self._connection.gone()
            return {"type": "http.disconnect"}
        data, more = await self._connection.body_part()
        self._body_done = not more
        return {"type": "http.request", "body": data, "more_body": more}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message["headers"], (b"date", formatdate(usegmt=True).encode())]
            self._head = h11.Response(
                status_code=message["status"],
                headers=headers,
                reason=responses.get(message["status"], "").encode(),
            )
            return
        if self._head is not None:
            head, self._head = self._head, None
            await self._connection.put(head)
        body = message.get("body", b"")
        if body and not self._bodyless:
            await self._connection.put(h11.Data(data=body))
        if not message.get("more_body", False):
            await self._connection.put(h11.EndOfMessage())


def _unquoted(path: bytes) -> str:
    return unquote_to_bytes(path).decode("utf-8", "replace")


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, host: str, port: int) -> AsyncIterator[int]:
    """Serve `app` until the block ends; gives the port (0 asks for a free one). Raises OSError when it is taken."""
    open_connections: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(_Connection(app, reader, writer).run())
        open_connections.add(task)
        task.add_done_callback(open_connections.discard)

    server = await asyncio.start_server(accept, host, port, limit=READ_BYTES, backlog=1024)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(open_connections):
            task.cancel()
        await asyncio.gather(*open_connections, return_exceptions=True)
