"""Starts worker processes quickly: forked from one that has loaded the libraries, each then runs as its own.

A worker needs six seconds of a core to import the vendors' SDKs, and tests start dozens. The nursery imports
them once, without settings, threads or connections, and forks. What it forks is a process as real as one from
a shell: a session of its own, its own environment and log, killed by real signals.
"""

import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

# What a worker loads that neither reads settings nor starts anything.
LIBRARIES = (
    "celery.bin.worker",
    "celery.concurrency.thread",
    "celery.worker.worker",
    "cryptography.hazmat.primitives.ciphers.aead",
    "google.genai",
    "httpcore2",
    "httpx2",
    "kombu.transport.redis",
    "openai",
    "PIL.Image",
    "psycopg",
    "pydantic_settings",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlmodel",
)
POLL = 0.02  # seconds


class Process:
    """A process of the nursery's; as much of `subprocess.Popen` as tests use."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._nursery = nursery

    def poll(self) -> int | None:
        """Its exit code, or minus the signal that ended it; None while it runs."""
        if self.returncode is None:
            self.returncode = self._nursery.ask(poll=self.pid)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Its exit code once it has ended. Raises subprocess.TimeoutExpired after `timeout` seconds."""
        end, pause = time.monotonic() + timeout, threading.Event()
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            pause.wait(POLL)
        return code

    def send_signal(self, number: int) -> None:
        """Does nothing when it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The process that forks. It ends, and all it started, when this object's process does."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "tests.nursery", str(theirs.fileno())]
        self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], start_new_session=True)
        theirs.close()
        self._socket = ours.makefile("rw", encoding="utf-8")

    def start(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        output: Path | None = None,
    ) -> Process:
        """Run `python -m arguments…` with exactly this environment; what it prints goes behind `log`.

        With `output`, only standard error does, and standard output goes there.
        """
        pid = self.ask(
            arguments=list(arguments), environment=dict(environment), log=str(log), output=str(output or log)
        )
        return Process(self, pid)

    def ask(self, **request: Any) -> Any:
        self._socket.write(json.dumps(request) + "\n")
        self._socket.flush()
        answer = self._socket.readline()
        assert answer, "the nursery of workers has ended"
        return json.loads(answer)


@cache
def nursery() -> Nursery:
    """The one of this test process."""
    return Nursery()


def _serve(connection: socket.socket) -> None:
    for name in LIBRARIES:
        __import__(name)
    codes: dict[int, int | None] = {}
    with connection.makefile("rw", encoding="utf-8") as lines:
        for line in lines:
            request = json.loads(line)
            if "poll" in request:
                answer = _code(request["poll"], codes)
            else:
                answer = _fork(connection, **request)
                codes[answer] = None
            lines.write(json.dumps(answer) + "\n")
            lines.flush()
    for pid in [pid for pid in codes if _code(pid, codes) is None]:
        os.killpg(pid, signal.SIGKILL)


def _code(pid: int, codes: dict[int, int | None]) -> int | None:
    if codes[pid] is None:
        ended, status = os.waitpid(pid, os.WNOHANG)
        codes[pid] = os.waitstatus_to_exitcode(status) if ended else None
    return codes[pid]


def _fork(
    connection: socket.socket, *, arguments: list[str], environment: dict[str, str], log: str, output: str
) -> int:
    pid = os.fork()
    if pid:
        return pid
    os.setsid()
    connection.close()
    for number, path in ((1, output), (2, log)):
        opened = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = arguments
    code = 1
    try:
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # never back into the nursery's loop


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
