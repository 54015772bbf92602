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


@pytest.fixture(scope="session")
def plain_client(running_simulator: Simulator) -> Iterator[httpx.Client]:
    # One for all: making a client reads the system's certificates, which takes longer than most tests here.
    with httpx.Client(base_url=running_simulator.url, trust_env=False) as client:
        yield client


@pytest.fixture
def http(simulator: Simulator, plain_client: httpx.Client) -> httpx.Client:
    """A plain client on the simulator's address."""
    plain_client.timeout = httpx.Timeout(20)
    return plain_client
