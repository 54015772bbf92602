"""What the adapters promise that order first and ask later, against answers written by hand."""

import json

import pytest

from runtz_core.failures import FailureKind
from runtz_core.providers.base import Done, Pending, ProviderError
from tests.providers.ordering import REQUEST, check, failure, said, start
from tests.providers.stub import answer, stub


class TestFlux:
    @pytest.mark.parametrize(
        "poll",
        [
            "https://evil.example/v1/get_result?id=1",
            "http://api.bfl.ai/v1/get_result",
            "file:///x",
            "x",
            "http://[",
        ],
    )
    async def test_the_key_never_goes_to_a_polling_address_of_someone_else(self, poll: str) -> None:
        async with stub(said(id="1", polling_url=poll)) as server:
            pending = await start(server, "flux", model="flux-2-pro")
            assert isinstance(pending, Pending)
            with pytest.raises(ProviderError) as refused:
                await check(server, "flux", pending.reference)
        assert refused.value.kind is FailureKind.REFUSED_ADDRESS
        assert len(server.received) == 1

    async def test_flux_3_is_sent_its_strict_fields_alone(self) -> None:
        async with stub(said(id="1", polling_url="x", cost=4.8)) as server:
            pending = await start(server, "flux", model="flux-3-image")
        assert isinstance(pending, Pending)
        assert set(json.loads(server.received[0].body)) == {"prompt", "aspect_ratio", "resolution"}
        assert json.loads(pending.reference)["usd_micros"] == 48_000

    async def test_flux_2_is_asked_for_pixels(self) -> None:
        async with stub(said(id="1", polling_url="x", cost=3)) as server:
            await start(server, "flux", model="flux-2-pro")
        assert server.received[0].target == "/v1/flux-2-pro"
        assert server.received[0].headers["x-key"] == "key-0123456789"
        assert json.loads(server.received[0].body) == {
            "prompt": REQUEST.prompt,
            "width": 1024,
            "height": 1024,
        }

    @pytest.mark.parametrize("cost", [None, "3", -1, True, 1e308])
    async def test_a_price_that_cannot_be_is_left_to_the_price_list(self, cost: object) -> None:
        async with stub(said(id="1", polling_url="x", cost=cost)) as server:
            pending = await start(server, "flux", model="flux-2-pro")
        assert isinstance(pending, Pending)
        assert "usd_micros" not in json.loads(pending.reference)

    async def test_an_expired_sample_is_asked_for_once_more_and_no_more(self) -> None:
        async with stub() as server:
            ready = said(id="1", status="Ready", result={"sample": f"{server.url}/sample"})
            server.answers[:] = [ready, answer(403), ready, answer(403), answer(200, b"too late")]
            with pytest.raises(ProviderError) as expired:
                await check(server, "flux", json.dumps({"poll": f"{server.url}/poll"}))
        assert expired.value.kind is FailureKind.LINK_EXPIRED
        assert len(server.received) == 4


class TestIdeogram:
    async def test_an_answer_at_once_is_kept_as_a_link(self) -> None:
        async with stub() as server:
            picture = {"url": f"{server.url}/x.png", "is_image_safe": True, "seed": 5}
            server.answers[:] = [said(generation_id="g", data=[picture]), answer(200, b"PNG")]
            pending = await start(server, "ideogram", model="ideogram-4-5")
            assert isinstance(pending, Pending)
            done = await check(server, "ideogram", pending.reference)
        assert isinstance(done, Done)
        assert (done.data, done.seed) == (b"PNG", 5)
        assert "api-key" not in server.received[1].headers

    async def test_sends_exactly_what_each_version_documents(self) -> None:
        async with stub(said(generation_id="g")) as server:
            await start(server, "ideogram", model="ideogram-4-5")
        assert server.received[0].target == "/v2/image/generate/ideogram-4-5"
        assert json.loads(server.received[0].body) == {
            "prompt": REQUEST.prompt,
            "quality": "low",
            "size": "1024x1024",
            "num_images": 1,
            "magic_prompt": "off",
            "async": True,
        }
        async with stub(said(data=[{"url": "https://ideogram.ai/x.png"}])) as server:
            await start(server, "ideogram", model="ideogram-3")
        assert server.received[0].target == "/v1/ideogram-v3/generate"
        assert json.loads(server.received[0].body) == {
            "prompt": REQUEST.prompt,
            "rendering_speed": "low",
            "resolution": "1024x1024",
            "num_images": 1,
            "magic_prompt": "OFF",
        }

    @pytest.mark.parametrize("generation", ["../../v1/credits", "a/b", "a b", "x" * 500, "\n", 5])
    async def test_an_identifier_that_could_be_a_path_is_refused(self, generation: object) -> None:
        async with stub(said(generation_id=generation)) as server:
            assert (await failure(server, "ideogram", model="ideogram-4-5")).kind is FailureKind.BAD_RESPONSE

    async def test_a_withheld_picture_says_that_it_was_billed(self) -> None:
        async with stub(said(data=[{"url": "", "is_image_safe": False}])) as server:
            error = await failure(server, "ideogram", model="ideogram-3")
        assert error.kind is FailureKind.CONTENT_BLOCKED
        assert "billed" in error.detail

    async def test_a_refused_key_mentions_the_empty_balance(self) -> None:
        async with stub(said(401, message="Access denied.")) as server:
            error = await failure(server, "ideogram", model="ideogram-3")
        assert error.kind is FailureKind.AUTH
        assert "balance" in error.detail
