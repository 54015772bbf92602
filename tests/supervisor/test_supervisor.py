"""Single services: crashing too often, printing too much, failing to start."""

import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runtz_core.supervisor import StartRefused
from runtz_core.supervisor.logs import EVERYTHING, NOTEWORTHY, ROTATE_BYTES, ServiceLog
from runtz_core.supervisor.service import Service, exists
from runtz_core.supervisor.supervisor import CRASHES, Supervisor


class Said(list[str]):
    """What was said, in order."""

    def __call__(self, who: str, what: str) -> None:
        self.append(f"{who}: {what}")


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
async def supervisor(tmp_path: Path, said: Said) -> AsyncIterator[Supervisor]:
    """One without back-off worth waiting for."""
    with (tmp_path / "lock").open("w") as lock:
        running = Supervisor(
            lock=lock.fileno(), logs=tmp_path, environment=dict(os.environ), say=said, first_pause=0.001
        )
        yield running
        await running.stop()


def python(name: str, code: str, *arguments: str, **options: object) -> Service:
    return Service(name=name, command=(sys.executable, "-c", code, *arguments), **options)  # type: ignore[arg-type]


async def test_a_service_that_keeps_crashing_ends_the_run(supervisor: Supervisor, said: Said) -> None:
    await supervisor.start(python("fragile", "raise SystemExit(9)"))
    await supervisor.stopping.wait()
    assert supervisor.exit_code == 1
    assert f"crashed {CRASHES} times" in said[-1]
    assert sum("starting it again" in line for line in said) == CRASHES - 1


async def test_a_service_that_ends_before_it_is_ready_is_refused_with_its_last_words(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    broken = python("broken", "print('no such table'); raise SystemExit(3)", ready=exists(tmp_path / "never"))
    with pytest.raises(StartRefused, match=r"broken ended with code 3.*no such table.*broken\.log"):
        await supervisor.start(broken)


async def test_a_service_that_never_becomes_ready_is_refused_and_ended(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    slow = python("slow", "import signal; signal.pause()", ready=exists(tmp_path / "never"), ready_within=0.1)
    with pytest.raises(StartRefused, match="slow was not ready"):
        await supervisor.start(slow)
    assert supervisor.processes() == {}


async def test_a_program_that_does_not_exist_is_refused(supervisor: Supervisor, tmp_path: Path) -> None:
    absent = Service(name="absent", command=("/nonexistent/program",), ready=exists(tmp_path / "never"))
    with pytest.raises(StartRefused, match="could not be started"):
        await supervisor.start(absent)


async def test_services_end_in_the_opposite_order(supervisor: Supervisor, tmp_path: Path) -> None:
    order = tmp_path / "order"
    code = (
        "import pathlib, signal, sys\n"
        "def end(*_):\n"
        "    with open(sys.argv[2], 'a') as file: print(sys.argv[1], file=file)\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "pathlib.Path(sys.argv[2] + sys.argv[1]).touch()\n"
        "while True: signal.pause()\n"
    )
    for name in ("first", "second", "third"):
        mark = exists(Path(f"{order}{name}"))
        await supervisor.start(python(name, code, name, str(order), ready=mark))
    await supervisor.stop()
    assert order.read_text().split() == ["third", "second", "first"]


async def test_who_is_to_let_others_go_first_does_so(supervisor: Supervisor, said: Said) -> None:
    code = (
        "import os\n"
        "from contextlib import suppress\n"
        "group = ''\n"
        "with suppress(OSError): group = open('/proc/self/autogroup').read().split()[-1]\n"
        "print('ERROR', os.nice(0), group)\n"
    )
    for niceness in (0, 3):
        await supervisor.run(python(f"nice{niceness}", code, niceness=niceness))
    before, after = (line.split()[2:] for line in said)
    assert int(after[0]) == int(before[0]) + 3
    assert after[1:] in ([], ["3"])  # a kernel without groups of sessions says nothing


async def test_only_what_matters_reaches_the_console_and_all_of_it_the_log(
    supervisor: Supervisor, said: Said, tmp_path: Path
) -> None:
    code, _ = await supervisor.run(python("talker", "print('fine'); print('ERROR: not fine')"))
    assert code == 0
    assert said == ["talker: ERROR: not fine"]
    assert (tmp_path / "talker.log").read_text() == "fine\nERROR: not fine\n"


def test_a_log_is_rotated_and_the_oldest_part_forgotten(tmp_path: Path, said: Said) -> None:
    log = ServiceLog("busy", tmp_path, say=said, shown=NOTEWORTHY)
    for letter in b"abcdef":
        log.feed(bytes([letter]) * (ROTATE_BYTES + 1))
    log.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["busy.log.1", "busy.log.2", "busy.log.3"]
    assert (tmp_path / "busy.log.1").read_bytes()[:1] == b"f"


def test_a_full_disk_costs_log_lines_and_is_said_once(tmp_path: Path, said: Said) -> None:
    (tmp_path / "busy.log").symlink_to("/dev/full")
    log = ServiceLog("busy", tmp_path, say=said, shown=re.compile("second"))
    log.feed(b"first\n")
    log.feed(b"second\n")
    log.close()
    assert [line for line in said if "cannot be written" in line] == [
        f"busy: its log {log.path} cannot be written: No space left on device"
    ]
    assert "busy: second" in said
    assert log.tail == "first\nsecond"


def test_a_line_without_end_is_cut_not_collected_for_ever(tmp_path: Path, said: Said) -> None:
    log = ServiceLog("endless", tmp_path, say=said, shown=EVERYTHING)
    log.feed(b"x" * 100_000)
    log.close()
    assert sum(len(line) - len("endless: ") for line in said) == 100_000
    assert len(said) > 1
