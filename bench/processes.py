"""What processes take: CPU seconds, memory now, and the most memory while something runs."""

import os
import threading
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

import psutil

EVERY = 0.1  # seconds
MIB = 2**20


def tree(pid: int) -> list[psutil.Process]:
    """The process and all below it."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def cpu_seconds(pid: int) -> float:
    """CPU the process and all that runs below it have used so far."""
    times = [process.cpu_times() for process in tree(pid)]
    return sum(time.user + time.system for time in times)


def rss(processes: Iterable[psutil.Process]) -> float:
    """MiB resident, shared pages counted in every process that has them."""
    return sum(_one(process, lambda p: p.memory_info().rss) for process in processes) / MIB


def pss(processes: Iterable[psutil.Process]) -> float:
    """MiB of proportional set size: shared pages divided among those who share them (smaps_rollup)."""
    return sum(_one(process, lambda p: p.memory_full_info().pss) for process in processes) / MIB


def _one(process: psutil.Process, read: Callable[[psutil.Process], int]) -> int:
    try:
        return read(process)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0  # it ended meanwhile


class Peak:
    """The most memory a tree of processes had while this context was open."""

    def __init__(self, pid: int) -> None:
        self.rss = 0.0
        self.pss = 0.0
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        looks = 0
        while not self._done.wait(EVERY):
            processes = tree(self._pid)
            self.rss = max(self.rss, rss(processes))
            if looks % 10 == 0:  # the kernel walks every mapping for it, so seldom
                self.pss = max(self.pss, pss(processes))
            looks += 1


class Others:
    """The share of this machine's CPU that went to programs other than ours while this context was open."""

    def __init__(self) -> None:
        self.share = 0.0

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._all, self._ours = _busy(), cpu_seconds(os.getpid())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        others = (_busy() - self._all) - (cpu_seconds(os.getpid()) - self._ours)
        seconds = (time.monotonic() - self._began) * (os.cpu_count() or 1)
        self.share = round(max(others, 0.0) / seconds, 2)


def _busy() -> float:
    """CPU seconds all programs of this machine have used so far."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system)
