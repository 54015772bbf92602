"""One running product, started as a person starts it, with the controls of its simulated vendors."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from runtz_core.settings import PROJECT_ROOT, Settings
from runtz_core.supervisor.instance import Instance, running
from tests.sim.simulator import Simulator

PATIENCE = 45.0  # seconds until something that must happen is given up
STARTING = 600.0  # the same for a start, which may have to build the pages first
POLL = 0.05
READY = "sign in once with this link"  # the last but one line of a start
QUICK = 0.2  # seconds a simulated picture takes unless a test asks for more

# The rules of time are the product's own; only the pauses between its looks are shorter.
SETTINGS = {
    "RUNTZ_TIMING__POLL_FIRST": "0.2",
    "RUNTZ_TIMING__POLL_MAX": "0.3",
    "RUNTZ_TIMING__DISPATCH_AFTER": "2",
    "RUNTZ_TIMING__REAP_EVERY": "1",
    "RUNTZ_TIMING__LEASE": "6",
    "RUNTZ_TIMING__HEARTBEAT": "1",
    "RUNTZ_PROVIDERS__IDEOGRAM__CONCURRENCY": "1",  # so that a second sample has to wait in line
}


def wait_until(condition: Callable[[], bool], what: str, *, within: float = PATIENCE) -> None:
    """Poll `condition`; fails with `what` after a generous deadline."""
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, f"never came: {what}"
        select.select([], [], [], POLL)


class Product:
    """`up` on one data folder and one port; it can be stopped and started again."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port = data, port
        self.url = f"http://127.0.0.1:{port}"
        self._printed = data.parent / f"{data.name}.out"
        self._http = httpx.Client(trust_env=False, timeout=30)
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start everything; returns when the pages answer."""
        self._printed.touch()
        starts = self.printed.count(READY)
        with self._printed.open("a") as output:
            self._process = self._command("up", "--port", str(self.port), "--no-open", stdout=output)
        wait_until(lambda: self._is_ready(starts), f"ready: {self._printed}", within=STARTING)
        address = self.instance().simulator_url
        assert address is not None
        self.vendors = Simulator(address, self._process, self._http)
        self.calm()

    def stop(self) -> None:
        """Ctrl-C, and wait until everything it started is gone."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        assert self._process.wait(PATIENCE * 3) == 0, self.printed

    def close(self) -> None:
        """Stop if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self.stop()
        self._http.close()

    @property
    def printed(self) -> str:
        """What it has told the person so far."""
        return self._printed.read_text()

    def first_link(self) -> str:
        """The link that the first start printed."""
        return next(word for word in self.printed.split() if word.startswith(f"{self.url}/welcome#"))

    def new_link(self) -> str:
        """What `runtz link` prints."""
        command = self._command("link", stdout=subprocess.PIPE)
        printed, _ = command.communicate(timeout=PATIENCE)
        assert command.returncode == 0
        return printed.strip()

    def instance(self) -> Instance:
        """How its processes are reached."""
        found = running(self.data)
        assert found is not None, self.printed
        return found

    def calm(self) -> None:
        """Vendors without faults that take next to no time."""
        self.vendors.reset()
        self.vendors.draw_simply()
        self.vendors.latency(QUICK)

    def kill_web(self) -> None:
        """Pull the plug on the web process; the supervisor brings it back."""
        self.kill("web")

    def kill(self, service: str) -> float:
        """Pull the plug on one service, the first time; returns when the supervisor had it back (epoch seconds)."""
        before = self.printed.count("is back after")
        shim = self.instance().processes[service]
        for child in _children(shim):
            os.kill(child, signal.SIGKILL)
        wait_until(lambda: self.printed.count("is back after") > before, f"{service} is back")
        return time.time()

    def _is_ready(self, starts: int) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.printed
        return self.printed.count(READY) > starts

    def _command(self, name: str, *arguments: str, stdout: object) -> subprocess.Popen[str]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("RUNTZ_")}
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "runtz_core.cli", name, "--data", str(self.data), *arguments],
            cwd=PROJECT_ROOT,
            env=inherited | SETTINGS | {"PYTHONPATH": str(PROJECT_ROOT)},
            stdout=stdout,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def started(data: Path, port: int) -> Iterator[Product]:
    """A running product, gone when the block is left."""
    require_no_keys()
    product = Product(data, port)
    try:
        product.start()
        yield product
    finally:
        product.close()


def require_no_keys() -> None:
    """A test must not spend money: the services read the project's own .env."""
    real = [name for name, one in Settings().providers.items() if one.api_key or one.base_url]
    assert not real, f"take the keys and addresses of {', '.join(real)} out of .env to run the browser tests"
