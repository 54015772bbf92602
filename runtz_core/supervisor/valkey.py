"""The embedded Valkey (Redis): messages, hints and page state, all of which may be lost without harm."""

import re
import time
from dataclasses import dataclass
from pathlib import Path

from runtz_core.supervisor import binaries
from runtz_core.supervisor.layout import Layout
from runtz_core.supervisor.service import Service, answers_ping

TROUBLE = re.compile(r"\b(error|fatal|failed|can't)\b", re.IGNORECASE)  # its warnings are advice on tuning
DAMAGED = re.compile(r"append only file|AOF|appendonly|RDB", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Valkey:
    """The server program and the folders it uses."""

    program: Path
    data: Path
    socket: Path

    @property
    def url(self) -> str:
        """Where everybody connects; the database number is chosen by each use."""
        return f"unix://{self.socket}"

    def service(self, *, durable: bool) -> Service:
        """The server on a unix socket only we can open, synced every second when `durable`."""
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "save": "",
            "appendonly": "yes" if durable else "no",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "warning",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return Service(
            name="valkey",
            command=(str(self.program), *words),
            ready=answers_ping(self.socket),
            grace=15.0,
            forcible=False,
            noteworthy=TROUBLE,
            recover=self._set_aside,
        )

    def _set_aside(self, output: str) -> str | None:
        """Move files the server cannot read out of its way; Postgres has the truth, so work goes on."""
        if not DAMAGED.search(output) or not any(self.data.iterdir()):
            return None
        aside = self.data.with_name(f"{self.data.name}.damaged-{int(time.time())}")
        self.data.rename(aside)
        self.data.mkdir(mode=0o700)
        return (
            f"its files could not be read and are kept in {aside}; starting empty, no picture is lost by that"
        )


def prepare(layout: Layout) -> Valkey:
    """Find the server and make its folder. Raises StartRefused."""
    program = binaries.valkey_server()
    layout.valkey.mkdir(mode=0o700, exist_ok=True)
    return Valkey(program=program, data=layout.valkey, socket=layout.sockets / "valkey.sock")
