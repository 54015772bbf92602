"""What can happen to a good answer on its way: damaged bodies, broken connections, spoilt pictures."""

import asyncio
import base64
import functools
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import Any

from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from runtz_sim.faults import Fault, FaultKind
from runtz_sim.server import Door

DRIP_SECONDS = 0.3
_SETTLE_SECONDS = 0.05  # a reset discards what the kernel has not sent yet; this lets the half arrive
ENDLESS_PIECE = b"A" * 65_536
METADATA_URL = "http://169.254.169.254/latest/meta-data/"  # the address every forged redirect aims at first
# Without these no vendor's answer can be understood.
ESSENTIAL = frozenset(
    {
        "data", "candidates", "id", "polling_url", "generation_id", "status", "result", "b64_json",
        "models", "credits", "usd_micros", "content", "output",
    }
)  # fmt: skip
ERROR_PAGE = "<html><head><title>{code} {reason}</title></head><body><h1>{code} {reason}</h1></body></html>"


class RawAnswer(Response):
    """An answer written to the socket by `act` instead of the server."""

    def __init__(self, act: Callable[[Door, Receive], Any]) -> None:
        super().__init__()
        self._act = act

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Act on the connection instead of answering."""
        await self._act(scope["extensions"]["door"], receive)


async def damaged(fault: Fault, response: Response) -> Response:
    """`response` as the client gets it. Kinds that leave the body alone return it unchanged."""
    match fault.kind:
        case FaultKind.DRIP:
            return _dripping(await whole(response), fault.number("seconds", DRIP_SECONDS))
        case FaultKind.RESET_MID_BODY:
            return _cut(await whole(response), reset=True)
        case FaultKind.SHORT_IMAGE_CONTENT_LENGTH:
            return _cut(await whole(response), reset=False)
        case FaultKind.MALFORMED_JSON:
            return _rewritten(await whole(response), lambda text: text.replace(b":", b"", 1))
        case FaultKind.TRUNCATED_JSON:
            return _rewritten(await whole(response), lambda text: text[: len(text) // 2])
        case FaultKind.MISSING_FIELDS:
            return _rewritten(await whole(response), _without_essentials)
        case FaultKind.NULL_FIELDS:
            return _rewritten(await whole(response), _with_nulls)
        case _:
            return response


async def instead(fault: Fault) -> Response | None:
    """The answer that comes in place of a good one, for the kinds where no work is even begun."""
    match fault.kind:
        case FaultKind.SILENCE:
            return RawAnswer(_silence)
        case FaultKind.RESET:
            return RawAnswer(_reset)
        case FaultKind.HTML_502:
            return HTMLResponse(_page(HTTPStatus.BAD_GATEWAY), 502)
        case FaultKind.HTML_200:
            return HTMLResponse(_page(HTTPStatus.OK))
        case FaultKind.ENDLESS_BODY if fault.options.get("part") == "headers":
            return RawAnswer(_endless_headers)
        case FaultKind.ENDLESS_BODY:
            return StreamingResponse(_endless(), media_type=fault.options.get("type", "application/json"))
        case FaultKind.REDIRECT:
            return RedirectResponse(fault.options.get("url", METADATA_URL), 302)
        case _:
            return None


async def whole(response: Response) -> Response:
    """The response with its stream, if it is one, collected into a body."""
    if not isinstance(response, StreamingResponse):
        return response
    parts = [part.encode() if isinstance(part, str) else bytes(part) async for part in response.body_iterator]
    kept = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(b"".join(parts), response.status_code, kept)


def spoilt(fault: Fault, picture: bytes, as_jpeg: bytes) -> bytes:
    """The bytes sent in place of `picture`; the declared type stays what it was."""
    match fault.kind:
        case FaultKind.WRONG_MIME:
            others = {"svg": _SVG, "html": _page(HTTPStatus.OK).encode()}
            return others.get(fault.options.get("sends", "jpeg"), as_jpeg)
        case FaultKind.NOT_AN_IMAGE:
            return b"These bytes are text and no picture at all.\n"
        case FaultKind.TRUNCATED_IMAGE:
            return picture[: int(len(picture) * fault.number("keep", 0.6))]
        case FaultKind.BOMB_IMAGE:
            return bomb()
        case _:
            return picture


def base64_text(picture: bytes, fault: Fault | None) -> str:
    """The picture as an answer carries it, broken when the fault says so."""
    text = base64.b64encode(picture).decode()
    if fault is not None and fault.kind is FaultKind.BAD_BASE64:
        return text[:100] + "*not base64*" + text[100:-3]
    return text


@functools.cache
def bomb() -> bytes:
    """A PNG of 95 megapixels in about 12 kB."""
    width, height = 10_000, 9_500
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    rows = zlib.compress(bytes((width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


@functools.cache
def gzip_bomb() -> bytes:
    """64 MiB of zeros in about 65 kB."""
    return gzip.compress(bytes(64 * 1024 * 1024), 9)


def _chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><script>alert(1)</script></svg>'


def _page(status: HTTPStatus) -> str:
    return ERROR_PAGE.format(code=status.value, reason=status.phrase)


def _rewritten(response: Response, change: Callable[[bytes], bytes]) -> Response:
    """Change the JSON of the body; of an event stream, that of its last event."""
    body = bytes(response.body)
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        before, mark, last = body.rpartition(b"data: ")
        body = before + mark + change(last.rstrip()) + b"\n\n"
    else:
        body = change(body)
    kept = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(body, response.status_code, kept)


def _without_essentials(text: bytes) -> bytes:
    return json.dumps(
        {name: value for name, value in json.loads(text).items() if name not in ESSENTIAL}
    ).encode()


def _with_nulls(text: bytes) -> bytes:
    found = json.loads(text)
    return json.dumps({name: None if name in ESSENTIAL else value for name, value in found.items()}).encode()


def _wire_head(response: Response, length: int) -> bytes:
    reason = HTTPStatus(response.status_code).phrase
    lines = [f"HTTP/1.1 {response.status_code} {reason}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items() if name != "content-length"]
    return "\r\n".join([*lines, f"content-length: {length}", "", ""]).encode("latin-1")


def _cut(response: Response, *, reset: bool) -> Response:
    """Half of the promised body, then a reset or an ordinary close."""

    async def act(door: Door, receive: Receive) -> None:
        body = bytes(response.body)
        await door.write(_wire_head(response, len(body)) + body[: len(body) // 2])
        if reset:
            await asyncio.sleep(_SETTLE_SECONDS)
            door.reset()

    return RawAnswer(act)


def _dripping(response: Response, seconds: float) -> Response:
    async def act(door: Door, receive: Receive) -> None:
        body = bytes(response.body)
        await door.write(_wire_head(response, len(body)))
        for position in range(len(body)):
            await door.write(body[position : position + 1])
            await asyncio.sleep(seconds)

    return RawAnswer(act)


async def _silence(door: Door, receive: Receive) -> None:
    door.used = True
    while (await receive())["type"] != "http.disconnect":
        continue


async def _reset(door: Door, receive: Receive) -> None:
    door.reset()


async def _endless_headers(door: Door, receive: Receive) -> None:
    await door.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        await door.write(b"x-more: " + ENDLESS_PIECE[:1000] + b"\r\n")


async def _endless() -> AsyncIterator[bytes]:
    yield b'{"data":[{"b64_json":"'
    while True:
        yield ENDLESS_PIECE
