"""The state of a picture's file on disk: whole or not, set aside when it is not, and room for more."""

import hashlib
import os
import shutil
from enum import StrEnum
from pathlib import Path
from uuid import uuid4

from runtz_core.images.errors import StorageFull
from runtz_core.images.store import BlobStore, refusals_named

CHUNK = 1024 * 1024  # bytes
PROBE = bytes(512)


class Damage(StrEnum):
    """What is wrong with a stored file."""

    MISSING = "missing"
    SHORT = "short"
    CHANGED = "changed"
    UNREADABLE = "unreadable"


def damage_of(path: Path, *, sha256: str, size: int) -> Damage | None:
    """What is wrong with the file that should hold `size` bytes of this hash; None when it is whole."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size < size:
                return Damage.SHORT
            while chunk := file.read(CHUNK):
                digest.update(chunk)
            # Read once and not needed again: leave the cache to what people look at.
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    except FileNotFoundError:
        return Damage.MISSING
    except OSError:
        return Damage.UNREADABLE
    return None if digest.hexdigest() == sha256 else Damage.CHANGED


def set_aside(store: BlobStore, path: Path) -> Path | None:
    """Move a damaged file where nobody serves it, for a person to look at. None when there is no file."""
    folder = store.root / "quarantine"
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f"{path.stem}-{uuid4().hex[:8]}{path.suffix}"
    try:
        path.replace(aside)
    except FileNotFoundError:
        return None
    return aside


def require_room(store: BlobStore, *, least: int) -> None:
    """Raises StorageFull unless a file can be written here and `least` bytes are free."""
    with refusals_named():
        folder = store.root / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if free < least:
            raise StorageFull(
                f"Only {free / 2**20:,.0f} MB are free where pictures are kept, and {least / 2**20:,.0f} MB are "
                "kept free. Make room; what waits goes on by itself."
            )
        probe = folder / f"probe-{uuid4().hex}"
        try:
            with probe.open("xb") as file:
                file.write(PROBE)
                file.flush()
                os.fsync(file.fileno())
        finally:
            probe.unlink(missing_ok=True)
