"""Which workers are alive: each holds an advisory lock on a connection of its own for as long as it lives.

A lease alone tells that a worker is dead when it has run out, which must be long enough for a slow machine. The lock
goes with the worker's connection, so a worker that was killed is known within seconds. One that merely lost its
connection takes the lock again with its next beat, and one that hangs keeps it: for those the lease decides.
"""

from sqlalchemy import text
from sqlmodel import Session

from runtz_core.jobs.models import Worker

_PRESENT = 0x52554E10  # the first half of the lock's name; the second is the worker's

# Of those who run something: who has no lock, and when they were last heard of.
_MISSING = text("""
SELECT running.worker, extract(epoch FROM seen_at)::float AS seen
FROM (SELECT DISTINCT worker FROM calls WHERE state = 'running' AND worker IS NOT NULL) AS running
LEFT JOIN workers ON workers.id = running.worker
WHERE NOT EXISTS (
  SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = CAST(:present AS oid) AND objsubid = 2
    AND objid = (hashtext(running.worker)::bigint & 4294967295)::oid
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
""")

_GONE = text("""
DELETE FROM workers
WHERE seen_at < clock_timestamp() - make_interval(secs => :silent)
  AND NOT EXISTS (SELECT FROM calls WHERE state = 'running' AND worker = workers.id)
  AND NOT EXISTS (
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = CAST(:present AS oid) AND objsubid = 2
      AND objid = (hashtext(workers.id)::bigint & 4294967295)::oid
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
RETURNING id
""")


def announce(session: Session, worker: str) -> None:
    """Say that `worker` lives, and hold its lock for as long as this connection does."""
    session.execute(
        text(
            "INSERT INTO workers (id) VALUES (:worker) "
            "ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp()"
        ),
        {"worker": worker},
    )
    held = session.execute(
        text(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory' "
            "AND classid = CAST(:present AS oid) AND objsubid = 2)"
        ),
        {"present": _PRESENT},
    ).scalar_one()
    if not held:
        session.execute(
            text("SELECT pg_try_advisory_lock(:present, hashtext(:worker))"),
            {"present": _PRESENT, "worker": worker},
        )


def missing(session: Session) -> dict[str, float | None]:
    """Workers that run calls and hold no lock, and when each last gave a sign (database's epoch seconds)."""
    return {row.worker: row.seen for row in session.execute(_MISSING, {"present": _PRESENT})}


def leave(session: Session, worker: str) -> None:
    """A worker that ends properly is forgotten at once."""
    found = session.get(Worker, worker)
    if found is not None:
        session.delete(found)


def forget(session: Session, *, silent: float) -> int:
    """Strike workers off that hold no lock, run nothing and gave no sign for `silent` seconds. Returns how many.

    One that was merely cut off announces itself anew.
    """
    gone = session.execute(_GONE, {"present": _PRESENT, "silent": silent})
    return len(gone.all())


class Watch:
    """Judges by what one observer saw by its own clock, so no machine's time of day matters."""

    def __init__(self, *, patience: float) -> None:
        self._patience = patience  # seconds without lock and without a sign, seen without interruption
        self._since: dict[tuple[str, float | None], float] = {}
        self._looked: float | None = None

    def dead(self, found: dict[str, float | None], now: float) -> list[str]:
        """Who is dead, given what `missing` found at `now` (monotonic seconds)."""
        if self._looked is not None and now - self._looked >= self._patience:
            self._since = {}  # the observer itself could not look: who else could not reach the database?
        self._looked = now
        signs = set(found.items())
        self._since = {sign: self._since.get(sign, now) for sign in signs}
        return [worker for (worker, _), since in self._since.items() if now - since >= self._patience]
