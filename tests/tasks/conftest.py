"""A real worker process on real Postgres, Valkey and simulated vendors over HTTP."""

import json
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from runtz_core import events
from runtz_core.db import unit_of_work
from runtz_core.jobs import queries, service
from runtz_core.jobs.models import Call
from runtz_core.jobs.views import JobView
from runtz_core.settings import get_settings
from tests.conftest import make_person
from tests.core.conftest import submission
from tests.core.test_credits import books_balance
from tests.nursery import nursery
from tests.sim.simulator import Simulator, running

PATIENCE = 40.0  # seconds until a test gives up waiting for something that must happen
T = TypeVar("T")

# Every rule of time, shortened; the rules are the same.
QUICK = {
    "RUNTZ_TIMING__LEASE": "2",
    "RUNTZ_TIMING__HEARTBEAT": "0.3",
    "RUNTZ_TIMING__REAP_EVERY": "0.2",
    "RUNTZ_TIMING__DISPATCH_EVERY": "0.2",
    "RUNTZ_TIMING__DISPATCH_AFTER": "0.5",
    "RUNTZ_TIMING__CALL_DEADLINE": "30",
    "RUNTZ_TIMING__DRAIN": "8",
}


def until(look: Callable[[], T | None], what: str, *, within: float = PATIENCE) -> T:
    """What `look` returns once it is true; fails with `what` when it never is."""
    end = time.monotonic() + within
    pause = threading.Event()
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"never happened: {what}"
        pause.wait(0.02)


class Worker:
    """One worker process."""

    def __init__(self, data: Path) -> None:
        self._ready = data / "run" / "worker.ready"
        self._ready.unlink(missing_ok=True)
        self.process = nursery().start(
            [
                *("celery", "-A", "runtz_tasks.app", "worker", "-P", "threads", "-c", "4", "-l", "INFO"),
                *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            ],
            environment=os.environ | {"RUNTZ_DATA_DIR": str(data)},
            log=data / "worker.log",
        )
        until(self._is_ready, "the worker is ready")

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, "the worker ended while starting"
        return self._ready.exists()

    def kill(self) -> None:
        """Pull the plug on the worker and its decode processes."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def drain(self) -> int:
        """Ask it to end; returns its exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def limit_file_size(self, size: int) -> None:
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill()


class Workshop:
    """Everything a job needs, and the shortest way to watch one."""

    def __init__(self, engine: Engine, person: UUID, simulator: Simulator, data: Path) -> None:
        self.engine, self.person, self.simulator, self.data = engine, person, simulator, data

    @contextmanager
    def worker(self) -> Iterator[Worker]:
        worker = Worker(self.data)
        try:
            yield worker
        finally:
            worker.close()

    def submit(self, *models: str, **changes: object) -> UUID:
        with unit_of_work(self.engine) as session:
            return service.submit(session, self.person, submission(*models, **changes))

    def view(self, job_id: UUID) -> JobView:
        with unit_of_work(self.engine) as session:
            view = queries.job_view(session, self.person, job_id)
        assert view is not None
        return view

    def stage(self, job_id: UUID, *stages: str) -> JobView:
        """Wait until every unfinished card is in one of `stages`."""
        return until(
            lambda: (view := self.view(job_id)) and all(c.stage in stages for c in view.cards) and view,
            f"stages {stages}",
        )

    def references(self, job_id: UUID) -> int:
        """How many of the job's calls can be resumed."""
        with Session(self.engine) as session:
            named = col(Call.job_id) == job_id, col(Call.reference).is_not(None)
            return session.execute(select(func.count()).where(*named)).scalar_one()

    def finished(self, job_id: UUID) -> JobView:
        """Wait for the end, and check the books while there."""
        view = until(lambda: (view := self.view(job_id)).finished_at and view, "the job ends")
        assert view.credits_held == 0
        with Session(self.engine) as session:
            books_balance(session)
        return view

    def log(self) -> str:
        return (self.data / "worker.log").read_text(errors="replace")

    def receipt(self, view: JobView, card: int = 0) -> dict[str, object]:
        from runtz_core.jobs import receipts

        with unit_of_work(self.engine) as session:
            found = receipts.receipt(session, self.person, UUID(view.cards[card].call_id))
        assert found is not None
        content: dict[str, object] = json.loads(found.json)
        return content


@pytest.fixture(scope="session")
def vendors() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


@pytest.fixture
def workshop(
    vendors: Simulator, session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Engine
) -> Workshop:
    """Settings, a person with credits and blank vendors; the test starts its worker."""
    vendors.reset()
    (tmp_path / "run").mkdir()
    for name, value in QUICK.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RUNTZ_SIMULATOR_URL", vendors.url)
    monkeypatch.setenv("RUNTZ_IMAGES_DIR", str(tmp_path / "pictures"))
    get_settings.cache_clear()
    events.hints().flushall()
    return Workshop(database, make_person(session), vendors, tmp_path)
