"""A selection of pictures as the entries of one ZIP: untouched originals, a JSON each, one CSV."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from uuid import UUID

from sqlmodel import Session

from runtz_core.archive.sidecar import sidecars, table, written
from runtz_core.images.intake import get_store
from runtz_core.images.store import BlobStore

MANIFEST = "runtz.json"
ARCHIVE_FORMAT, ARCHIVE_VERSION = "runtz-archive", 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveEntry:
    """One file of a ZIP: either a file on the disk, sent as it is, or bytes made here."""

    name: str
    moment: datetime
    path: Path | None = None
    data: bytes = b""


def entries(
    session: Session,
    user_id: UUID,
    image_ids: Sequence[UUID],
    *,
    store: BlobStore | None = None,
    names: Mapping[UUID, str] | None = None,
) -> list[ArchiveEntry]:
    """Everything known of these pictures, in a fixed order; equal pictures give equal archives. [] for none.

    `names` are other names for some of them. A picture whose file is missing from the disk is left out. Nothing is
    read but rows: files are opened when sent.
    """
    store = store or get_store()
    found, told = [], []
    for usual, facts in sidecars(session, user_id, image_ids):
        name = (names or {}).get(UUID(facts["id"]), usual)
        path = store.original(facts["sha256"], facts["media_type"])
        if not path.is_file():
            continue
        moment = datetime.fromisoformat(facts["created_at"])
        found.append(ArchiveEntry(name=name, moment=moment, path=path))
        side = str(PurePosixPath(name).with_suffix(".json"))
        found.append(ArchiveEntry(name=side, moment=moment, data=written(facts)))
        told.append((name, facts))
    if not told:
        return []
    newest = max(entry.moment for entry in found)
    manifest = {"format": ARCHIVE_FORMAT, "version": ARCHIVE_VERSION, "pictures": len(told)}
    return [
        ArchiveEntry(name=MANIFEST, moment=newest, data=written(manifest)),
        ArchiveEntry(name="pictures.csv", moment=newest, data=table(told)),
        *found,
    ]
