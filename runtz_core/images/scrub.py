"""Looking at every stored picture: bit flips, cut files and lost files are found, set aside and flagged.

A round writes down what it has seen after every hundred files, so a killed one goes on where it was. What it
reports is counted in the database afterwards, never in memory: either every picture there was when the round
began has been looked at since, or the round has failed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, func, or_, select, text, update
from sqlmodel import Session, col

from runtz_core.db import unit_of_work
from runtz_core.images.condition import Damage, damage_of, set_aside
from runtz_core.images.models import Blob, Image, Scrub
from runtz_core.images.store import BlobStore

BATCH = 100  # files between two notes of how far it is
SHOWN = 50  # damaged pictures named in a report
_LOCK = 0x52554E21


class ScrubBusy(Exception):
    """Another process is looking at the pictures just now."""


class FolderMissing(Exception):
    """The database knows pictures and the folder of pictures is not there: probably the wrong one is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """A file that is not what was stored, and the pictures of people that it was."""

    sha256: str
    damage: str
    images: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a round found. `population` is every picture file that should be there, `new` what is newly damaged."""

    population: int
    checked: int
    bytes: int
    new: int
    healed: int
    stopped: bool
    damaged: list[Damaged] = field(default_factory=list)  # the first SHOWN, old ones included
    damaged_in_all: int = 0

    @property
    def complete(self) -> bool:
        """Whether every file was looked at."""
        return self.checked == self.population and not self.stopped

    @property
    def in_order(self) -> bool:
        """Whether every file was looked at and every one is whole."""
        return self.complete and self.damaged_in_all == 0

    def lines(self) -> Iterator[str]:
        """The report as people read it."""
        yield f"Looked at {self.checked:,} of {self.population:,} pictures ({self.bytes / 1e6:,.1f} MB just now)."
        for one in self.damaged:
            yield f"DAMAGED  {one.damage:<10} {one.sha256}  pictures: {', '.join(one.images) or 'none any more'}"
        if self.damaged_in_all > len(self.damaged):
            yield f"         … and {self.damaged_in_all - len(self.damaged):,} more"
        if self.healed:
            yield f"{self.healed:,} that were damaged are whole again."
        if self.stopped:
            yield "Stopped; the next scrub goes on from here."
        elif not self.complete:
            yield "FAILED: not every picture was looked at. Run it again, and report this if it stays so."
        elif self.damaged_in_all:
            yield (
                "Damaged files were set aside in quarantine/ and are shown to nobody. To bring them back, put the "
                "file from a backup into its place under blobs/ and scrub again."
            )
        else:
            yield "Every picture is as it was stored."

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {"complete": self.complete, "in_order": self.in_order, **asdict(self)}


def scrub(
    engine: Engine,
    store: BlobStore,
    *,
    go_on: Callable[[], bool] = lambda: True,
    seen: Callable[[int, int], None] = lambda checked, population: None,
) -> Report:
    """Finish the round that was begun, or go through a new one, while `go_on()`.

    `seen(checked, population)` is told after every batch. Raises ScrubBusy; FolderMissing, before anything
    is flagged; OSError when a damaged file cannot be moved.
    """
    with _alone(engine):
        with unit_of_work(engine) as session:
            started = _round(session).started_at
            if _counts(session, started)[1] and not (store.root / "blobs").is_dir():
                raise FolderMissing(store.root)
        looked, new, healed, after = 0, 0, 0, ""
        going = go_on()
        while going:
            with unit_of_work(engine) as session:
                batch = _next(session, started, after)
            if not batch:
                if not after:
                    break
                after = ""  # once more from the beginning: rows may have come in behind us
                continue
            after = batch[-1].sha256
            found = {blob.sha256: _look(store, blob) for blob in batch}
            with unit_of_work(engine) as session:
                healed += _pass(session, [blob for blob in batch if found[blob.sha256] is None])
            for blob in batch:
                if found[blob.sha256] is not None:
                    with unit_of_work(engine) as session:
                        new += _flag(session, store, blob.sha256)
            looked += sum(blob.size for blob in batch)
            with unit_of_work(engine) as session:
                seen(*_counts(session, started))
            going = go_on()
        with unit_of_work(engine) as session:
            return _close(session, looked=looked, new=new, healed=healed, stopped=not going)


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """One at a time; the lock is the connection's, so it ends with a killed process."""
    with engine.connect() as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK}).scalar_one():
            raise ScrubBusy
        connection.commit()
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()


def _round(session: Session) -> Scrub:
    found = session.execute(select(Scrub).where(col(Scrub.finished_at).is_(None))).scalar_one_or_none()
    if found is None:
        found = Scrub()
        session.add(found)
        session.flush()
        session.refresh(found)
    return found


def _of_round(started: datetime) -> ColumnElement[bool]:
    return col(Blob.created_at) <= started


def _next(session: Session, started: datetime, after: str) -> list[Blob]:
    unseen = or_(col(Blob.checked_at).is_(None), col(Blob.checked_at) < started)
    query = select(Blob).where(_of_round(started), unseen, col(Blob.sha256) > after)
    return list(session.execute(query.order_by(col(Blob.sha256)).limit(BATCH)).scalars())


def _look(store: BlobStore, blob: Blob) -> Damage | None:
    return damage_of(store.original(blob.sha256, blob.media_type), sha256=blob.sha256, size=blob.size)


def _pass(session: Session, whole: list[Blob]) -> int:
    """Note that these are as they were stored; returns how many of them were not when last looked at."""
    session.execute(
        update(Blob)
        .where(col(Blob.sha256).in_([blob.sha256 for blob in whole]))
        .values(checked_at=func.clock_timestamp(), damage=None)
    )
    return sum(blob.damage is not None for blob in whole)


def _flag(session: Session, store: BlobStore, sha256: str) -> bool:
    """Set a damaged file aside and say so in its row; returns whether that is news."""
    blob = session.get(Blob, sha256, with_for_update=True)
    if blob is None:
        return False  # removed meanwhile, with its file
    # Once more under the lock: somebody may have stored the same bytes anew since.
    found, before = _look(store, blob), blob.damage
    if found is not None:
        set_aside(store, store.original(blob.sha256, blob.media_type))
    kept = before if found is Damage.MISSING and before is not None else found
    session.execute(
        update(Blob).where(col(Blob.sha256) == sha256).values(checked_at=func.clock_timestamp(), damage=kept)
    )
    return found is not None and before is None


def _counts(session: Session, started: datetime) -> tuple[int, int]:
    """Pictures of this round that were looked at, and all of them."""
    checked = func.count().filter(col(Blob.checked_at) >= started)
    row = session.execute(select(checked, func.count()).select_from(Blob).where(_of_round(started))).one()
    return row[0], row[1]


def _close(session: Session, *, looked: int, new: int, healed: int, stopped: bool) -> Report:
    this = _round(session)
    this.checked, this.population = _counts(session, this.started_at)
    bad = select(func.count()).select_from(Blob).where(col(Blob.damage).is_not(None))
    this.damaged = session.execute(bad).scalar_one()
    session.add(this)
    session.flush()
    if this.checked == this.population and not stopped:
        session.execute(
            update(Scrub).where(col(Scrub.id) == this.id).values(finished_at=func.clock_timestamp())
        )
    return Report(
        population=this.population,
        checked=this.checked,
        bytes=looked,
        new=new,
        healed=healed,
        stopped=stopped,
        damaged=_damaged(session),
        damaged_in_all=this.damaged,
    )


def _damaged(session: Session) -> list[Damaged]:
    images = func.array_remove(func.array_agg(col(Image.id)), None)
    rows = session.execute(
        select(col(Blob.sha256), col(Blob.damage), images)
        .join(Image, col(Image.sha256) == col(Blob.sha256), isouter=True)
        .where(col(Blob.damage).is_not(None))
        .group_by(col(Blob.sha256))
        .order_by(col(Blob.sha256))
        .limit(SHOWN)
    )
    return [
        Damaged(sha256=sha256, damage=damage, images=[str(image_id) for image_id in ids or []])
        for sha256, damage, ids in rows
    ]
