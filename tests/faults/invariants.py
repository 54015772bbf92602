"""What must be true after every fault, whatever it was (I1 to I13), by one look at database, disk, books and log.

I14, that the page shows it, is looked at in a browser: `tests/e2e`.
"""

import hashlib
import io
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
from PIL import Image as Pillow
from sqlalchemy import Engine, text
from sqlmodel import Session

from runtz_core.credits import books
from runtz_core.images.store import BlobStore
from runtz_sim.ledger import digest

MOST_MEMORY = 700 * 2**20  # bytes of a worker and its decode processes
MOST_DESCRIPTORS = 400


@dataclass(kw_only=True)
class Scene:
    """What is looked at."""

    engine: Engine
    store: BlobStore
    orders: list[dict[str, Any]]  # the vendors' own books
    accepted: list[UUID]  # jobs that a person was told are under way
    secrets: tuple[str, ...] = ()  # must be nowhere
    log: str = ""
    workers: tuple[int, ...] = ()  # processes that must have stayed small
    anybody_killed: bool = False  # then a file may be without a row until it is collected
    looked_at: set[str] = field(default_factory=set)  # pictures that were opened before


def require(scene: Scene) -> None:
    """Fails with every invariant that does not hold."""
    found = list(_broken(scene))
    assert not found, "\n".join(found)


def _broken(scene: Scene) -> Iterator[str]:
    with Session(scene.engine) as session:
        report = books.check(session, at_rest=True)
    for check in report.checks:
        if not check.holds:
            yield f"{check.invariant} {check.claim}: {check.rows[:3]}"
    with Session(scene.engine) as session:
        yield from _jobs_end(session, scene.accepted)
        yield from _bought_once(session, scene.orders)
        yield from _pictures_whole(session, scene)
        yield from _nothing_crosses(session)
        yield from _no_secret(session, scene)
    yield from _bounded(scene.workers)


def _jobs_end(session: Session, accepted: Iterable[UUID]) -> Iterator[str]:
    rows = session.execute(
        text(
            "SELECT job_id, bool_and(state NOT IN ('queued', 'running')) AS ended FROM calls GROUP BY job_id"
        )
    )
    ended = {row.job_id: row.ended for row in rows}
    for job_id in accepted:
        if job_id not in ended:
            yield f"I7 job {job_id} was accepted and is gone"
        elif not ended[job_id]:
            yield f"I7 job {job_id} never ends"


def _bought_once(session: Session, orders: list[dict[str, Any]]) -> Iterator[str]:
    """No call was paid for twice: a vendor billed a prompt at most as often as there are calls for it."""
    rows = session.execute(
        text("SELECT provider, request ->> 'prompt' AS prompt FROM calls WHERE kind = 'generate'")
    )
    calls = Counter((_vendor(row.provider), digest(row.prompt or "")) for row in rows)
    billed = Counter((order["vendor"], order["prompt_digest"]) for order in orders if order["billed"])
    for key, times in billed.items():
        forgotten = (key[0], digest(""))  # of somebody who left; their words are gone
        if not calls[key] and times <= calls[forgotten]:
            calls[forgotten] -= times
        elif times > calls[key]:
            yield f"I8 {key[0]} billed {times} pictures for {calls[key]} calls of one prompt"


def _vendor(provider: str) -> str:
    return "compatible" if provider.startswith("custom-") else provider


def _pictures_whole(session: Session, scene: Scene) -> Iterator[str]:
    rows = session.execute(text("SELECT sha256, media_type, size FROM blobs")).all()
    session.rollback()  # reading the files may take longer than a transaction may idle
    known: set[Path] = set()
    for row in rows:
        path = scene.store.original(row.sha256, row.media_type)
        known |= {path, *(scene.store.thumbnail(row.sha256, width) for width in (320, 1024))}
        if not path.is_file() or not scene.store.thumbnail(row.sha256, 320).is_file():
            yield f"I9 {row.sha256} has a row and no file"
        elif row.sha256 not in scene.looked_at:
            scene.looked_at.add(row.sha256)
            yield from _picture_whole(path, row.sha256, row.size)
    if not _drafts_end(scene):
        yield "I10 something is still being written"
    if not scene.anybody_killed:
        files = {path for folder in scene.store.folders() for path in folder.iterdir()}
        if strays := files - known:
            yield f"I10 files without a row: {sorted(map(str, strays))[:3]}"


def _drafts_end(scene: Scene) -> bool:
    """Whether no draft stays; a worker that is well makes some in passing, to see whether it may write."""
    pause = threading.Event()
    for _ in range(200):
        if scene.anybody_killed:
            scene.store.discard_drafts(before=time.time() + 60)
        if not list((scene.store.root / "tmp").glob("*")):
            return True
        pause.wait(0.05)
    return False


def _picture_whole(path: Path, sha256: str, size: int) -> Iterator[str]:
    data = path.read_bytes()
    if len(data) != size or hashlib.sha256(data).hexdigest() != sha256:
        yield f"I9 {path.name} is not what its name says"
        return
    with Pillow.open(io.BytesIO(data)) as picture:
        picture.load()


def _nothing_crosses(session: Session) -> Iterator[str]:
    crossed = session.execute(
        text(
            "SELECT images.id FROM images JOIN calls ON calls.id = images.call_id "
            "LEFT JOIN jobs ON jobs.id = calls.job_id "
            "WHERE images.user_id <> calls.user_id OR jobs.user_id <> calls.user_id"
        )
    ).all()
    if crossed:
        yield f"I11 {len(crossed)} pictures belong to somebody else than their call"


def _no_secret(session: Session, scene: Scene) -> Iterator[str]:
    for secret in scene.secrets:
        if secret in scene.log:
            yield f"I12 the log tells {secret[:6]}…"
    keys = [secret for secret in scene.secrets if secret.startswith("key-")]
    for table in ("calls", "lanes", "audit_entries"):
        for key in keys:
            query = text(f"SELECT count(*) FROM {table} AS row WHERE row::text LIKE :what")  # noqa: S608
            if session.execute(query, {"what": f"%{key}%"}).scalar_one():
                yield f"I12 {table} tells {key[:6]}…"


def _bounded(workers: Iterable[int]) -> Iterator[str]:
    for pid in workers:
        process = psutil.Process(pid)
        memory = sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])
        if memory > MOST_MEMORY:
            yield f"I13 a worker takes {memory // 2**20} MiB"
        if process.num_fds() > MOST_DESCRIPTORS:
            yield f"I13 a worker holds {process.num_fds()} descriptors"
