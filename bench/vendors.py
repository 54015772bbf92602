"""The simulated vendors in fast mode, with a fixed latency and their own CPU counted."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.processes import cpu_seconds
from runtz_core.settings import PROJECT_ROOT


class Vendors:
    """A running simulator."""

    def __init__(self, url: str, pid: int) -> None:
        self.url = url
        self._pid = pid

    def take(self, seconds: float, vendor: str | None = None) -> None:
        """From now on every picture, or every one of `vendor`, takes so long, drawing included."""
        self._ask("POST", "/control/latency", {"vendor": vendor, "model": None, "seconds": seconds})

    def forget_counts(self) -> None:
        self._ask("DELETE", "/control/stats")

    def stats(self) -> dict[str, Any]:
        """Pictures drawn and the CPU seconds that took, since `forget_counts`."""
        found: dict[str, Any] = self._ask("GET", "/control/stats")
        return found

    def cpu_seconds(self) -> float:
        """All CPU the simulator has used so far, its drawing processes included."""
        return cpu_seconds(self._pid)

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310  our own address
            self.url + path, data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)


@contextmanager
def simulated(seconds: float) -> Iterator[Vendors]:
    """Vendors whose pictures take `seconds`, on a free port."""
    command = [sys.executable, "-m", "runtz_sim", "--fast", "--until-stdin-closes"]
    with subprocess.Popen(
        command, cwd=PROJECT_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            assert url, "the simulator ended before it listened"
            vendors = Vendors(url, process.pid)
            vendors.take(seconds)
            yield vendors
        finally:
            process.stdin.close()
            process.terminate()
            process.wait(timeout=20)
