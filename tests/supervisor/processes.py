"""Starting `stub_up` and looking at the processes of this machine, waiting on conditions with deadlines."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from runtz_core.cli.status import descendants
from runtz_core.settings import PROJECT_ROOT
from runtz_core.supervisor.instance import Instance, running

POLL = 0.02
PATIENCE = 60.0  # seconds; generous, because a slow machine is no failure


class Stub:
    """One run of `stub_up` on a data folder, its output in a file or in the descriptor `output`."""

    def __init__(self, data: Path, *options: str, output: int | None = None) -> None:
        self.data = data
        self.output = data.parent / f"{data.name}-{time.monotonic_ns()}.out"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RUNTZ_")}
        with self.output.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.supervisor.stub_up", str(data), *options],
                cwd=PROJECT_ROOT,
                env=environment,
                stdout=file if output is None else output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        """What it has printed so far."""
        return self.output.read_text()

    def says(self, words: str) -> None:
        """Wait until it has printed `words`."""
        wait_until(lambda: words in self.text, f"{words!r} in: {self.text}", unless=self.ended)

    def ended(self) -> bool:
        """Whether the process is gone."""
        return self.process.poll() is not None

    def instance(self) -> Instance:
        """How it can be reached."""
        found = running(self.data)
        assert found is not None, self.text
        return found

    def signal(self, number: signal.Signals) -> None:
        """Send `number` to the supervisor alone."""
        self.process.send_signal(number)

    def exit_code(self) -> int:
        """Wait for its end."""
        return self.process.wait(PATIENCE)


@contextmanager
def stub_up(data: Path, *options: str) -> Iterator[Stub]:
    """A run that is ready, and over when the block is left."""
    stub = Stub(data, *options)
    try:
        stub.says("ready: ")
        yield stub
    finally:
        if not stub.ended():
            stub.signal(signal.SIGINT)
            stub.exit_code()


def wait_until(condition: Callable[[], bool], what: str, unless: Callable[[], bool] = lambda: False) -> None:
    """Poll `condition`; fails after a long deadline, or once `unless` makes waiting pointless."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never came: {what}"
        if unless() and not condition():
            raise AssertionError(f"ended before: {what}")
        select.select([], [], [], POLL)


def family(pid: int) -> set[int]:
    """`pid` and every process below it; double forks stay below their shim."""
    return set(descendants(pid))


def processes_on(data: Path) -> set[int]:
    """Every process that holds a file below `data` open; services inherit the lock file, so all of them."""
    found = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            holds = any(str(os.readlink(link)).startswith(str(data)) for link in (entry / "fd").iterdir())
        except OSError:
            continue
        if holds:
            found.add(int(entry.name))
    return found


def alive(pid: int) -> bool:
    """Whether `pid` runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def service_pid(shim: int) -> int:
    """The process a shim watches."""
    return int(Path(f"/proc/{shim}/task/{shim}/children").read_text().split()[0])


def sql(instance: Instance, statement: str) -> list[tuple[object, ...]]:
    """Run one statement as the owner of the schema."""
    url = (instance.migration_database_url or "").replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []
