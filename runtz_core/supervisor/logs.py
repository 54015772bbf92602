"""What services print: all of it into one rotated file each, what matters onto the console."""

import contextlib
import re
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO

Say = Callable[[str, str], None]  # (who, what)

ROTATE_BYTES = 5 * 1024 * 1024
KEPT = 3
TAIL_LINES = 200
LINE_BYTES = 8 * 1024  # a longer line is cut into pieces of this size
EVERYTHING = re.compile("")
NOTEWORTHY = re.compile(r"\b(WARN|WARNING|ERROR|CRITICAL|FATAL|PANIC)\b")


class ServiceLog:
    """The output of one service. A full disk costs log lines, never the service."""

    def __init__(self, name: str, folder: Path, *, say: Say, shown: re.Pattern[str]) -> None:
        self.name = name
        self.path = folder / f"{name}.log"
        self._say = say
        self._shown = shown
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._rest = b""
        self._file: IO[bytes] | None = None
        self._broken = False

    @property
    def tail(self) -> str:
        """The last lines the service printed."""
        return "\n".join(self._tail)

    def forget(self) -> None:
        """Begin a new start: the tail speaks of that one only."""
        self._tail.clear()
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take the next bytes of output."""
        self._write(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        while len(self._rest) > LINE_BYTES:
            lines.append(self._rest[:LINE_BYTES])
            self._rest = self._rest[LINE_BYTES:]
        for line in lines:
            self._line(line.decode("utf-8", "replace").rstrip())

    def close(self) -> None:
        """Print a last line without an end, and close the file."""
        if self._rest:
            self._line(self._rest.decode("utf-8", "replace").rstrip())
            self._rest = b""
        self._close_file()

    def _close_file(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def _line(self, text: str) -> None:
        if not text:
            return
        self._tail.append(text)
        if self._shown.search(text):
            self._say(self.name, text)

    def _write(self, data: bytes) -> None:
        try:
            if self._file is None:
                self._file = self.path.open("ab", buffering=0)
            self._file.write(data)
            if self._file.tell() > ROTATE_BYTES:
                self._rotate()
            self._broken = False
        except OSError as error:
            if not self._broken:
                self._say(self.name, f"its log {self.path} cannot be written: {error.strerror}")
            self._broken = True

    def _rotate(self) -> None:
        self._close_file()
        for number in range(KEPT - 1, 0, -1):
            older = self.path.with_suffix(f".log.{number}")
            with contextlib.suppress(FileNotFoundError):
                older.replace(self.path.with_suffix(f".log.{number + 1}"))
        self.path.replace(self.path.with_suffix(".log.1"))
