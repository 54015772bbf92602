"""An installation of its own to measure: durable Postgres, Valkey, a worker, simulated vendors, one person."""

import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psutil
from redis.client import PubSub
from sqlalchemy import func, select
from sqlmodel import col

from bench.report import console
from bench.vendors import Vendors, simulated
from runtz_core import db, events, queue
from runtz_core.credits import service as credits
from runtz_core.credits.models import Purpose
from runtz_core.jobs import chips, service
from runtz_core.jobs.models import UNFINISHED, Call
from runtz_core.jobs.service import ModelChoice, Submission
from runtz_core.settings import PROJECT_ROOT, Settings, get_settings
from runtz_core.supervisor import StartRefused, ports, services
from runtz_core.supervisor.installation import Installation, embedded, embedded_in_thread
from runtz_core.users import service as users

MODELS = chips.DEFAULT_RUN  # one of each of four vendors
PATIENCE = 300.0  # seconds after which a job is given up


@dataclass(frozen=True, kw_only=True)
class Stand:
    """What is being measured."""

    installation: Installation
    vendors: Vendors
    folder: Path
    user_id: UUID

    @property
    def worker_pid(self) -> int:
        """The worker's own process; its decode children are below it."""
        shim = self.installation.supervisor.processes()["worker"]
        return psutil.Process(shim).children()[0].pid

    def submission(self, prompt: str, seed: int | None = None) -> Submission:
        """One picture from each of the four models."""
        return Submission(
            submission_key=uuid4().hex,
            prompt=prompt,
            models=tuple(ModelChoice(model=model) for model in MODELS),
            seed=seed,
        )

    def submit(self, submission: Submission) -> UUID:
        with db.unit_of_work() as session:
            return service.submit(session, self.user_id, submission)

    def listener(self) -> PubSub:
        """Hears what the pages hear: a hint after every commit that changed a job."""
        heard = events.hints().pubsub(ignore_subscribe_messages=True)
        heard.subscribe(events.channel(self.user_id))
        heard.get_message(timeout=5)
        return heard

    def finished(self, heard: PubSub, *, expected: int, not_before: float) -> float:
        """Wait for everything to end; returns the time at which the hint of the last commit was heard.

        Rows are not read before `not_before` (epoch seconds), so that waiting costs the worker nothing.
        Raises TimeoutError, and RuntimeError when a call did not succeed.
        """
        give_up = time.time() + PATIENCE
        while time.time() < give_up:
            heard.get_message(timeout=0.5)
            at = time.time()
            if at >= not_before and self.unfinished() == 0:
                self._require(expected)
                return at
        raise TimeoutError(f"{self.unfinished()} calls are unfinished after {PATIENCE:.0f} s")

    def unfinished(self) -> int:
        with db.unit_of_work() as session:
            left = select(func.count()).select_from(Call).where(col(Call.state).in_(UNFINISHED))
            return int(session.execute(left).scalar_one())

    def stored(self) -> int:
        """Calls that succeeded, so far."""
        with db.unit_of_work() as session:
            good = select(func.count()).select_from(Call).where(col(Call.state) == "succeeded")
            return int(session.execute(good).scalar_one())

    def _require(self, expected: int) -> None:
        if (stored := self.stored()) != expected:
            raise RuntimeError(f"{stored} pictures are stored where {expected} were ordered")


@contextmanager
def stand(*, seconds: float, configured: Mapping[str, str] | None = None) -> Iterator[Stand]:
    """An installation without pages whose vendors take `seconds`; `configured` are RUNTZ_ settings."""
    with (
        ground(seconds, configured) as (settings, vendors, folder),
        embedded_in_thread(settings, ("worker",)) as running,
        connected(running),
    ):
        yield Stand(installation=running, vendors=vendors, folder=folder, user_id=person())


@asynccontextmanager
async def stand_with_pages(*, seconds: float) -> AsyncIterator[Stand]:
    """The same with the web server, on a free port of this machine."""
    with ground(seconds, {}) as (settings, vendors, folder):
        settings = settings.model_copy(update={"port": ports.any_free()})
        async with embedded(
            settings, ("worker",), say=lambda who, what: console.print(f"{who}: {what}")
        ) as running:
            web = services.web(running.settings, running.layout, await running.pages())
            await running.start(web)
            with connected(running):
                yield Stand(installation=running, vendors=vendors, folder=folder, user_id=person())


@contextmanager
def ground(seconds: float, configured: Mapping[str, str] | None) -> Iterator[tuple[Settings, Vendors, Path]]:
    """Settings of nobody but us, vendors, and a folder on the disk of the project; all gone afterwards."""
    require_no_keys()
    for name in [name for name in os.environ if name.startswith("RUNTZ_")]:
        del os.environ[name]
    os.environ.update(configured or {})
    os.environ["RUNTZ_ENV_FILE"] = ""  # nor does the worker read a person's .env
    folder = PROJECT_ROOT / ".cache" / "bench" / uuid4().hex[:8]
    folder.mkdir(parents=True)
    try:
        with simulated(seconds) as vendors:
            yield (
                Settings(_env_file=None, data_dir=folder / "data", simulator_url=vendors.url),
                vendors,
                folder,
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def connected(running: Installation) -> Iterator[None]:
    """Let the core functions of this process use what runs."""
    os.environ.update(running.environment)
    for cached in (get_settings, db.get_engine, events.hints, queue.sender):
        cached.cache_clear()
    try:
        yield
    finally:
        db.get_engine().dispose()


def require_no_keys() -> None:
    """Measurements must not spend money. Raises StartRefused when the environment names a real vendor."""
    providers = Settings(_env_file=None).providers
    real = [name for name, one in providers.items() if one.api_key or one.base_url]
    if real:
        raise StartRefused(
            f"A key or address is configured for {', '.join(real)}, and a measurement must not spend money: "
            "take it out of the environment, and start again."
        )


def person() -> UUID:
    with db.unit_of_work() as session:
        owner = users.ensure_owner(session)
        users.arrive(session, owner.id, day=datetime.now(UTC).date())
        credits.grant(session, owner.id, 1_000_000, key="bench", purpose=Purpose.GRANT, reason="measurement")
        return owner.id
