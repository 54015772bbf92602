"""Keeps a worker's leases alive and its presence known, from a thread and a connection of its own.

So neither a busy event loop nor a pool without free connections costs a call.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from runtz_core.jobs import presence, work

log = logging.getLogger(__name__)


class Heartbeat:
    """Says every `every` seconds that `worker` lives, and extends its leases by `lease` seconds in good time."""

    def __init__(
        self,
        engine: Engine,
        worker: str,
        *,
        every: float,
        lease: float,
        driven: Callable[[], Sequence[UUID]],
    ) -> None:
        self._engine, self._worker, self._every, self._lease = engine, worker, every, lease
        self._driven = driven  # what is being worked on; called from this thread
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin extending leases, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, after the beat it is in."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    self._beat(connection)
            except SQLAlchemyError as error:
                # Leases outlast a few missed beats; Postgres may be restarting.
                log.warning("heartbeat missed", extra={"error": type(error).__name__})
                self._stopped.wait(self._every)

    def _beat(self, connection: Connection) -> None:
        """Beat over one connection until stopped. Raises SQLAlchemyError when it breaks."""
        extended: float | None = None
        while True:
            with Session(connection) as session:
                presence.announce(session, self._worker)
                if extended is None or time.monotonic() - extended >= self._lease / 5:
                    work.extend_leases(session, self._worker, self._lease, self._driven())
                    extended = time.monotonic()
            if self._stopped.wait(self._every):
                break
        with Session(connection) as session:
            presence.leave(session, self._worker)
            session.flush()
