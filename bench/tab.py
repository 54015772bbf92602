"""An open tab without a browser: Engine.IO and Reflex's events over one websocket, as the pages' own script sends them.

Light enough for a thousand in one process. It shows nothing; whoever opens it reads the frames.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

import aiohttp

NAMESPACE = "/_event"
ROOT = "reflex___state____state"
LOAD = f"{ROOT}.hydrate_and_load"
OPEN, CLOSE, PING, PONG, MESSAGE = "0", "1", "2", "3", "4"
CONNECTED, EVENT, REFUSED = "0", "2", "4"
PATIENCE = 60.0  # seconds for the handshake

Heard = Callable[[str], None]


class TabClosed(Exception):
    """The server closed the socket, or refused it."""


@dataclass
class Tab:
    """One socket on `path` of `url`, with the session's `cookie`; `heard` is given every frame of news."""

    http: aiohttp.ClientSession
    url: str
    cookie: str
    path: str
    heard: Heard = lambda text: None
    token: str = field(default_factory=lambda: str(uuid4()))
    alive: bool = False
    _socket: Any = None
    _reader: asyncio.Task[None] | None = None
    _loaded: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> Self:
        """Connect and load the page; returns when the first state has come. Raises TabClosed, aiohttp.ClientError."""
        async with asyncio.timeout(PATIENCE):
            address = self.url.replace("http", "ws", 1)
            self._socket = await self.http.ws_connect(
                f"{address}{NAMESPACE}/?token={self.token}&EIO=4&transport=websocket",
                headers={"Cookie": self.cookie, "Origin": self.url},
                max_msg_size=0,
            )
            self._reader = asyncio.create_task(self._read())
            self._loaded.clear()
            await self._loaded.wait()
        if not self.alive:
            raise TabClosed(self.path)
        return self

    async def send(self, name: str, payload: dict[str, Any] | None = None) -> None:
        """Send one event."""
        event = {"name": name, "payload": payload or {}, "router_data": self._place(), "token": self.token}
        await self._socket.send_str(f"{MESSAGE}{EVENT}{NAMESPACE},{json.dumps(['event', event])}")

    async def close(self) -> None:
        """Leave the page."""
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)

    async def ended(self) -> None:
        """Wait until the socket is gone."""
        if self._reader is not None:
            await asyncio.wait({self._reader})

    def _place(self) -> dict[str, Any]:
        parts = urlsplit(self.path)
        return {"pathname": parts.path, "asPath": self.path, "query": {}}

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    break
                await self._on_frame(message.data)
        except (aiohttp.ClientError, ConnectionError):
            pass  # a server that died says no goodbye; `alive` tells
        finally:
            self.alive = False
            self._loaded.set()

    async def _on_frame(self, text: str) -> None:
        if text == PING:
            await self._socket.send_str(PONG)
        elif text.startswith(OPEN):
            await self._socket.send_str(f"{MESSAGE}{CONNECTED}{NAMESPACE},")
        elif text.startswith(f"{MESSAGE}{CONNECTED}{NAMESPACE}"):
            await self.send(LOAD)
        elif text.startswith(f"{MESSAGE}{EVENT}"):
            self.alive = True
            self._loaded.set()
            self.heard(text)
        elif text.startswith((CLOSE, f"{MESSAGE}{REFUSED}")):
            await self._socket.close()
