"""One stand for all tests of a module: starting worker, vendors and database takes longer than most faults."""

from collections.abc import Iterator

import pytest

from runtz_core.supervisor.installation import Installation
from tests.faults.stand import PATIENT, SHORT, Stand, keyed, standing
from tests.sim.simulator import Simulator
from tests.tasks.conftest import vendors

__all__ = ["vendors"]


@pytest.fixture(scope="module")
def stand(
    installation: Installation,
    vendors: Simulator,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Stand]:
    """A module may name settings of its own in ENVIRONMENT, and WORKERS, how many are started for it."""
    own = getattr(request.module, "ENVIRONMENT", PATIENT)
    environment = SHORT | keyed(vendors) | own
    folder = tmp_path_factory.mktemp("stand")
    with standing(installation, vendors, folder, environment=environment) as stand:
        for _ in range(getattr(request.module, "WORKERS", 1)):
            stand.start_worker()
        yield stand


@pytest.fixture
def blank(stand: Stand) -> Stand:
    """The stand, as if nothing had happened yet."""
    stand.between_tests()
    return stand
