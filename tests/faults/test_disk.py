"""F50–F55: the disk is full, the power goes between two steps, files rot, collectors race. No half picture is shown."""

import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from runtz_core.db import unit_of_work
from runtz_core.images import removal, scrub
from runtz_core.images import service as images
from runtz_core.images.intake import Stored
from runtz_core.images.models import Blob
from runtz_core.images.store import BlobStore
from runtz_core.settings import PROJECT_ROOT, get_settings
from tests.faults.stand import FLUX, OPENAI, Stand
from tests.images.gallery import content, digest, hang
from tests.tasks.conftest import Worker, until

HOUR = 3600.0
ROUNDS = 40


def store() -> BlobStore:
    return BlobStore(get_settings().images_path)


def pictures() -> set[Path]:
    """Everything that is kept; drafts are looked at by the invariants."""
    return {path for folder in store().folders() for path in folder.iterdir()}


def limit(worker: Worker, size: int) -> None:
    """The largest file this worker may write: what a full disk says, for one process."""
    resource.prlimit(worker.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_f50_a_disk_that_is_full_fails_cards_and_keeps_nothing_half(blank: Stand) -> None:
    before = pictures()
    (worker,) = blank.workers
    limit(worker, 1_000)
    try:
        jobs = blank.crowd(5)
        blank.rest()
    finally:
        limit(worker, resource.RLIM_INFINITY)
    cards = [card for job_id in jobs for card in blank.view(job_id).cards]
    assert {card.failure for card in cards} == {"storage_full"}
    assert sum(blank.view(job_id).credits_charged for job_id in jobs) == 0
    assert pictures() == before
    job_id = blank.submit(FLUX)
    blank.check()
    assert blank.card(job_id).state == "succeeded", "it goes on by itself once there is room"


def test_f53_a_folder_that_may_not_be_written_keeps_calls_waiting(blank: Stand) -> None:
    drafts = store().root / "tmp"
    aside = drafts.with_name("tmp.aside")
    drafts.rename(aside)
    drafts.write_text("nobody can write here")
    try:
        jobs = blank.crowd(5)

        def said() -> bool:
            # The disk is asked every two seconds: what was started before it was asked again has failed.
            if all(blank.view(job_id).finished_at for job_id in jobs):
                jobs.append(blank.submit(FLUX))
            return "calls wait" in blank.log()

        until(said, "the worker says so")
        held = [card.state for job_id in jobs for card in blank.view(job_id).cards]
    finally:
        drafts.unlink()
        aside.rename(drafts)
    assert "succeeded" not in held
    blank.check()
    assert "the disk takes pictures again" in blank.log()


@pytest.mark.parametrize(
    "point",
    [
        *(
            pytest.param(point, marks=pytest.mark.slow)
            for point in ("after_write", "after_fsync", "stored", "settle")
        ),
        "after_rename",
    ],
)
def test_f51_killed_between_two_steps_only_orphans_stay_and_they_go_later(blank: Stand, point: str) -> None:
    blank.stop_workers()
    blank.anybody_killed = True
    dying = blank.start_worker(RUNTZ_CRASH=point)
    blank.crowd(4)
    blank.submit(OPENAI, samples=4)
    dying.process.wait(60)
    blank.stop_workers()
    blank.start_worker()
    blank.check()
    removal.collect_orphans(blank.engine, store(), now=time.time() + 25 * HOUR)
    with Session(blank.engine) as session:
        known = set(session.execute(select(col(Blob.sha256))).scalars())
    files = {store().named(path) for folder in store().folders() for path in folder.iterdir()}
    assert files == known, "every file has its row, every row its file"


def test_f54_collecting_races_with_entering_the_same_bytes(
    session: Session, database: Engine, person: UUID, tmp_path: Path
) -> None:
    here = BlobStore(tmp_path / "pictures")
    for number in range(ROUNDS):
        path = here.original(digest(number), "image/png")
        with here.draft(content(number)) as draft:
            here.publish((draft, path))
        then = time.time() - 48 * HOUR
        os.utime(path, (then, then))
        start = threading.Barrier(2)

        def enter(number: int = number, path: Path = path, start: threading.Barrier = start) -> None:
            start.wait()
            with here.draft(content(number)) as draft:
                here.publish((draft, path))
            stored = Stored(
                sha256=digest(number), size=len(content(number)), media_type="image/png", width=4, height=3
            )
            with unit_of_work(database) as session:
                images.record(session, user_id=person, call_id=None, stored=stored)

        thread = threading.Thread(target=enter)
        thread.start()
        start.wait()
        for _ in range(3):
            removal.collect_orphans(database, here)
        thread.join()
        assert path.read_bytes() == content(number)
    assert scrub.scrub(database, here).in_order


KILLED_HALFWAY = """
import os, signal
from runtz_core.db import get_engine
from runtz_core.images import scrub
from runtz_core.images.intake import get_store
rounds = iter(range(9))
scrub.scrub(get_engine(), get_store(), go_on=lambda: next(rounds) < 2 or os.kill(os.getpid(), signal.SIGKILL))
"""


def test_f55_a_scrub_killed_halfway_goes_on_to_exactly_all(
    session: Session, database: Engine, person: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = BlobStore(tmp_path / "pictures")
    monkeypatch.setenv("RUNTZ_IMAGES_DIR", str(here.root))
    hang(session, here, person, 330)
    killed = subprocess.run([sys.executable, "-c", KILLED_HALFWAY], cwd=PROJECT_ROOT, check=False)
    assert killed.returncode == -9
    report = scrub.scrub(database, here)
    assert (report.checked, report.population) == (330, 330)
    assert report.bytes == sum(len(content(number)) for number in sorted(range(330), key=digest)[200:]), (
        "what the killed one had noted is not read again"
    )
