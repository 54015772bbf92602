"""The form of log lines: for people, or one JSON object a line for machines; ids go along, what people wrote never.

Only the attributes named here leave a record, so a prompt or a key that somebody attached by mistake does not.
"""

import json
import logging
from datetime import UTC, datetime
from typing import Literal

Format = Literal["text", "json"]

# What may be attached to a record by `extra=`: ids, kinds, counts and seconds.
ATTACHED = (
    "job_id", "call_id", "user_id", "image_id", "batch_id", "worker", "attempt", "provider", "model", "lane",
    "kind", "step", "error", "sha256", "request_id", "seconds", "count", "point",
)  # fmt: skip


def attached(record: logging.LogRecord) -> dict[str, str | int | float]:
    """The ids and figures a record carries."""
    found = {name: value for name in ATTACHED if (value := getattr(record, name, None)) is not None}
    return {name: value if isinstance(value, int | float) else str(value) for name, value in found.items()}


class ForPeople(logging.Formatter):
    """Time, level, logger, sentence; ids behind it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        told = " ".join(f"{name}={value}" for name, value in attached(record).items())
        return f"{super().formatMessage(record)} [{told}]" if told else super().formatMessage(record)


class ForMachines(logging.Formatter):
    """One JSON object a line."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "process": self._process,
            "pid": record.process,
            "logger": record.name,
            "message": record.getMessage(),
            **attached(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up(form: Format, level: str, *, process: str) -> None:
    """Log to standard error in `form` at `level`; replaces what was set up before."""
    handler = logging.StreamHandler()
    handler.setFormatter(ForMachines(process) if form == "json" else ForPeople())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
