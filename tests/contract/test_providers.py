"""Every adapter with the real SDK over real HTTP: a picture from each model, and what it must not do on the way."""

import asyncio
import dataclasses
import io
import json
import logging

import httpx2
import pytest
from PIL import Image

from runtz_core.providers.addresses import Reach
from runtz_core.providers.base import Done, ModelSpec, Pending, Progress
from runtz_core.providers.http import open_client
from runtz_sim.faults import Stage
from tests.contract.outcomes import (
    ASKED_AFTER,
    ONE_EACH,
    K,
)
from tests.contract.subjects import (
    KEY,
    MODELS,
    PATHS,
    PROMPT,
    Told,
    asked,
    model,
    opened,
    picture,
    vendor,
)
from tests.sim.simulator import Simulator, digest


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.model)
@pytest.mark.parametrize("ratio", ["1:1", "16:9", "2:3"])
async def test_every_model_makes_its_picture(simulator: Simulator, spec: ModelSpec, ratio: str) -> None:
    told = Told()
    request = asked(spec, ratio=ratio)
    async with opened(simulator, spec) as provider:
        done = await picture(provider, request, told)
    with Image.open(io.BytesIO(done.data)) as image:
        assert image.size == (request.size.width, request.size.height)
        assert Image.MIME[image.format or ""] == spec.media_type
    assert told.sent == 1
    assert len(simulator.calls()) == 1
    assert bool(told.partials) == spec.streams_partials
    for index, (told_index, early) in enumerate(told.partials):
        assert told_index == index
        Image.open(io.BytesIO(early)).load()


@pytest.mark.parametrize(
    "spec", [spec for spec in MODELS if len(spec.tiers) > 1], ids=lambda spec: spec.model
)
async def test_every_tier_is_taken(simulator: Simulator, spec: ModelSpec) -> None:
    async with opened(simulator, spec) as provider:
        for tier in spec.tiers:
            outcome = await provider.start(asked(spec, tier=tier), Told().progress())
            assert outcome is not None
    assert [call["outcome"] for call in simulator.calls()] == ["answered"] * len(spec.tiers)


@pytest.mark.parametrize("name", [*ONE_EACH[:-1], "flux-3-image"])
async def test_the_bill_is_no_higher_than_the_price_reserved(simulator: Simulator, name: str) -> None:
    spec = model(name)
    request = asked(spec)
    async with opened(simulator, spec) as provider:
        done = await picture(provider, request)
    assert done.cost is not None
    price = spec.price(request.tier, request.size)
    # The prompt's own tokens come on top of a picture's price where the vendor counts tokens.
    assert price // 2 <= done.cost.usd_micros <= price + 2_000


@pytest.mark.parametrize(("name", "basis"), [("gpt-image-2.6-flare", "usage"), ("flux-2-klein-9b", "quote")])
async def test_a_higher_bill_is_told_as_it_is(simulator: Simulator, name: str, basis: str) -> None:
    spec = model(name)
    simulator.arm(vendor(spec), K.PRICE_HIGHER)
    request = asked(spec)
    async with opened(simulator, spec) as provider:
        done = await picture(provider, request)
    assert done.cost is not None
    assert done.cost.basis == basis
    assert done.cost.usd_micros > 5 * spec.price(request.tier, request.size)


@pytest.mark.parametrize("name", [name for name in PATHS if model(name).max_seed is not None])
async def test_a_seed_makes_the_same_picture_again(simulator: Simulator, name: str) -> None:
    spec = model(name)
    async with opened(simulator, spec) as provider:
        first, second = await picture(provider, asked(spec)), await picture(provider, asked(spec))
    assert first.data == second.data
    assert first.seed == 7


@pytest.mark.parametrize("name", ONE_EACH)
async def test_a_good_key_passes_the_test_for_free(simulator: Simulator, name: str) -> None:
    async with opened(simulator, model(name)) as provider:
        probe = await provider.probe()
    assert probe.ok
    assert probe.message.endswith(".")
    assert simulator.calls() == []


@pytest.mark.parametrize("name", ONE_EACH)
async def test_no_prompt_key_or_signed_link_is_logged(
    simulator: Simulator, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("runtz.test").debug("the log is listening")
    async with opened(simulator, model(name)) as provider:
        assert (await picture(provider, asked(model(name)))).data
    assert "the log is listening" in caplog.text
    for secret in (KEY, PROMPT, "sig="):
        assert secret not in caplog.text


@pytest.mark.parametrize("name", ONE_EACH)
async def test_one_adapter_serves_many_calls_at_once(simulator: Simulator, name: str) -> None:
    spec = model(name)
    tells = [Told() for _ in range(12)]
    async with opened(simulator, spec) as provider:
        buying = (
            picture(provider, asked(spec, prompt=f"{PROMPT} {number}"), told)
            for number, told in enumerate(tells)
        )
        pictures = await asyncio.gather(*buying)
    assert all(done.data for done in pictures)
    assert [told.sent for told in tells] == [1] * len(tells)
    assert len({call["prompt_digest"] for call in simulator.calls()}) == len(tells)


@pytest.mark.parametrize("name", ONE_EACH)
async def test_a_cancelled_call_is_only_cancelled(simulator: Simulator, name: str) -> None:
    spec, sent = model(name), asyncio.Event()

    async def tell() -> None:
        sent.set()

    fault = simulator.arm(vendor(spec), K.SILENCE, where=Stage.ORDER)
    async with opened(simulator, spec) as provider:
        waiting = asyncio.create_task(provider.start(asked(spec), Progress(sent=tell)))
        await sent.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        simulator.withdraw(fault)
        assert (await picture(provider, asked(spec))).data


@pytest.mark.parametrize("name", ASKED_AFTER)
async def test_a_reference_is_enough_for_another_process(simulator: Simulator, name: str) -> None:
    spec = model(name)
    async with opened(simulator, spec) as first:
        started = await first.start(asked(spec), Told().progress())
    assert isinstance(started, Pending)
    async with opened(simulator, spec) as second:
        outcome: object = started
        while isinstance(outcome, Pending):
            outcome = await second.check(json.loads(json.dumps(outcome.reference)))
    assert isinstance(outcome, Done)
    assert len(simulator.calls()) == 1


async def test_a_dead_flux_link_is_asked_for_anew_once(simulator: Simulator) -> None:
    spec = model("flux-2-klein-9b")
    simulator.arm("flux", K.EXPIRED_LINK, times=1)
    async with opened(simulator, spec) as provider:
        assert (await picture(provider, asked(spec))).data
    assert len(simulator.calls()) == 1


@pytest.mark.parametrize("name", PATHS)
async def test_a_negative_prompt_reaches_only_the_model_that_takes_one(
    name: str, simulator: Simulator
) -> None:
    spec = model(name)
    bodies: list[bytes] = []

    async def keep(request: httpx2.Request) -> None:
        bodies.append(request.content if request.method == "POST" else b"")

    def overheard(reach: Reach) -> httpx2.AsyncClient:
        client = open_client(reach)
        client.event_hooks = {"request": [keep]}
        return client

    async with opened(simulator, spec, client=overheard) as provider:
        await picture(provider, dataclasses.replace(asked(spec), negative="zebra stripes"))
    assert any(PROMPT.encode() in body for body in bodies)
    assert any(b"zebra stripes" in body for body in bodies) == spec.takes_negative
    (call,) = simulator.calls()
    assert call["prompt_digest"] == digest(PROMPT)
