"""Two web processes and two workers on one Postgres and one Redis by URL: live on both sides, and either may die."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID

import aiohttp
import httpx
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from bench.tab import Tab
from runtz_core import db
from runtz_core.db import unit_of_work
from runtz_core.jobs import queries, service
from runtz_core.settings import PROJECT_ROOT, get_settings
from runtz_core.supervisor import ports
from runtz_core.users import service as users
from tests.conftest import forget_configuration, make_person
from tests.core.conftest import submission
from tests.sim.simulator import Simulator
from tests.supervisor.test_refusals import foreign_redis
from tests.tasks.conftest import QUICK, until, vendors

__all__ = ["vendors"]

BUILDING = 300.0  # seconds: the first start may have to build the pages
FLUX, OPENAI = "flux-2-pro", "gpt-image-2.6-flare"
HELD = 10_000.0  # seconds: until the test moves the simulator's clock


class Process:
    """One process started by its own command, with its own data folder."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.log = folder / "out.log"
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "runtz_core.cli", *words, "--data", str(folder)],
                cwd=PROJECT_ROOT,
                env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def require_alive(self) -> None:
        assert self.process.poll() is None, self.log.read_text()[-3000:]

    def kill(self) -> None:
        """Pull the plug on it and what it started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(40)

    def stop(self) -> int:
        """SIGTERM, as a container's end sends it; returns the exit code."""
        self.process.terminate()
        return self.process.wait(40)


class House:
    """Everything that runs."""

    def __init__(self, engine: Engine, person: UUID, simulator: Simulator) -> None:
        self.engine, self.person, self.simulator = engine, person, simulator
        self.webs: list[str] = []
        self.web_processes: list[Process] = []
        self.workers: list[Process] = []

    def submit(self, *models: str) -> UUID:
        with unit_of_work(self.engine) as session:
            return service.submit(session, self.person, submission(*models))

    def states(self, job_id: UUID) -> list[str]:
        with unit_of_work(self.engine) as session:
            view = queries.job_view(session, self.person, job_id)
        assert view is not None
        return [card.state for card in view.cards]

    def both_under_way(self, job_id: UUID) -> bool:
        """Nothing waits any more, and what can be resumed has its reference."""
        with Session(self.engine) as session:
            resumable = session.execute(text("SELECT count(*) FROM calls WHERE reference IS NOT NULL"))
            return resumable.scalar_one() == 1 and "queued" not in self.states(job_id)

    def cookie(self) -> str:
        with unit_of_work(self.engine) as session:
            return f"session={users.start_session(session, self.person)}"

    def working(self) -> int:
        with Session(self.engine) as session:
            alive = "SELECT count(*) FROM workers WHERE seen_at > clock_timestamp() - interval '2 seconds'"
            return int(session.execute(text(alive)).scalar_one())


@contextmanager
def running(folder: Path, *words: str) -> Iterator[Process]:
    process = Process(folder, *words)
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.kill()


@pytest.fixture
def house(
    vendors: Simulator, database: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[House]:
    """Two of each, on a Postgres, and a Redis with a password that nobody of ours started."""
    vendors.reset()
    with ExitStack() as stack:
        redis = stack.enter_context(
            foreign_redis(
                tmp_path, ports.any_free(), "--requirepass", "let-us-in", "--maxmemory-policy", "noeviction"
            )
        )
        for name, value in QUICK.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("RUNTZ_REDIS_URL", f"redis://:let-us-in@{redis}")
        monkeypatch.setenv("RUNTZ_SIMULATOR_URL", vendors.url)
        monkeypatch.setenv("RUNTZ_IMAGES_DIR", str(tmp_path / "pictures"))
        monkeypatch.delenv("RUNTZ_DATA_DIR", raising=False)
        monkeypatch.setenv("RUNTZ_MASTER_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
        forget_configuration()
        with Session(db.get_engine(), expire_on_commit=False) as session:
            person = make_person(session)
        here = House(db.get_engine(), person, vendors)
        for number in (1, 2):
            port = ports.any_free()
            here.webs.append(f"http://127.0.0.1:{port}")
            here.web_processes.append(
                stack.enter_context(running(tmp_path / f"web{number}", "web", "--port", str(port)))
            )
            here.workers.append(stack.enter_context(running(tmp_path / f"worker{number}", "worker")))
        for url, process in zip(here.webs, here.web_processes, strict=True):
            until(lambda url=url, process=process: answers(url, process), "the pages answer", within=BUILDING)
        until(lambda: here.working() == 2, "both workers live")
        yield here
    get_settings.cache_clear()


def answers(url: str, process: Process) -> bool:
    process.require_alive()
    try:
        return httpx.get(f"{url}/ready", trust_env=False, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


class Watching:
    """A tab that remembers what it was told."""

    def __init__(self) -> None:
        self.frames: list[str] = []

    def saw(self, state: str) -> bool:
        return any(f'"{state}"' in frame for frame in self.frames)


@pytest.mark.slow
async def test_two_of_each_are_one_installation_and_either_may_die(house: House) -> None:
    house.simulator.latency(3.0)
    house.simulator.latency(HELD, "flux")
    job_id = house.submit(FLUX, OPENAI)
    cookie = house.cookie()
    async with aiohttp.ClientSession() as http:
        # One session is good at both, and one person's picture is there through either.
        watching = [Watching(), Watching()]
        tabs = [
            await Tab(http, url, cookie, f"/jobs/{job_id}", heard=seen.frames.append).open()
            for url, seen in zip(house.webs, watching, strict=True)
        ]

        # Whichever worker has them dies; the other one goes on by the reference, and says of the rest what is true.
        await asyncio.to_thread(until, lambda: house.both_under_way(job_id), "both are under way")
        with Session(house.engine) as session:
            names = (
                session.execute(text("SELECT DISTINCT worker FROM calls WHERE state = 'running'"))
                .scalars()
                .all()
            )
        busy = next(one for one in house.workers if any(f"-{one.process.pid}-" in name for name in names))
        busy.kill()
        house.simulator.latency(0.2, "flux")
        house.simulator.advance(HELD)
        await asyncio.to_thread(
            until, lambda: not {"queued", "running"} & set(house.states(job_id)), "the other worker ends it"
        )
        assert sorted(house.states(job_id)) in (["succeeded", "unknown"], ["succeeded", "succeeded"])
        for seen in watching:
            await asyncio.to_thread(until, lambda seen=seen: seen.saw("succeeded"), "it is live in this tab")

        # What is submitted now runs on the one that is left, and is seen on both sides.
        house.simulator.latency(0.2)
        second = house.submit(FLUX)
        await asyncio.to_thread(
            until, lambda: house.states(second) == ["succeeded"], "the one worker goes on"
        )
        image = await http.get(f"{house.webs[1]}/api/exports?job={second}", headers={"Cookie": cookie})
        assert image.status == 200

        # One web process dies: its tab closes, the other one lives on.
        house.web_processes[0].kill()
        await tabs[0].ended()
        third = Watching()
        job_id = house.submit(FLUX)
        other = await Tab(http, house.webs[1], cookie, f"/jobs/{job_id}", heard=third.frames.append).open()
        await asyncio.to_thread(until, lambda: third.saw("succeeded"), "the other web process goes on")
        assert tabs[1].alive
        await other.close()
        await tabs[1].close()

    left = next(one for one in house.workers if one is not busy)
    assert await asyncio.to_thread(left.stop) == 0, left.log.read_text()[-2000:]
    assert await asyncio.to_thread(house.web_processes[1].stop) == 0, house.web_processes[1].log.read_text()[
        -2000:
    ]
    assert len(house.simulator.calls("flux")) == 3, "nothing was bought twice"
