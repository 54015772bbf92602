"""Where an installation keeps its files, and a short folder for its sockets."""

import contextlib
import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from runtz_core.supervisor import StartRefused

SOCKET_PATH_LIMIT = 107  # bytes in sockaddr_un.sun_path on Linux, without the closing zero
LONGEST_SOCKET_NAME = "postgres/.s.PGSQL.5432.lock"
# Database URLs carry this path; with anything else in it each client library would quote it its own way.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The folders of one data folder; all of them exist and belong to us alone (0700)."""

    data: Path
    sockets: Path

    @property
    def run(self) -> Path:
        """Files that mean something only while the installation runs."""
        return self.data / "run"

    @property
    def logs(self) -> Path:
        """One rotated log per service."""
        return self.data / "logs"

    @property
    def backups(self) -> Path:
        """Dumps taken before a change of the schema."""
        return self.data / "backups"

    @property
    def postgres(self) -> Path:
        """The embedded Postgres cluster."""
        return self.data / "postgres"

    @property
    def valkey(self) -> Path:
        """The embedded Valkey's append-only files."""
        return self.data / "valkey"

    @property
    def schema_result(self) -> Path:
        """Written by the schema step, read and removed by the supervisor."""
        return self.run / "schema.json"

    @property
    def worker_ready(self) -> Path:
        """Written by the worker once it takes tasks, removed before each of its starts."""
        return self.run / "worker.ready"


def leave(layout: Layout) -> None:
    """Take a socket folder outside the data folder away, if it is empty by now."""
    if layout.sockets != layout.run:
        for folder in (layout.sockets / "postgres", layout.sockets):
            with contextlib.suppress(OSError):
                folder.rmdir()


def lay_out(data: Path) -> Layout:
    """Create the folders of `data`. Raises StartRefused when it cannot be written."""
    data = data.absolute()
    try:
        layout = Layout(data=data, sockets=_socket_folder(data))
        for folder in (data, layout.run, layout.logs, layout.sockets):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _probe(layout.run)
    except OSError as error:
        raise StartRefused(
            f"The data folder {data} cannot be used ({error.strerror}). "
            "Make room or make it writable, or name another one with --data DIR."
        ) from error
    _own(layout.sockets)
    return layout


def _socket_folder(data: Path) -> Path:
    inside = data / "run"
    short = len(os.fsencode(inside / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_LIMIT
    if short and PLAIN_PATH.fullmatch(str(inside)):
        return inside
    name = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"runtz-{os.geteuid()}-{name}"


def _probe(folder: Path) -> None:
    """A full disk refuses bytes, not names, so write some. Raises OSError."""
    probe = folder / "probe"
    try:
        with probe.open("wb") as file:
            file.write(bytes(64 * 1024))
            file.flush()
            os.fsync(file.fileno())
    finally:
        with contextlib.suppress(FileNotFoundError):
            probe.unlink()


def _own(folder: Path) -> None:
    """Refuse a socket folder that somebody else made in the shared temporary folder.

    Passing through is allowed: that is how Postgres as nobody reaches its own folder inside.
    """
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.geteuid() or status.st_mode & 0o066:
        raise StartRefused(
            f"{folder} is open to other users of this machine, so database sockets cannot live there. "
            f"Make it yours alone (chmod 700 {folder}) or name another data folder with --data DIR."
        )
