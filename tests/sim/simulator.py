"""Start the simulated vendors for a test, and talk to their control."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from runtz_sim.ledger import digest

__all__ = ["Simulator", "digest", "running"]

_BASE = {"openai": "/openai/v1", "compatible": "/compatible/v1"}
_ROOT = Path(__file__).resolve().parents[2]


class Simulator:
    """A running simulator: where it is, and its control."""

    def __init__(self, url: str, process: subprocess.Popen[str], http: httpx.Client) -> None:
        self.url = url
        self.process = process
        self._http = http

    def base_url(self, vendor: str) -> str:
        """What to give the vendor's SDK or adapter as its base URL."""
        return self.url + _BASE.get(vendor, f"/{vendor}")

    def arm(self, vendor: str, kind: str, **how: Any) -> int:
        """Let a fault stand (`model`, `where`, `times`, `after`, `chance`, `options`); returns its id."""
        return int(
            self._asked("POST", "/control/faults", {"vendor": vendor, "kind": kind, **how})["fault_id"]
        )

    def withdraw(self, fault_id: int) -> None:
        self._asked("DELETE", f"/control/faults/{fault_id}")

    def disarm(self) -> None:
        self._asked("DELETE", "/control/faults")

    def kinds(self) -> dict[str, dict[str, list[str]]]:
        """vendor -> kind -> the stages it can strike at."""
        found: dict[str, dict[str, list[str]]] = self._asked("GET", "/control/kinds")
        return found

    def calls(self, vendor: str | None = None) -> list[dict[str, Any]]:
        """The paid orders received, oldest first."""
        found: list[dict[str, Any]] = self._asked("GET", "/control/calls")["calls"]
        return [call for call in found if vendor in (None, call["vendor"])]

    def stats(self) -> dict[str, Any]:
        found: dict[str, Any] = self._asked("GET", "/control/stats")
        return found

    def latency(self, seconds: float, vendor: str | None = None, model: str | None = None) -> None:
        self._asked("POST", "/control/latency", {"vendor": vendor, "model": model, "seconds": seconds})

    def link_lifetime(self, seconds: float | None, vendor: str | None = None) -> None:
        """For links signed from now on; None is the vendor's own."""
        self._asked("POST", "/control/links", {"vendor": vendor, "seconds": seconds})

    def task_limit(self, vendor: str, tasks: int | None) -> None:
        self._asked("POST", "/control/limits", {"vendor": vendor, "tasks": tasks})

    def advance(self, seconds: float) -> None:
        """Move the simulator's clock: links expire and tasks get ready without waiting."""
        self._asked("POST", "/control/clock", {"advance": seconds})

    def draw_simply(self) -> None:
        """Until the next reset; a tenth of the work of a careful picture."""
        self._asked("POST", "/control/drawing", {"fast": True})

    def seed(self, seed: int) -> None:
        self._asked("POST", "/control/seed", {"seed": seed})

    def reset(self) -> None:
        """Forget faults, books, speeds, lifetimes and the moved clock."""
        self._asked("POST", "/control/reset")

    def _asked(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        response = self._http.request(method, self.url + path, json=body)
        assert response.status_code < 300, response.text
        return response.json()


@contextmanager
def running(*arguments: str, fast: bool = True) -> Iterator[Simulator]:
    """A simulator of one's own on a free port; `arguments` go to its command line."""
    command = [
        sys.executable,
        "-m",
        "runtz_sim",
        "--until-stdin-closes",
        *(["--fast"] if fast else []),
        *arguments,
    ]
    with (
        subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process,
        httpx.Client(trust_env=False, timeout=30) as http,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            assert url, "the simulator ended before it listened"
            yield Simulator(url, process, http)
        finally:
            process.stdin.close()
            process.terminate()
            process.wait(timeout=20)
