"""One simulator for the whole run, blank again before every test."""

from collections.abc import Iterator

import httpx
import pytest

from tests.sim.simulator import Simulator, running


@pytest.fixture(scope="session")
def running_simulator() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


@pytest.fixture
def simulator(running_simulator: Simulator) -> Simulator:
    running_simulator.reset()
    return running_simulator


@pytest.fixture
def http(simulator: Simulator) -> Iterator[httpx.Client]:
    """A plain client on the simulator's address."""
    with httpx.Client(base_url=simulator.url, trust_env=False, timeout=20) as client:
        yield client
