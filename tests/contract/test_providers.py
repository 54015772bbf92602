"""Every adapter with the vendor's real SDK over real HTTP: one picture from each model, and every way to fail."""

import asyncio
import dataclasses
import io
import json
import logging
import socket
from contextlib import closing

import httpx2
import pytest
from PIL import Image

from runtz_core.failures import FailureKind
from runtz_core.providers.addresses import Reach
from runtz_core.providers.base import Done, ModelSpec, Pending, Progress, ProviderError
from runtz_core.providers.exchange import Deadlines
from runtz_core.providers.http import open_client
from runtz_core.providers.registry import open_provider
from runtz_sim.faults import FaultKind, Stage
from runtz_sim.texts.mind import QUIRKS
from runtz_sim.vendors import VENDORS
from tests.contract.subjects import (
    KEY,
    MODELS,
    PATHS,
    PROMPT,
    Told,
    asked,
    connection,
    model,
    opened,
    picture,
    vendor,
)
from tests.sim.simulator import Simulator, digest

F, K = FailureKind, FaultKind
SIMULATED = {simulated.name: simulated for simulated in VENDORS}

# What each fault must become when it strikes the paid request. A None is still a picture.
ORDER: dict[FaultKind, FailureKind | None] = {
    K.AUTH: F.AUTH,
    K.ORG_UNVERIFIED: F.ORG_UNVERIFIED,
    K.QUOTA: F.QUOTA,
    K.RATE_LIMITED: F.RATE_LIMITED,
    K.MODEL_GONE: F.MODEL_GONE,
    K.CONTENT_BLOCKED: F.CONTENT_BLOCKED,
    K.INVALID: F.INVALID,
    K.SERVER_ERROR: F.TRANSIENT,
    K.UNAVAILABLE: F.TRANSIENT,
    K.NO_IMAGE: F.NO_IMAGE,
    K.MORE_IMAGES: None,
    K.FEWER_IMAGES: F.NO_IMAGE,
    K.PRICE_HIGHER: None,
    K.UNKNOWN_STATUS: F.NO_IMAGE,
    K.MID_STREAM_ERROR: None,
    K.SLOW: None,
    K.SILENCE: F.OUTCOME_UNKNOWN,
    K.DRIP: F.OUTCOME_UNKNOWN,
    K.RESET: F.OUTCOME_UNKNOWN,
    K.RESET_MID_BODY: F.OUTCOME_UNKNOWN,
    K.HTML_502: F.TRANSIENT,
    K.HTML_200: F.BAD_RESPONSE,
    K.ENDLESS_BODY: F.BAD_RESPONSE,
    K.REDIRECT: F.REFUSED_ADDRESS,
    K.MALFORMED_JSON: F.BAD_RESPONSE,
    K.TRUNCATED_JSON: F.BAD_RESPONSE,
    K.MISSING_FIELDS: F.BAD_RESPONSE,
    K.NULL_FIELDS: F.BAD_RESPONSE,
}
# Asking after a task is free, so what is lost there may be asked for again.
POLL: dict[FaultKind, FailureKind | None] = ORDER | {
    K.MODEL_GONE: F.LINK_EXPIRED,
    K.TASK_NOT_FOUND: F.LINK_EXPIRED,
    K.STATUS_ERROR: F.NO_IMAGE,
    K.HTTP_503_STATUS_BODY: F.NO_IMAGE,
    K.SILENCE: F.TRANSIENT,
    K.DRIP: F.TRANSIENT,
    K.RESET: F.TRANSIENT,
    K.RESET_MID_BODY: F.TRANSIENT,
}
# The picture's bytes: what only a decoder can tell passes through untouched.
PICTURE: dict[FaultKind, FailureKind | None] = POLL | {
    K.WRONG_MIME: None,
    K.NOT_AN_IMAGE: None,
    K.TRUNCATED_IMAGE: None,
    K.BOMB_IMAGE: None,
    K.HTML_200: None,
    K.BAD_BASE64: F.BAD_IMAGE,
    K.EXPIRED_LINK: F.LINK_EXPIRED,
    K.SHORT_IMAGE_CONTENT_LENGTH: F.TRANSIENT,
    K.GZIP_IMAGE: F.BAD_IMAGE,
    K.ENDLESS_BODY: F.BAD_IMAGE,
}
# Testing a key: as asking, but nobody is looking for a task.
FREE: dict[FaultKind, FailureKind | None] = POLL | {
    K.MODEL_GONE: F.MODEL_GONE,
    K.MISSING_FIELDS: None,
    K.NULL_FIELDS: None,
}
EXPECTED = {Stage.ORDER: ORDER, Stage.POLL: POLL, Stage.PICTURE: PICTURE, Stage.FREE: FREE}

# Where one path differs: a stream has an end of its own, and a local server is there even when it lists nothing.
DIFFERENT: dict[tuple[str, FaultKind, Stage], FailureKind | None] = {
    ("gpt-image-2.6-flare", K.MID_STREAM_ERROR, Stage.ORDER): F.TRANSIENT,
    ("gpt-image-2.6-flare", K.FEWER_IMAGES, Stage.ORDER): None,
    ("gpt-image-2.6-flare", K.MISSING_FIELDS, Stage.ORDER): F.NO_IMAGE,
    ("gpt-image-2.6-flare", K.NULL_FIELDS, Stage.ORDER): F.NO_IMAGE,
    ("dall-e-3", K.MISSING_FIELDS, Stage.ORDER): F.NO_IMAGE,
    ("dall-e-3", K.NULL_FIELDS, Stage.ORDER): F.NO_IMAGE,
    ("sd-cpp-local", K.MODEL_GONE, Stage.FREE): None,
    ("sd-cpp-local", K.HTML_200, Stage.FREE): None,
    ("sd-cpp-local", K.MALFORMED_JSON, Stage.FREE): None,
    ("sd-cpp-local", K.TRUNCATED_JSON, Stage.FREE): None,
}
INSIDE = {
    K.WRONG_MIME,
    K.NOT_AN_IMAGE,
    K.TRUNCATED_IMAGE,
    K.BOMB_IMAGE,
    K.BAD_BASE64,
}  # faults of base64 pictures
LINKED = ("ideogram-4-5", "ideogram-3", "flux-2-klein-9b", "flux-3-image")
ASKED_AFTER = ("ideogram-4-5", "flux-2-klein-9b", "flux-3-image")
ONE_EACH = (
    "gpt-image-2.6-flare",
    "gemini-nano-banana-2.1",
    "ideogram-4-5",
    "flux-2-klein-9b",
    "sd-cpp-local",
)

ENDED_BY_DEADLINE = {K.SILENCE, K.DRIP}
SHORT = 0.7  # seconds
GENTLE = {K.SLOW: {"seconds": "0.05"}}
VARIANTS: list[tuple[str, FaultKind, dict[str, str], FailureKind]] = [
    ("openai", K.AUTH, {}, F.AUTH),
    ("openai", K.QUOTA, {"code": "billing_hard_limit_reached"}, F.QUOTA),
    ("openai", K.QUOTA, {"code": "project_spend_limit_exceeded"}, F.QUOTA),
    ("openai", K.CONTENT_BLOCKED, {"code": "content_policy_violation"}, F.CONTENT_BLOCKED),
    ("openai", K.CONTENT_BLOCKED, {"stage": "output"}, F.CONTENT_BLOCKED),
    ("openai", K.MODEL_GONE, {"type": "invalid_request_error"}, F.MODEL_GONE),
    ("openai", K.MID_STREAM_ERROR, {"code": "moderation_blocked"}, F.CONTENT_BLOCKED),
    ("gemini", K.AUTH, {"code": "403"}, F.AUTH),
    ("gemini", K.CONTENT_BLOCKED, {"stage": "output"}, F.CONTENT_BLOCKED),
    ("gemini", K.CONTENT_BLOCKED, {"reason": "OTHER"}, F.CONTENT_BLOCKED),
    ("gemini", K.NO_IMAGE, {"finish": "NO_IMAGE"}, F.NO_IMAGE),
    ("gemini", K.NO_IMAGE, {"finish": "IMAGE_OTHER"}, F.NO_IMAGE),
    ("gemini", K.SERVER_ERROR, {"code": "504"}, F.TRANSIENT),
    ("ideogram", K.QUOTA, {"reason": "daily_limit"}, F.QUOTA),
    ("ideogram", K.CONTENT_BLOCKED, {"stage": "output"}, F.CONTENT_BLOCKED),
    ("ideogram", K.INVALID, {"shape": "error"}, F.INVALID),
    ("flux", K.CONTENT_BLOCKED, {"stage": "output"}, F.CONTENT_BLOCKED),
    ("flux", K.TASK_NOT_FOUND, {"http": "200"}, F.LINK_EXPIRED),
    ("flux", K.HTTP_503_STATUS_BODY, {"status": "Content_Moderated"}, F.CONTENT_BLOCKED),
]


def expected(path: str, kind: FaultKind, stage: Stage) -> FailureKind | None:
    return DIFFERENT[path, kind, stage] if (path, kind, stage) in DIFFERENT else EXPECTED[stage][kind]


def quotes_nothing(error: ProviderError) -> bool:
    said = f"{error!r} {error} {error.detail}"
    return KEY not in said and PROMPT not in said


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


def cases(paths: tuple[str, ...], stage: Stage) -> list[tuple[str, FaultKind]]:
    """Every fault the simulator can show these paths at this stage; one without an expectation fails."""
    return [
        (name, kind)
        for name in paths
        for kind in FaultKind
        if kind not in QUIRKS  # a text model's: see test_texts.py
        and stage in SIMULATED[vendor(model(name))].stages_of(kind)
        and (stage is not Stage.PICTURE or name in LINKED or kind in INSIDE)
    ]


@pytest.mark.parametrize(("name", "kind"), cases(PATHS, Stage.ORDER))
async def test_every_fault_of_the_paid_request(simulator: Simulator, name: str, kind: FaultKind) -> None:
    deadlines = Deadlines(call=SHORT) if kind in ENDED_BY_DEADLINE else Deadlines()
    await strike(simulator, name, kind, Stage.ORDER, deadlines)


@pytest.mark.parametrize(("name", "kind"), cases(ASKED_AFTER, Stage.POLL))
async def test_every_fault_of_asking_after_a_task(simulator: Simulator, name: str, kind: FaultKind) -> None:
    deadlines = Deadlines(ask=SHORT) if kind in ENDED_BY_DEADLINE else Deadlines()
    await strike(simulator, name, kind, Stage.POLL, deadlines)


@pytest.mark.parametrize(("name", "kind"), cases(PATHS, Stage.PICTURE))
async def test_every_fault_of_the_picture(simulator: Simulator, name: str, kind: FaultKind) -> None:
    deadlines = Deadlines(download=SHORT) if kind in ENDED_BY_DEADLINE else Deadlines()
    await strike(simulator, name, kind, Stage.PICTURE, deadlines)


async def strike(
    simulator: Simulator, name: str, kind: FaultKind, stage: Stage, deadlines: Deadlines
) -> None:
    """Let one fault stand at one stage and see what becomes of a picture."""
    spec, told, becomes = model(name), Told(), expected(name, kind, stage)
    simulator.arm(vendor(spec), kind, where=stage, options=GENTLE.get(kind, {}))
    async with opened(simulator, spec, deadlines=deadlines) as provider:
        if kind is K.UNKNOWN_STATUS and stage is Stage.POLL:
            started = await provider.start(asked(spec), told.progress())
            assert isinstance(started, Pending)
            assert isinstance(await provider.check(started.reference), Pending)
        elif becomes is None:
            assert (await picture(provider, asked(spec), told)).data
        else:
            with pytest.raises(ProviderError) as failed:
                await picture(provider, asked(spec), told)
            assert failed.value.kind is becomes, failed.value.detail
            assert failed.value.detail
            assert quotes_nothing(failed.value)
    assert told.sent == 1
    assert len(simulator.calls()) == 1, "an adapter never buys twice by itself"


@pytest.mark.parametrize(("name", "kind"), cases(ONE_EACH, Stage.FREE))
async def test_every_fault_of_testing_a_key(simulator: Simulator, name: str, kind: FaultKind) -> None:
    spec, becomes = model(name), expected(name, kind, Stage.FREE)
    simulator.arm(vendor(spec), kind, where=Stage.FREE, options=GENTLE.get(kind, {}))
    deadlines = Deadlines(ask=SHORT) if kind in ENDED_BY_DEADLINE else Deadlines()
    async with opened(simulator, spec, deadlines=deadlines) as provider:
        found = await provider.probe()
    assert (found.ok, found.failure) == (becomes is None, becomes), found.message
    assert found.message
    assert KEY not in found.message
    assert simulator.calls() == []


@pytest.mark.parametrize(("provider_name", "kind", "options", "becomes"), VARIANTS)
async def test_the_other_ways_a_vendor_says_the_same(
    simulator: Simulator, provider_name: str, kind: FaultKind, options: dict[str, str], becomes: FailureKind
) -> None:
    spec = next(model(name) for name in PATHS if vendor(model(name)) == provider_name)
    simulator.arm(provider_name, kind, options=options)
    async with opened(simulator, spec) as provider:
        with pytest.raises(ProviderError) as failed:
            await picture(provider, asked(spec))
    assert failed.value.kind is becomes, failed.value.detail


def test_every_failure_a_vendor_can_cause_is_covered() -> None:
    ours = {F.NO_KEY, F.UNREACHABLE, F.PROVIDER_DOWN, F.STORAGE_FULL, F.CANCELLED, F.INTERNAL, F.INPUT_GONE}
    covered = {expected(name, kind, stage) for stage in EXPECTED for name, kind in cases(PATHS, stage)}
    assert covered - {None} == set(FailureKind) - ours


@pytest.mark.parametrize("name", ONE_EACH)
@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7), ("0", 0), ("-1", 0), ("1e9", 120), ("abc", None), ("none", None)],
)
async def test_the_wait_a_vendor_asks_for_is_told_within_bounds(
    simulator: Simulator, name: str, said: str, seconds: float | None
) -> None:
    spec = model(name)
    simulator.arm(vendor(spec), K.RATE_LIMITED, where=Stage.ORDER, options={"retry_after": said})
    async with opened(simulator, spec) as provider:
        with pytest.raises(ProviderError) as failed:
            await provider.start(asked(spec), Told().progress())
    assert failed.value.kind is F.RATE_LIMITED
    assert failed.value.retry_after == seconds


@pytest.mark.parametrize("name", PATHS)
async def test_a_bad_key_is_refused_before_anything_is_bought(simulator: Simulator, name: str) -> None:
    spec = model(name)
    async with opened(simulator, spec, key="bad-0123456789") as provider:
        probe = await provider.probe()
        with pytest.raises(ProviderError) as failed:
            await provider.start(asked(spec), Told().progress())
    assert (probe.ok, probe.failure) == (False, F.AUTH)
    assert failed.value.kind is F.AUTH
    assert "bad-0123456789" not in f"{failed.value!r} {probe}"
    assert simulator.calls() == []


@pytest.mark.parametrize("name", ONE_EACH)
async def test_a_good_key_passes_the_test_for_free(simulator: Simulator, name: str) -> None:
    async with opened(simulator, model(name)) as provider:
        probe = await provider.probe()
    assert probe.ok
    assert probe.message.endswith(".")
    assert simulator.calls() == []


@pytest.mark.parametrize("name", ONE_EACH)
async def test_a_dead_base_url_is_unreachable(simulator: Simulator, name: str) -> None:
    spec = model(name)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        dead = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    gone = dataclasses.replace(connection(simulator, spec), base_url=dead)
    provider = open_provider(gone)
    try:
        told = Told()
        with pytest.raises(ProviderError) as failed:
            await provider.start(asked(spec), told.progress())
        probe = await provider.probe()
    finally:
        await provider.close()
    assert failed.value.kind is F.UNREACHABLE
    assert probe.failure is F.UNREACHABLE
    assert told.sent == 0


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
