"""The embedded Postgres: its cluster on disk, made whole or not at all, and the service that runs it."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runtz_core.supervisor import StartRefused, binaries, shim
from runtz_core.supervisor.layout import Layout
from runtz_core.supervisor.service import Service, exits_zero

# A refused statement is the business of the service that sent it; what the server cannot do is ours.
TROUBLE = re.compile(r"\bPANIC\b|could not|No space left")
COMPLAINT = re.compile(r"error:|could not|ERROR|FATAL|PANIC")
DATABASE, OWNER, RUNNER = "runtz", "runtz_owner", "runtz"

# One role changes the schema, another runs; what the second may do, migrations grant.
BOOTSTRAP = f"""\
CREATE ROLE {OWNER} LOGIN CREATEDB;
CREATE ROLE {RUNNER} LOGIN;
CREATE DATABASE {DATABASE} OWNER {OWNER};
"""
NO_ROOT_ANSWER = (
    "Postgres refuses to run as root, this machine allows no user namespaces, and the account nobody cannot "
    "reach {}. Start as an ordinary user, choose a folder others may pass through with --data DIR, "
    "or set RUNTZ_DATABASE_URL to a server you have."
)


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """A usable cluster. `identity` is how its processes avoid being root (see shim.become)."""

    binaries: Path
    data: Path
    sockets: Path
    identity: str

    def url(self, role: str, database: str = DATABASE) -> str:
        """Where `role` connects, by SQLAlchemy's rules."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.sockets}"

    def service(self, *, durable: bool) -> Service:
        """The server on a unix socket; without `durable` a power cut may lose it (tests, benches)."""
        settings = {
            "listen_addresses": "",
            "unix_socket_permissions": "0700",
            "shared_buffers": "64MB",
            "max_connections": "100",
        }
        if not durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Service(
            name="postgres",
            command=(
                *(str(self.binaries / "postgres"), "-D", str(self.data), "-k", str(self.sockets)),
                *options,
            ),
            ready=exits_zero(
                str(self.binaries / "pg_isready"), "-q", "-h", str(self.sockets), "-U", RUNNER, "-d", DATABASE
            ),
            environment={"LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stop_signal=signal.SIGINT,  # "fast": roll back, write a checkpoint, end
            grace=20.0,
            identity=self.identity,
            forcible=False,
            noteworthy=TROUBLE,
        )


def prepare(layout: Layout, say: Callable[[str], None]) -> Postgres:
    """Make sure the data folder holds a whole cluster of our version. Raises StartRefused.

    A folder that an interrupted first start left behind is made again; anything that may hold a person's
    data is never touched.
    """
    folder = binaries.postgres_folder()
    major = binaries.postgres_major(folder)
    identity = choose_identity(folder, layout)
    sockets = _sockets_of(layout, identity)
    postgres = Postgres(binaries=folder, data=layout.postgres, sockets=sockets, identity=identity)
    if not check(layout, major):
        say("making the database (once)")
        _initialise(postgres, major)
    _check_lock_file(layout)
    return postgres


def check(layout: Layout, major: int) -> bool:
    """Whether there is a whole cluster of version `major`. Raises StartRefused for one we cannot use."""
    if _empty(layout.postgres):
        return False
    _check_version(layout, major)
    return True


def choose_identity(folder: Path, layout: Layout) -> str:
    """How Postgres can run here without being root. Raises StartRefused when no way is open."""
    if os.geteuid() != 0:
        return "self"
    postgres = str(folder / "postgres")
    if _runs_as("namespace", postgres, "--version"):
        return "namespace"
    # As nobody it must reach its own program and the folder that will hold the cluster.
    if _runs_as("nobody", postgres, "--version") and _runs_as(
        "nobody", "/bin/test", "-x", str(layout.data.parent)
    ):
        layout.data.chmod(0o711)  # passing through is enough; names inside stay unreadable
        return "nobody"
    raise StartRefused(NO_ROOT_ANSWER.format(layout.data))


def _runs_as(identity: str, *command: str) -> bool:
    return _run(identity, *command).returncode == 0


def _run(identity: str, *command: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run one Postgres program to its end as `identity`, with a clean locale."""
    become = f"import sys; sys.path.insert(0, {str(Path(shim.__file__).parent)!r}); import shim; "
    code = (
        become + "import os; shim.become(sys.argv[1]); os.umask(0o077); os.execv(sys.argv[2], sys.argv[2:])"
    )
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, identity, *command],
        input=given,
        stdin=subprocess.DEVNULL if given is None else None,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        cwd="/",
    )


def _sockets_of(layout: Layout, identity: str) -> Path:
    """The folder of the server's socket: our own, or one of nobody's that only root and nobody enter."""
    if identity != "nobody":
        return layout.sockets
    folder = layout.sockets / "postgres"
    layout.sockets.chmod(0o711)
    folder.mkdir(mode=0o700, exist_ok=True)
    shutil.chown(folder, "nobody")
    return folder


def _empty(data: Path) -> bool:
    """Whether there is no cluster and nothing else in its place. Raises StartRefused on a broken one."""
    if not data.exists():
        return True
    if not any(data.iterdir()):
        data.rmdir()
        return True
    control = data / "global" / "pg_control"
    whole = (data / "PG_VERSION").is_file() and control.is_file() and control.stat().st_size > 0
    if not whole:
        raise StartRefused(
            f"{data} is not a whole Postgres folder (PG_VERSION or global/pg_control is missing). "
            "Nothing was changed. Move it away to begin with an empty database, or put it back from a copy."
        )
    return False


def _initialise(postgres: Postgres, major: int) -> None:
    """Make the cluster under another name and rename it when whole. Raises StartRefused."""
    partial = postgres.data.with_name("postgres.partial")
    if partial.exists():  # ours alone: it never held data, and the lock says nobody is making it now
        shutil.rmtree(partial)
    partial.mkdir(mode=0o700)
    if postgres.identity == "nobody":
        shutil.chown(partial, "nobody")
    locale = (
        ("--locale-provider=builtin", "--builtin-locale=C.UTF-8") if major >= 17 else ("--locale=C.UTF-8",)
    )
    made = _run(
        postgres.identity,
        *(str(postgres.binaries / "initdb"), "-D", str(partial), "-U", "postgres", "-A", "trust"),
        *("-E", "UTF8", *locale, "--no-sync", "--no-instructions"),
    )
    if made.returncode == 0:
        server = (str(postgres.binaries / "postgres"), "--single", "-D", str(partial), "template1")
        made = _run(postgres.identity, *server, given=BOOTSTRAP)
    # A statement that fails in single-user mode does not fail the program.
    if made.returncode != 0 or "ERROR" in made.stderr:
        lines = (made.stderr + made.stdout).strip().splitlines() or ["no reason given"]
        complaint = next(filter(COMPLAINT.search, lines), lines[-1])
        raise StartRefused(
            f"The database could not be made in {postgres.data}: {complaint.strip()} "
            "Correct that (often it is a full disk) and start again; nothing was lost."
        )
    partial.rename(postgres.data)


def _check_version(layout: Layout, major: int) -> None:
    found = (layout.postgres / "PG_VERSION").read_text().strip()
    if found != str(major):
        raise StartRefused(
            f"{layout.postgres} was made by Postgres {found} and this is Postgres {major}. "
            f"Nothing was changed. Dump it with Postgres {found} (pg_dumpall), move the folder away, "
            "start again and restore the dump."
        )


def _check_lock_file(layout: Layout) -> None:
    """Remove a postmaster.pid whose number now belongs to another program; refuse a living server's.

    Postgres itself removes one whose process is gone, but takes any living process for a server, and after
    a reboot the number is soon in use again.
    """
    lock = layout.postgres / "postmaster.pid"
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int(lock.read_text().splitlines()[0])
        os.kill(pid, 0)
        process = Path("/proc") / str(pid)
        if not process.parent.joinpath("self").exists():
            return  # no /proc here: leave the question to Postgres
        if process.joinpath("exe").resolve().name == "postgres" and process.joinpath("cwd").samefile(
            layout.postgres
        ):
            raise StartRefused(
                f"Another Postgres (pid {pid}) already runs on {layout.postgres}. Stop it, then start again."
            )
        lock.unlink()
