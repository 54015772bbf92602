"""Which process runs on a data folder: a lock that cannot lie, and a note of how to reach it."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from runtz_core.supervisor import StartRefused

LEFTOVER_SECONDS = 30.0  # an embedded database that lost its supervisor is gone well within this
CONTENTION_SECONDS = 0.5  # `running` holds the lock for microseconds while it looks


@dataclass(frozen=True, kw_only=True)
class Instance:
    """How other commands reach what runs on a data folder; `url` is None for a headless run."""

    pid: int
    url: str | None
    database_url: str
    migration_database_url: str | None
    redis_url: str
    simulator_url: str | None
    started_at: str
    processes: dict[str, int]  # name of each service and the process id it started with


def running(data: Path) -> Instance | None:
    """The instance on `data`, or None when none runs or it is still starting.

    The note alone proves nothing (a killed process leaves it behind), so the lock is asked first.
    """
    if holder(data) is None:
        return None
    try:
        return Instance(**json.loads(_note(data).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def holder(data: Path) -> int | None:
    """The process id that holds `data`, started or still starting; None when it is free."""
    try:
        lock = _lock_file(data).open("r")
    except OSError:
        return None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            text = lock.read().strip()
            return int(text) if text.isdigit() else 0
    return None


def announce(data: Path, instance: Instance) -> None:
    """Leave the note for other commands: 0600, and there at once or not at all."""
    note = _note(data)
    partial = note.with_suffix(".new")
    with contextlib.suppress(FileNotFoundError):
        partial.unlink()
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(instance), file)
    partial.replace(note)


@contextlib.contextmanager
def held(data: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[int]:
    """Hold `data` alone; yields the descriptor that every service inherits.

    Two locks: the first says that a supervisor lives; the second is shared with the services, so it is free
    only when the last process of an earlier, killed run has gone and its files are safe to open again;
    `on_wait` is called when that takes a moment. Raises StartRefused when another process has the folder.
    """
    with _lock_file(data).open("a+") as lock, (data / "run" / "services.lock").open("a") as services:
        if not _locked(lock, CONTENTION_SECONDS):
            raise StartRefused(_occupied(data))
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        with contextlib.suppress(FileNotFoundError):
            _note(data).unlink()
        if not _locked(services, 0.0):
            on_wait()
        if not _locked(services, LEFTOVER_SECONDS):
            raise StartRefused(
                f"Processes of an earlier run on {data} have not ended after {LEFTOVER_SECONDS:.0f} s. "
                "End them, then start again."
            )
        try:
            yield services.fileno()
        finally:
            with contextlib.suppress(FileNotFoundError):
                _note(data).unlink()


def _occupied(data: Path) -> str:
    instance = running(data)
    if instance is not None and instance.url is not None:
        return f"Already running on {instance.url} (pid {instance.pid}). Nothing was changed."
    return f"Another command is using {data} (pid {holder(data)}). Try again when it has finished."


def _locked(file: IO[str], patience: float) -> bool:
    """Take the lock exclusively within `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        else:
            return True


def _lock_file(data: Path) -> Path:
    return data / "run" / "instance.lock"


def _note(data: Path) -> Path:
    return data / "run" / "instance.json"
