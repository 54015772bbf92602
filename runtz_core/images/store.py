"""The only module that touches picture files: where they lie, and how one comes to lie there whole."""

import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from runtz_core.crashpoints import crashpoint
from runtz_core.images.errors import StorageFull
from runtz_core.images.formats import FORMATS

SMALL = 320  # pixels wide: cards and grids; a picture is not ready without it (D6)
LARGE = 1024  # pixels wide: the comparison on a big screen; made later
WIDTHS = (SMALL, LARGE)

_SHA256 = re.compile(r"[0-9a-f]{64}")

_REFUSALS = {
    errno.ENOSPC: "The disk is full; free some space and try again.",
    errno.EDQUOT: "The disk quota is used up; free some space and try again.",
    errno.EFBIG: "This disk or process may not hold a file as large as this picture.",
    errno.EROFS: "The folder of pictures is read-only; make it writable and try again.",
    errno.EACCES: "The folder of pictures may not be written to; correct its permissions and try again.",
    errno.EPERM: "The folder of pictures may not be written to; correct its permissions and try again.",
}


@contextmanager
def refusals_named() -> Iterator[None]:
    """Turn whatever the operating system says about a file into StorageFull with a sentence for people."""
    try:
        yield
    except OSError as refusal:
        said = f"The disk would not take the picture: {refusal.strerror or 'unknown reason'}."
        raise StorageFull(_REFUSALS.get(refusal.errno or 0, said)) from refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Bytes written under a temporary name: readable at once, safe against power loss after `sync`."""

    path: Path
    size: int
    sync: Callable[[], None]


class BlobStore:
    """Pictures under one folder, named by the hash of their bytes and never rewritten (D6).

    Methods that write raise OSError; wrap them in `refusals_named` where a person will read about it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def original(self, sha256: str, media_type: str) -> Path:
        """Where the bytes as received lie. Raises ValueError for what is no hash or no format of ours."""
        if media_type not in FORMATS:
            raise ValueError(f"{media_type!r} is not a picture format kept here")
        return self._place("blobs", sha256, f".{FORMATS[media_type].extension}")

    def thumbnail(self, sha256: str, width: int) -> Path:
        """Where the WebP of this width (320 or 1024 pixels) lies. Raises ValueError for anything else."""
        if width not in WIDTHS:
            raise ValueError(f"thumbnails are {' or '.join(map(str, WIDTHS))} pixels wide, not {width}")
        return self._place("thumbs", sha256, f"-{width}.webp")

    def _place(self, kind: str, sha256: str, ending: str) -> Path:
        if not _SHA256.fullmatch(sha256):  # so no name can lead out of the root
            raise ValueError("a picture is named by 64 lower-case hexadecimal digits")
        return self.root / kind / sha256[:2] / sha256[2:4] / f"{sha256}{ending}"

    def folders(self) -> Iterator[Path]:
        """Every folder that may hold pictures or thumbnails."""
        for kind in ("blobs", "thumbs"):
            yield from (folder for folder in sorted((self.root / kind).glob("??/??")) if folder.is_dir())

    def named(self, path: Path) -> str | None:
        """The hash that a file in one of the `folders` is named by; None for what is not ours."""
        found = _SHA256.match(path.name)
        return found[0] if found else None

    @contextmanager
    def draft(self, data: bytes) -> Iterator[Draft]:
        """`data` in a temporary file on the same disk, gone afterwards unless it was published."""
        folder = self.root / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / uuid4().hex
        try:
            with path.open("xb") as file:
                file.write(data)
                file.flush()
                crashpoint("after_write")
                yield Draft(path=path, size=len(data), sync=lambda: os.fsync(file.fileno()))
        finally:
            path.unlink(missing_ok=True)

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """An empty temporary file that somebody else fills; gone afterwards."""
        folder = self.root / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / uuid4().hex
        try:
            path.touch(exist_ok=False)
            yield path
        finally:
            path.unlink(missing_ok=True)

    def publish(self, *moves: tuple[Draft, Path]) -> None:
        """Give synced drafts their final names, and return when the names are on disk too.

        A file already there with the right size is left alone: equal names mean equal bytes, so two
        callers with the same picture cannot harm each other. One cut short by a fault is replaced.
        """
        changed: dict[Path, None] = {}
        for draft, final in moves:
            changed.update(dict.fromkeys(_make_folder(final.parent)))
            if not _freshened(final, draft.size):
                draft.path.replace(final)
            crashpoint("after_rename")
            changed[final.parent] = None  # even when it was there: its author may not have synced yet
        # After all renames, because one journal commit then serves every folder.
        for folder in changed:
            _sync_folder(folder)

    def discard_drafts(self, *, before: float) -> int:
        """Remove drafts last written before this epoch second, left by a killed process; returns how many."""
        gone = 0
        for path in (self.root / "tmp").glob("*"):
            try:
                if path.stat().st_mtime < before:
                    path.unlink()
                    gone += 1
            except FileNotFoundError:
                continue  # its owner finished it meanwhile
        return gone


def _freshened(path: Path, size: int) -> bool:
    """Whether a whole file is there already; it then counts as new, so that it is not removed as unused."""
    try:
        whole = path.stat().st_size == size
        if whole:
            os.utime(path)
    except FileNotFoundError:
        return False
    return whole


def _make_folder(folder: Path) -> list[Path]:
    """Make `folder`; returns the folders that got a new entry by it and so need a sync."""
    if folder.is_dir():
        return []
    above = _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    return [*above, folder.parent]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
