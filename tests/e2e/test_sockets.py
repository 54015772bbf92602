"""What strangers and broken programs send over the pages' socket: nothing breaks, nothing changes, others go on."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, WSMsgType
from playwright.sync_api import StorageState

from tests.e2e.conftest import Tabs
from tests.e2e.product import PATIENCE, Product

ROOT = "reflex___state____state"
LOAD = f"{ROOT}.runtz_app___state___session____session_state.load"
LARGEST = 1_000_000  # bytes of one frame
FLOOD = 10_000  # events, as fast as they can be written


class Wire:
    """Engine.IO and Socket.IO by hand, so that anything can be sent."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket

    async def text(self, words: str) -> None:
        await self._socket.send_str(words)

    async def binary(self, data: bytes) -> None:
        await self._socket.send_bytes(data)

    async def event(self, event: Any) -> None:
        await self.text("42/_event," + json.dumps(["event", event]))

    async def answer(self, wanted: Callable[[str], bool]) -> str:
        """The next frame that is `wanted`; answers pings meanwhile. Raises ConnectionError when it is closed."""
        async with asyncio.timeout(PATIENCE):
            while True:
                frame = await self._socket.receive()
                if frame.type is not WSMsgType.TEXT:
                    raise ConnectionError(str(frame))
                if frame.data == "2":
                    await self.text("3")
                elif wanted(frame.data):
                    return str(frame.data)

    async def is_closed(self) -> None:
        """Wait for the server to hang up."""
        with pytest.raises(ConnectionError):
            await self.answer(lambda _: False)


@asynccontextmanager
async def wire(
    product: Product, cookie: str, *, namespace: str = "/_event", **headers: str
) -> AsyncIterator[Wire]:
    """A socket on the pages' address, joined to `namespace`."""
    address = f"{product.url}/_event/?EIO=4&transport=websocket&token={uuid4()}"
    sent = {"Origin": product.url, "Cookie": cookie, **headers}
    async with (
        ClientSession() as browser,
        browser.ws_connect(address, headers=sent, max_msg_size=0) as socket,
    ):
        made = Wire(socket)
        await made.answer(lambda frame: frame.startswith("0"))
        await made.text(f"40{namespace}," if namespace else "40")
        await made.answer(lambda frame: frame.startswith(("40", "44")))
        yield made


def hello() -> dict[str, Any]:
    """What a page sends first."""
    return {
        "name": f"{ROOT}.hydrate",
        "payload": {},
        "router_data": {"pathname": "/", "asPath": "/", "query": {}},
    }


async def is_served(product: Product, cookie: str) -> None:
    """A tab that is opened now gets its page's state."""
    async with wire(product, cookie) as tab:
        await tab.event(hello())
        await tab.answer(lambda frame: frame.startswith("42/_event,") and '"delta"' in frame)


def run(work: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: Playwright's loop is in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


@pytest.fixture
def cookie(owner: StorageState) -> str:
    return "; ".join(f"{one['name']}={one['value']}" for one in owner["cookies"])


@pytest.fixture(autouse=True)
def nothing_happened(product: Product, cookie: str, tabs: Tabs) -> Any:
    """The web process is the same one afterwards, serves, and nothing was run or changed by anybody."""
    before = usage(product, cookie), product.printed.count("is back after")
    yield
    run(is_served(product, cookie))
    assert (usage(product, cookie), product.printed.count("is back after")) == before


def usage(product: Product, cookie: str) -> str:
    """Every line of the owner's account."""
    answer = httpx.get(f"{product.url}/api/usage.csv", headers={"Cookie": cookie}, trust_env=False)
    assert answer.status_code == 200
    return answer.text


WRONG: list[Any] = [
    None, True, 0, "x", [], [[]], {}, {"name": None}, {"name": 7, "payload": {}}, {"name": [], "payload": {}},
    {"name": "", "payload": {}}, {"name": "setvar", "payload": {}}, {"name": "no.such.handler", "payload": {}},
    {"name": f"{ROOT}.setvar", "payload": {"var_name": "role", "value": "owner"}},
    {"name": LOAD}, {"name": LOAD, "payload": None}, {"name": LOAD, "payload": "x"}, {"name": LOAD, "payload": [1]},
    {"name": LOAD, "payload": {"extra": 1, "self": 2}}, {"name": LOAD, "payload": {}, "router_data": "x"},
    {"name": LOAD, "payload": {}, "router_data": {"headers": {"cookie": 7}}},
    {"name": LOAD, "payload": {}, "token": {}},
    {"name": f"{ROOT}.runtz_app___state___composer____composer_state.run", "payload": {"sent": [1, 2]}},
    {"name": f"{ROOT}.runtz_app___state___composer____composer_state.run", "payload": {}},
    {"name": f"{ROOT}.runtz_app___state___composer____composer_state.step_samples", "payload": {"by": "many"}},
    {"name": f"{ROOT}.runtz_app___state___comparison____comparison_state.act", "payload": {"action": 1, "call_id": {}}},
    {"name": "__class__.__init__", "payload": {}}, {"name": "x" * 100_000, "payload": {}},
    {"name": "\ud800", "payload": {}},
]  # fmt: skip
FRAMES = [
    "", "4", "42", "42/_event", "42/_event,", "42/_event,[", "42/_event,{}", "42/_event,[]", '42/_event,["event"]',
    '42/_event,["event",1,2,3]', '42/_event,["_private",{}]', '42/_event,["__init__"]', "42/_event,[1e400]",
    "42/_event,NaN",
    '451-/_event,["event",{"_placeholder":true,"num":0}]', '451-/_event,["event",{"_placeholder":true,"num":7}]',
    '42/_event,' + "[" * 5_000, "43/_event,1[]", "9", "\x00", "x" * 1_000, "6", "1",
]  # fmt: skip


def test_what_is_no_event_breaks_nothing(product: Product, cookie: str) -> None:
    async def send() -> None:
        for wrong in WRONG:
            async with wire(product, cookie) as tab:
                await tab.event(hello())
                await tab.event(wrong)
                await tab.event({**hello(), "name": LOAD})

    run(send())


def test_what_is_no_frame_breaks_nothing(product: Product, cookie: str) -> None:
    async def send() -> None:
        for frame in FRAMES:
            async with wire(product, cookie) as tab:
                await tab.text(frame)
                await tab.binary(b"\x04\x00\xff" * 100)

    run(send())


def test_a_frame_has_at_most_a_million_bytes(product: Product, cookie: str) -> None:
    def filled(size: int) -> str:
        start, end = '42/_event,["event",{"name":"no.such.handler","payload":{"x":"', '"}}]'
        return start + "x" * (size - len(start) - len(end)) + end

    async def send() -> None:
        async with wire(product, cookie) as tab:
            await tab.text(filled(LARGEST - 1))
            await tab.event(hello())
            await tab.answer(lambda frame: '"delta"' in frame)
        async with wire(product, cookie) as tab:
            await tab.text(filled(LARGEST + 1))
            await tab.is_closed()

    run(send())


def test_no_other_namespace_is_there(product: Product, cookie: str) -> None:
    async def send() -> None:
        for namespace in ("/admin", "/_event/..", "/event", "/_EVENT", "/" + "x" * 5_000):
            address = f"{product.url}/_event/?EIO=4&transport=websocket"
            headers = {"Origin": product.url, "Cookie": cookie}
            async with ClientSession() as browser, browser.ws_connect(address, headers=headers) as socket:
                made = Wire(socket)
                await made.answer(lambda frame: frame.startswith("0"))
                await made.text(f"40{namespace}," if namespace else "40")
                assert (await made.answer(lambda frame: frame[:2] in ("40", "44"))).startswith("44"), (
                    namespace
                )

    run(send())


def test_a_subprotocol_of_any_spelling_breaks_nothing(product: Product, cookie: str) -> None:
    async def send() -> None:
        for protocol in ("chat", "\xe9", "x" * 5_000):
            address = f"{product.url}/_event/?EIO=4&transport=websocket"
            headers = {"Origin": product.url, "Cookie": cookie, "Sec-WebSocket-Protocol": protocol}
            try:
                async with ClientSession() as browser, browser.ws_connect(address, headers=headers) as socket:
                    await socket.close()
            except (ClientError, ValueError):
                continue  # refused: as good

    run(send())


def test_a_flood_of_events_slows_nobody_else_down(product: Product) -> None:
    async def send() -> None:
        # A browser of its own: whose events come too fast, waits, and other tests are not to wait with it.
        async with wire(product, "session=made-up") as tab:
            await tab.event(hello())
            event = "42/_event," + json.dumps(["event", {**hello(), "name": LOAD}])
            for _ in range(FLOOD):
                await tab.text(event)
            await tab.answer(lambda frame: "faster than the server" in frame)

    run(send())
    with httpx.Client(trust_env=False, timeout=PATIENCE) as visitor:
        assert visitor.get(f"{product.url}/health").status_code == 200
