"""Keeps a worker's leases alive, from a thread of its own so that a busy event loop never costs a call."""

import logging
import threading

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from runtz_core.db import unit_of_work
from runtz_core.jobs import work

log = logging.getLogger(__name__)


class Heartbeat:
    """Extends the leases of `worker` by `lease` seconds every `every` seconds until stopped."""

    def __init__(self, engine: Engine, worker: str, *, every: float, lease: float) -> None:
        self._engine, self._worker, self._every, self._lease = engine, worker, every, lease
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
        while True:
            try:
                with unit_of_work(self._engine) as session:
                    work.extend_leases(session, self._worker, self._lease)
            except SQLAlchemyError as error:
                # Leases outlast a few missed beats; Postgres may be restarting.
                log.warning("heartbeat missed", extra={"error": type(error).__name__})
            if self._stopped.wait(self._every):
                return
