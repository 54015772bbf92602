"""What every fault is tried on: a worker, simulated vendors called with keys as if they were real, watched books."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, make_url, select, text
from sqlmodel import Session, col

from runtz_core import db, events
from runtz_core.db import unit_of_work
from runtz_core.flow.models import Lane
from runtz_core.ids import new_id
from runtz_core.images.store import BlobStore
from runtz_core.jobs import service
from runtz_core.jobs.models import Call
from runtz_core.jobs.views import Card
from runtz_core.settings import get_settings
from runtz_core.supervisor.installation import Installation
from tests.conftest import admin, forget_configuration, make_person
from tests.core.conftest import submission
from tests.faults.invariants import Scene, require
from tests.sim.simulator import Simulator
from tests.tasks.conftest import QUICK, Worker, Workshop, until

OPENAI, GEMINI, IDEOGRAM, FLUX = FOUR = (
    "gpt-image-2.6-flare",
    "gemini-nano-banana-2.1",
    "ideogram-4-5",
    "flux-2-pro",
)
VENDORS = ("openai", "gemini", "ideogram", "flux")
KEYS = {vendor: f"key-of-{vendor}-4711" for vendor in VENDORS}
HELD = 10_000.0  # seconds: until the test moves the simulator's clock
CANARY = "canarybird"  # in every prompt, and nowhere in a log

# Every rule of time, shortened; the rules are the same.
SHORT = QUICK | {
    "RUNTZ_TIMING__LEASE": "4",
    "RUNTZ_TIMING__HEARTBEAT": "0.2",
    "RUNTZ_TIMING__PRESENCE": "1",
    "RUNTZ_TIMING__CALL_DEADLINE": "60",
    "RUNTZ_TIMING__LOOK_BACK_EVERY": "0.5",
    "RUNTZ_TIMING__LOOK_BACK_AFTER": "1",
    "RUNTZ_FLOW__REST": "1",
    "RUNTZ_FLOW__LONGEST_PAUSE": "2",
    "RUNTZ_LIMITS__DISK_FREE": "0",
}
# Faults are tried one by one here, many at once: the breaker has a module of its own.
PATIENT = {
    "RUNTZ_FLOW__FAILURES_IN_A_ROW": "100000",
    "RUNTZ_FLOW__FAILURES_LEAST": "100000",
    "RUNTZ_FLOW__RETRY_FLOOR": "100000",
}


class Stand(Workshop):
    """A workshop that remembers what it accepted and can say whether all is well."""

    def __init__(self, engine: Engine, person: UUID, simulator: Simulator, data: Path) -> None:
        super().__init__(engine, person, simulator, data)
        self.accepted: list[UUID] = []
        self.workers: list[Worker] = []
        self.anybody_killed = False
        self._looked_at: set[str] = set()
        self._stack = ExitStack()

    def start_worker(self, **environment: str) -> Worker:
        """One more worker, stopped with the stand; `environment` is for it alone."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            worker = Worker(self.data)
        self._stack.callback(worker.close)
        self.workers.append(worker)
        return worker

    def kill(self, worker: Worker) -> None:
        """Pull the plug on a worker."""
        self.anybody_killed = True
        worker.kill()

    def stop_workers(self) -> None:
        """End every worker, so that the next test starts with none."""
        self._stack.close()
        self.workers.clear()

    def close(self) -> None:
        self._stack.close()

    def submit(self, *models: str, **changes: object) -> UUID:
        """A job with a prompt of its own; a `prompt` given is added to it."""
        given = changes.pop("prompt", "")
        prompt = f"a {CANARY} over the harbour {new_id().hex[-8:]} {given}".strip()
        job_id = super().submit(*models, prompt=prompt, **changes)
        self.accepted.append(job_id)
        return job_id

    def crowd(self, jobs: int = 5) -> list[UUID]:
        """Company for a fault: so many jobs of four pictures each."""
        return [self.submit() for _ in range(jobs)]

    def calls(self, job_id: UUID) -> list[Call]:
        """The job's calls, in card order."""
        with Session(self.engine) as session:
            query = select(Call).where(col(Call.job_id) == job_id)
            return list(session.execute(query.order_by(col(Call.position), col(Call.sample))).scalars())

    def card(self, job_id: UUID) -> Card:
        """The only card of a job that has ended."""
        until(lambda: self.view(job_id).finished_at, "the job ends")
        (card,) = self.view(job_id).cards
        return card

    def orders(self, job_id: UUID) -> list[dict[str, object]]:
        """The paid orders the vendors received for this job, oldest first."""
        from runtz_sim.ledger import digest

        digests = {digest(call.request["prompt"]) for call in self.calls(job_id)}
        return [order for order in self.simulator.calls() if order["prompt_digest"] in digests]

    def lane(self, name: str) -> Lane:
        """What is known of a lane; a blank one before it was used."""
        with Session(self.engine) as session:
            return session.get(Lane, name) or Lane(lane=name)

    def rest(self) -> None:
        """Wait until everything has ended."""
        unfinished = text("SELECT count(*) FROM calls WHERE state IN ('queued', 'running')")

        def nothing() -> bool:
            with Session(self.engine) as session:
                return session.execute(unfinished).scalar_one() == 0

        until(nothing, "everything ends", within=90)

    def check(self) -> None:
        """Wait until everything has ended; then every invariant must hold."""
        self.rest()
        self._thumbhashes()
        require(
            Scene(
                engine=self.engine,
                store=BlobStore(get_settings().images_path),
                orders=self.simulator.calls(),
                accepted=self.accepted,
                secrets=(*KEYS.values(), CANARY),
                log=self.log() if self.workers else "",
                workers=tuple(one.process.pid for one in self.workers if one.process.poll() is None),
                anybody_killed=self.anybody_killed,
                looked_at=self._looked_at,
            )
        )

    def _thumbhashes(self) -> None:
        """Wait for what follows a ready picture: who lives looks at what the dead have left."""
        if not any(one.process.poll() is None for one in self.workers):
            return
        missing = text("SELECT count(*) FROM images WHERE thumbhash IS NULL")

        def nothing() -> bool:
            with Session(self.engine) as session:
                return session.execute(missing).scalar_one() == 0

        until(nothing, "what follows the pictures is made", within=60)

    def between_tests(self) -> None:
        """Nobody learns from the test before: blank vendors, blank lanes, a person with full pockets."""
        self.rest()
        self.simulator.disarm()
        self.simulator.latency(0.1)
        with unit_of_work(self.engine) as session:
            session.execute(text("DELETE FROM lanes"))
            self.person = make_person(session, available=100_000, name="Grace")


@contextmanager
def standing(
    installation: Installation, vendors: Simulator, folder: Path, *, environment: Mapping[str, str]
) -> Iterator[Stand]:
    """A database of its own, settings, a person and blank vendors; the caller starts the workers."""
    url = make_url(installation.settings.database_url or "")
    name = f"f_{new_id().hex}"
    with admin(installation) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{url.database}" STRATEGY file_copy')
    (folder / "run").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in (installation.environment | dict(environment)).items():
            patch.setenv(variable, value)
        patch.setenv("RUNTZ_DATABASE_URL", url.set(database=name).render_as_string(hide_password=False))
        patch.setenv("RUNTZ_SIMULATOR_URL", vendors.url)
        patch.setenv("RUNTZ_DATA_DIR", str(folder))
        patch.setenv("RUNTZ_IMAGES_DIR", str(folder / "pictures"))
        forget_configuration()
        vendors.reset()
        vendors.latency(0.1)
        events.hints().flushall()
        with Session(db.get_engine(), expire_on_commit=False) as session:
            person = make_person(session, available=100_000)
        stand = Stand(db.get_engine(), person, vendors, folder)
        try:
            yield stand
        finally:
            stand.close()
            forget_configuration()
            # Postgres may be cleaning up in it, and only its own role may end that.
            with admin(installation, role="postgres") as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def keyed(vendors: Simulator) -> dict[str, str]:
    """Settings that call the simulator as if it were the vendors themselves: real keys, real costs."""
    environment = {}
    for vendor, key in KEYS.items():
        environment[f"RUNTZ_PROVIDERS__{vendor.upper()}__API_KEY"] = key
        environment[f"RUNTZ_PROVIDERS__{vendor.upper()}__BASE_URL"] = vendors.base_url(vendor)
    return environment


__all__ = ["FLUX", "FOUR", "GEMINI", "IDEOGRAM", "KEYS", "OPENAI", "PATIENT", "SHORT", "VENDORS", "Stand",
           "keyed", "os", "service", "standing", "submission", "until"]  # fmt: skip
