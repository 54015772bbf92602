"""Who runs what of all tests, and when: three processes, none idle at the end, one product for the browser tests."""

from collections.abc import Iterable

import pytest
from xdist.scheduler import LoadFileScheduling

# They share one running product and one Chromium; to start these takes half a minute of both cores.
BROWSER = "tests/e2e/"

# The files that take longest, longest first. What comes last should be short, or one process waits for the other.
LONG = (
    "tests/tasks/test_worker.py",
    "tests/faults/test_overload.py",
    "tests/faults/test_workers.py",
    "tests/faults/test_disk.py",
    "tests/bench/test_benches.py",
    "tests/faults/test_money.py",
    "tests/faults/test_redis.py",
    "tests/topology/test_two_of_each.py",
    "tests/supervisor/test_running.py",
    "tests/supervisor/test_commands.py",
    "tests/sim/test_art.py",
    "tests/faults/test_database.py",
    "tests/faults/test_vendors.py",
    "tests/faults/test_silence.py",
    "tests/faults/test_submitting.py",
    "tests/tasks/test_batches.py",
    "tests/contract/test_faults.py",
    "tests/contract/test_providers.py",
    "tests/app/test_programs_document.py",
    "tests/images/test_scrub.py",
    "tests/supervisor/test_folders.py",
    "tests/supervisor/test_testing.py",
    "tests/backup/test_backup.py",
    "tests/sim/test_control.py",
    "tests/sim/test_server.py",
    "tests/sim/test_conformance.py",
    "tests/security/test_access.py",
)


class Shares(LoadFileScheduling):  # type: ignore[misc]
    """Gives out whole files, and the browser tests as if they were one."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else str(super()._split_scope(nodeid))


def longest_first(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The browser tests, then the long files, then the others as they were found."""
    places = {name: place for place, name in enumerate(LONG)}

    def place(item: pytest.Item) -> int:
        file = item.nodeid.partition("::")[0]
        return -1 if file.startswith(BROWSER) else places.get(file, len(LONG))

    return sorted(items, key=place)
