"""Bringing a picture home: every hop is checked, and what each failure means."""

import pytest

from runtz_core.failures import FailureKind
from runtz_core.providers.addresses import Reach
from runtz_core.providers.base import ProviderError
from runtz_core.providers.http import open_client
from runtz_core.providers.pictures import download
from tests.providers.stub import (
    Answer,
    answer,
    reset,
    stub,
)
from tests.providers.test_http import VENDOR, declared


class TestDownload:
    async def fetch(self, reach: Reach, url: str) -> bytes:
        async with open_client(reach) as client:
            return await download(client, url, deadline=10)

    async def kind(self, reach: Reach, url: str) -> FailureKind:
        with pytest.raises(ProviderError) as failed:
            await self.fetch(reach, url)
        return failed.value.kind

    async def test_brings_the_bytes_as_they_are_without_credentials(self) -> None:
        async with stub(answer(200, b"\x89PNG")) as server:
            assert await self.fetch(declared(server.url), f"{server.url}/a.png?sig=1") == b"\x89PNG"
        assert not {"authorization", "x-key", "api-key", "cookie"} & server.received[0].headers.keys()

    async def test_follows_three_redirects_and_no_fourth(self) -> None:
        hop = answer(302, location="/next")
        async with stub(hop, hop, hop, answer(200, b"end")) as server:
            assert await self.fetch(declared(server.url), server.url) == b"end"
        async with stub(hop) as server:
            assert await self.kind(declared(server.url), server.url) is FailureKind.REFUSED_ADDRESS
        assert len(server.received) == 4

    @pytest.mark.parametrize(
        "target",
        [
            "http://169.254.169.254/latest/meta-data/",
            "file:///etc/passwd",
            "gopher://127.0.0.1/",
            "https://evil.example/",
            "http://[::1]:80/",
            "//evil.example/x",
            "http://user@127.0.0.1/",
        ],
    )
    async def test_every_hop_is_checked_again(self, target: str) -> None:
        async with stub(answer(302, location=target)) as server:
            assert await self.kind(declared(server.url), server.url) is FailureKind.REFUSED_ADDRESS
        assert server.connections == 1

    async def test_a_redirect_to_another_port_of_the_same_host_reaches_nobody(self) -> None:
        async with stub(answer(200)) as trap, stub(answer(302, location=trap.url)) as server:
            assert await self.kind(declared(server.url), server.url) is FailureKind.REFUSED_ADDRESS
        assert trap.connections == 0

    @pytest.mark.parametrize(
        ("said", "kind"),
        [
            (answer(403), FailureKind.LINK_EXPIRED),
            (answer(404), FailureKind.LINK_EXPIRED),
            (answer(410), FailureKind.LINK_EXPIRED),
            (answer(429, retry_after="7"), FailureKind.RATE_LIMITED),
            (answer(500), FailureKind.TRANSIENT),
            (answer(418), FailureKind.BAD_RESPONSE),
            (answer(200, b"x", content_encoding="gzip"), FailureKind.BAD_IMAGE),
            (answer(200, b"", content_length=str(65 * 1024**2)), FailureKind.BAD_IMAGE),
            (answer(200, b"short", content_length="50"), FailureKind.TRANSIENT),
            (reset, FailureKind.TRANSIENT),
        ],
    )
    async def test_each_way_a_link_can_fail(self, said: Answer, kind: FailureKind) -> None:
        async with stub(said) as server:
            assert await self.kind(declared(server.url), server.url) is kind

    @pytest.mark.parametrize(
        "link", ["", "None", "not a url", "ftp://x/y", "http://a b/", "http://[", "data:,x"]
    )
    async def test_what_is_no_link_is_refused(self, link: str) -> None:
        assert await self.kind(VENDOR, link) is FailureKind.REFUSED_ADDRESS
