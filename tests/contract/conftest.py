"""One simulator for all contract tests, blank again before each."""

from collections.abc import Iterator

import pytest

from tests.sim.simulator import Simulator, running


@pytest.fixture(scope="session")
def contract_simulator() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


@pytest.fixture
def simulator(contract_simulator: Simulator) -> Simulator:
    contract_simulator.reset()
    return contract_simulator
