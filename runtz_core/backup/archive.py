"""The file of a backup: a tar with the database's dump, the pictures, and last a list of hashes of all of it."""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database.dump"
KEY = "master.key"
PICTURES = "pictures/"
CHUNK = 1024 * 1024  # bytes
MANIFEST_BYTES = 1024 * 1024 * 1024  # ten million pictures; a longer one is none of ours


class BadArchive(Exception):
    """The file is no backup, or is damaged; the text says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file inside."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an archive holds. `rows` counts every table at that moment, `missing` names pictures it lacks."""

    made_at: str
    revision: str
    rows: dict[str, int]
    members: dict[str, Member]
    missing: list[str] = field(default_factory=list)
    format: int = FORMAT

    @property
    def pictures(self) -> int:
        """Originals inside."""
        return sum(name.startswith(f"{PICTURES}blobs/") for name in self.members)

    @property
    def has_key(self) -> bool:
        """Whether the master key is inside: then the file opens saved provider keys."""
        return KEY in self.members


class Writer:
    """Adds files one after another; what was added is remembered with its hash."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.members: dict[str, Member] = {}

    def add(self, name: str, path: Path) -> str:
        """Copy a file in; returns the SHA-256 of what was copied. Raises OSError."""
        with path.open("rb") as file:
            info = tarfile.TarInfo(name)
            info.size = os.fstat(file.fileno()).st_size
            info.mode = 0o600
            hashing = _Hashing(file)
            self._tar.addfile(info, hashing)
        self.members[name] = Member(size=info.size, sha256=hashing.digest.hexdigest())
        return self.members[name].sha256

    def close(self, manifest: Manifest) -> None:
        """Write the list, which makes the archive whole."""
        data = json.dumps(asdict(manifest)).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(data), 0o600
        self._tar.addfile(info, io.BytesIO(data))


class _Hashing:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


@contextmanager
def writing(target: Path) -> Iterator[Writer]:
    """An archive that appears as `target` when the block ends well, and leaves nothing behind otherwise.

    Raises FileExistsError when `target` is there, OSError.
    """
    if target.exists():
        raise FileExistsError(target)
    partial = target.with_name(f"{target.name}.partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield Writer(tar)
            file.flush()
            os.fsync(file.fileno())
        verify(partial)
        partial.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        partial.unlink(missing_ok=True)


def verify(
    archive: Path, *, take: Callable[[str, IO[bytes]], None] | None = None, known: Manifest | None = None
) -> Manifest:
    """Read all of it and compare every file with the list. Raises BadArchive, OSError.

    `take(name, file)` is given each file that `known`, the list read before, holds; it reads what it wants,
    and its bytes are compared after it.
    """
    seen: dict[str, Member] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(archive, mode="r:") as tar:
            for info in tar:
                file = tar.extractfile(info)
                if file is None or manifest is not None or info.name in seen:
                    raise BadArchive("it holds something that no backup holds")
                if info.name == MANIFEST:
                    if info.size > MANIFEST_BYTES:
                        raise BadArchive("its list is too long")
                    manifest = _read(file.read())
                    continue
                hashing = _Hashing(file)
                if take is not None and known is not None and info.name in known.members:
                    take(info.name, hashing)  # type: ignore[arg-type]
                while hashing.read(CHUNK):
                    pass
                seen[info.name] = Member(size=info.size, sha256=hashing.digest.hexdigest())
    except (tarfile.TarError, EOFError) as error:
        raise BadArchive(f"it cannot be read: {error}") from error
    if manifest is None:
        raise BadArchive("its end is missing, so it was cut short")
    wrong = [name for name, member in manifest.members.items() if seen.get(name) != member]
    if wrong:
        raise BadArchive(f"{len(wrong)} of its files are damaged or missing, {wrong[0]} for one")
    if set(seen) != set(manifest.members) or DATABASE not in seen:
        raise BadArchive("what it holds is not what its list says")
    return manifest


def _read(data: bytes) -> Manifest:
    try:
        raw = json.loads(data)
        if raw["format"] != FORMAT:
            raise BadArchive(f"it has format {raw['format']!r} and this version reads format {FORMAT}")
        members = {name: Member(**member) for name, member in raw.pop("members").items()}
        return Manifest(members=members, **raw)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadArchive("its list cannot be read") from error
