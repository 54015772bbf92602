"""TCP ports: is one free, and which one do we take."""

import contextlib
import errno
import socket
from pathlib import Path

from runtz_core.settings import LOOPBACK
from runtz_core.supervisor import StartRefused

FIRST_PORT, LAST_PORT = 3000, 3099


def choose(host: str, wanted: int | None) -> int:
    """The port to serve on: `wanted`, or 3000 or the next free one. Raises StartRefused."""
    for port in [wanted] if wanted is not None else range(FIRST_PORT, LAST_PORT + 1):
        problem = _problem(host, port)
        if problem is None:
            return port
        if problem != errno.EADDRINUSE and wanted is None and problem != errno.EACCES:
            raise StartRefused(
                f"Nothing can listen on {host} here; name an address of this machine with --host."
            )
    if wanted is None:
        raise StartRefused(f"All ports from {FIRST_PORT} to {LAST_PORT} are in use; name one with --port.")
    match _problem(host, wanted):
        case errno.EADDRINUSE:
            why = "is in use by another program; stop it or choose another port with --port"
        case errno.EACCES:
            why = "needs rights this user does not have; choose one above 1023 with --port"
        case _:
            why = f"cannot be opened on {host}; name an address of this machine with --host"
    raise StartRefused(f"Port {wanted} {why}.")


def any_free(host: str = LOOPBACK) -> int:
    """A port nobody uses right now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def same_as_last_time(note: Path) -> int:
    """The port noted in `note` while it is free, else another one, noted for the next time."""
    with contextlib.suppress(OSError, ValueError):
        port = int(note.read_text())
        if 0 < port < 65536 and _problem(LOOPBACK, port) is None:
            return port
    port = any_free()
    note.write_text(str(port))
    return port


def _problem(host: str, port: int) -> int | None:
    """The errno that listening would meet, None when it would work."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: a port whose old connections are still winding down counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except socket.gaierror:
            return errno.EADDRNOTAVAIL
        except OSError as error:
            return error.errno or errno.EADDRNOTAVAIL
    return None
