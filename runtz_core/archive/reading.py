"""ZIPs from anywhere, looked at before anything is unpacked: names, sizes, bombs, and whether all is there."""

import json
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from runtz_core.archive.sidecar import FORMAT, VERSION
from runtz_core.archive.writing import ARCHIVE_FORMAT, MANIFEST
from runtz_core.images.formats import FORMATS
from runtz_core.settings import Limits

MOST_JSON = 2 * 2**20  # bytes of one sidecar
MOST_SWELLING = 200  # times; photographs do not shrink, and JSON does by ten
PICTURES = frozenset({"jpeg", *(form.extension for form in FORMATS.values())})
LONGEST_NAME = 240  # characters, as most disks
PIECE = 256 * 1024


class BadArchive(Exception):
    """This ZIP is not taken. `problem` is one sentence for people; nothing was imported."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A picture in a ZIP: `facts` is its sidecar, None in a plain ZIP of pictures."""

    entry: zipfile.ZipInfo
    facts: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What can be imported, and how many files are none of ours."""

    pictures: tuple[Found, ...]
    skipped: int


def opened(path: Path) -> zipfile.ZipFile:
    """The ZIP at `path`, its directory read. Raises BadArchive."""
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError):
        raise BadArchive(
            "This is not a whole ZIP file; download or pack it again. Nothing was imported."
        ) from None


def contents(archive: zipfile.ZipFile, limits: Limits) -> Contents:
    """What is inside. Raises BadArchive for everything that a well-meant archive never has."""
    files = [entry for entry in archive.infolist() if not entry.is_dir()]
    _check(files, limits)
    by_name = {entry.filename: entry for entry in files}
    pictures = [entry for entry in files if _ending(entry.filename) in PICTURES]
    if len(pictures) > limits.import_pictures:
        raise BadArchive(
            f"It holds {len(pictures):,} pictures; at most {limits.import_pictures:,} are taken at once. "
            "Divide it. Nothing was imported."
        )
    if not pictures:
        raise BadArchive("There are no PNG, JPEG, WebP or AVIF pictures in it. Nothing was imported.")
    if MANIFEST not in by_name:
        return Contents(
            pictures=tuple(Found(entry=entry) for entry in pictures), skipped=len(files) - len(pictures)
        )
    manifest = _json(archive, by_name[MANIFEST])
    if manifest.get("format") != ARCHIVE_FORMAT or manifest.get("version") != 1:
        raise BadArchive("It was made by a newer version of Runtz; update this one. Nothing was imported.")
    if manifest.get("pictures") != len(pictures):
        raise BadArchive("Pictures are missing from it; export it again. Nothing was imported.")
    found = tuple(Found(entry=entry, facts=_facts(archive, entry, by_name)) for entry in pictures)
    return Contents(pictures=found, skipped=len(files) - 2 * len(pictures) - 2)


def _check(files: list[zipfile.ZipInfo], limits: Limits) -> None:
    seen: set[str] = set()
    total = 0
    if len(files) > 4 * limits.import_pictures:
        raise BadArchive(f"It holds {len(files):,} files, which is too many. Nothing was imported.")
    for entry in files:
        name = entry.filename
        if not is_safe(name):
            raise BadArchive(f"A name in it leads elsewhere or is none: {name[:60]!r}. Nothing was imported.")
        if name.casefold() in seen:
            raise BadArchive(f"Two files in it have the same name: {name[:60]!r}. Nothing was imported.")
        seen.add(name.casefold())
        if entry.flag_bits & 0x1:
            raise BadArchive("It is locked with a password; unpack it first. Nothing was imported.")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise BadArchive(f"A link is in it: {name[:60]!r}. Nothing was imported.")
        if entry.file_size > limits.image_bytes:
            raise BadArchive(
                f"{name[:60]!r} is larger than {limits.image_bytes >> 20} MB. Nothing was imported."
            )
        if entry.file_size > MOST_JSON and entry.file_size > MOST_SWELLING * max(1, entry.compress_size):
            raise BadArchive(f"{name[:60]!r} swells far too much when unpacked. Nothing was imported.")
        total += entry.file_size
    if total > limits.import_bytes:
        raise BadArchive(f"Unpacked it is larger than {limits.import_bytes >> 30} GB. Nothing was imported.")


def is_safe(name: str) -> bool:
    """Whether a name is one of a file inside: no way out, no drive, no control characters, not too long."""
    parts = PurePosixPath(name).parts
    return (
        bool(parts)
        and len(name) <= LONGEST_NAME
        and not name.startswith("/")
        and "\\" not in name
        and ":" not in name
        and ".." not in parts
        and all(character.isprintable() for character in name)
    )


def _ending(name: str) -> str:
    hidden = PurePosixPath(name).name.startswith(".") or "__MACOSX" in PurePosixPath(name).parts
    return "" if hidden else PurePosixPath(name).suffix.lower().removeprefix(".")


def _facts(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, by_name: dict[str, zipfile.ZipInfo]
) -> dict[str, Any]:
    side = by_name.get(str(PurePosixPath(entry.filename).with_suffix(".json")))
    if side is None:
        raise BadArchive(f"The JSON beside {entry.filename[:60]!r} is missing. Nothing was imported.")
    facts = _json(archive, side)
    if facts.get("format") != FORMAT or facts.get("version") != VERSION:
        raise BadArchive(f"The JSON beside {entry.filename[:60]!r} is none of ours. Nothing was imported.")
    return facts


def _json(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> dict[str, Any]:
    try:
        found = json.loads(unpacked(archive, entry, MOST_JSON))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadArchive(f"{entry.filename[:60]!r} cannot be read. Nothing was imported.")
    return found


def unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """The bytes of one file, never more than `most`, whatever its header says. Raises BadArchive."""
    data = bytearray()
    try:
        with archive.open(entry) as file:
            while piece := file.read(PIECE):
                data += piece
                if len(data) > most:
                    raise BadArchive(f"{entry.filename[:60]!r} is larger than it says. Nothing was imported.")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError):
        raise BadArchive(f"{entry.filename[:60]!r} is damaged in this ZIP. Pack it again.") from None
    return bytes(data)
