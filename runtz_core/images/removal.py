"""Taking pictures away: the rows at once, the files once nobody can be about to use them."""

import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import Engine, delete, select
from sqlmodel import Session, col

from runtz_core.db import unit_of_work
from runtz_core.images.intake import get_store
from runtz_core.images.models import Blob, Image
from runtz_core.images.service import hold_bytes
from runtz_core.images.store import WIDTHS, BlobStore

# A picture is entered within seconds of its file being written or found again (`publish` freshens it).
GRACE = 3600.0  # seconds
LIMIT = 500  # files looked at by one call
ORPHANED = (
    24 * 3600.0
)  # seconds after which a file without a row belongs to nobody: no picture takes a day to enter


def forget_all(session: Session, user_id: UUID) -> None:
    """No picture is this person's any more; the files go with the next `remove_unused`."""
    session.execute(delete(Image).where(col(Image.user_id) == user_id))


def remove_unused(
    session: Session, *, store: BlobStore | None = None, now: float | None = None, grace: float = GRACE
) -> int:
    """Remove blobs that no picture uses, row and files, when their file is older than `grace` seconds.

    Blobs are shared by equal bytes. Somebody who is storing the same bytes just now has freshened the file,
    or waits for our lock and enters the blob anew: a picture never loses its file to this. Returns how many.
    """
    store, oldest = store or get_store(), (time.time() if now is None else now) - grace
    used = select(col(Image.id)).where(col(Image.sha256) == col(Blob.sha256))
    unused = session.execute(
        select(Blob)
        .where(~used.exists())
        .order_by(col(Blob.sha256))
        .limit(LIMIT)
        .with_for_update(skip_locked=True)
    ).scalars()
    return sum(_remove(session, store, blob, oldest) for blob in unused.all())


def _remove(session: Session, store: BlobStore, blob: Blob, oldest: float) -> bool:
    if session.execute(select(col(Image.id)).where(col(Image.sha256) == blob.sha256).limit(1)).first():
        return False  # entered between the search and our lock
    if not _gone(store.original(blob.sha256, blob.media_type), store, oldest):
        return False
    for width in WIDTHS:
        store.thumbnail(blob.sha256, width).unlink(missing_ok=True)
    session.delete(blob)
    session.flush()
    return True


def collect_orphans(
    engine: Engine, store: BlobStore, *, now: float | None = None, grace: float = ORPHANED
) -> int:
    """Remove picture files that no row knows and that are older than `grace` seconds. Returns how many.

    A worker that died between writing a file and entering it leaves one. Whether a row has come meanwhile is
    asked again under the lock of these bytes, which whoever enters them holds too.
    """
    oldest, gone = (time.time() if now is None else now) - grace, 0
    for folder in store.folders():
        files = {path: sha256 for path in folder.iterdir() if (sha256 := store.named(path))}
        with unit_of_work(engine) as session:
            known = set(
                session.execute(
                    select(col(Blob.sha256)).where(col(Blob.sha256).in_(set(files.values())))
                ).scalars()
            )
        for path, sha256 in files.items():
            if sha256 not in known:
                with unit_of_work(engine) as session:
                    gone += _collect(session, store, path, sha256, oldest)
    return gone


def _collect(session: Session, store: BlobStore, path: Path, sha256: str, oldest: float) -> bool:
    if not hold_bytes(session, sha256, wait=False) or session.get(Blob, sha256) is not None:
        return False
    return path.exists() and _gone(path, store, oldest)


def _gone(path: Path, store: BlobStore, oldest: float) -> bool:
    """Remove a file unless it is younger than `oldest`, also when it becomes so meanwhile."""
    with suppress(FileNotFoundError):
        if path.stat().st_mtime > oldest:
            return False
        aside = store.root / "tmp" / uuid4().hex
        aside.parent.mkdir(parents=True, exist_ok=True)
        path.replace(aside)  # from here on, whoever stores these bytes writes them anew
        if aside.stat().st_mtime > oldest:
            aside.replace(path)
            return False
        aside.unlink()
    return True
