"""Every way a vendor can fail, with its real SDK over real HTTP; and nothing is ever bought twice."""

import dataclasses
import socket
from contextlib import closing

import pytest

from runtz_core.failures import FailureKind
from runtz_core.providers.base import Pending, ProviderError
from runtz_core.providers.exchange import Deadlines
from runtz_core.providers.registry import open_provider
from runtz_sim.faults import FaultKind, Stage
from tests.contract.outcomes import (
    ASKED_AFTER,
    ENDED_BY_DEADLINE,
    EXPECTED,
    GENTLE,
    ONE_EACH,
    SHORT,
    VARIANTS,
    F,
    K,
    cases,
    expected,
    quotes_nothing,
)
from tests.contract.subjects import (
    KEY,
    PATHS,
    Told,
    asked,
    connection,
    model,
    opened,
    picture,
    vendor,
)
from tests.sim.simulator import Simulator


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
