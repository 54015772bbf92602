"""Whether a file carries content credentials (C2PA). Only that they are there: nobody has verified them here."""

import struct
from pathlib import Path
from typing import BinaryIO

_MOST_PARTS = 4_000  # chunks, segments or boxes looked at; a picture has a few dozen
_C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_START_OF_SCAN, _APP11 = 0xDA, 0xEB


def carries_credentials(path: Path, media_type: str) -> bool:
    """Whether the file has a C2PA manifest where its format keeps one. Reads headers only; False when it is gone."""
    look = {"image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp, "image/avif": _avif}.get(media_type)
    if look is None:
        return False
    try:
        with path.open("rb") as file:
            return look(file)
    except (OSError, struct.error):  # struct: the file ends in the middle of a header
        return False


def _png(file: BinaryIO) -> bool:
    file.seek(8)
    for _ in range(_MOST_PARTS):
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"caBX":
            return True
        if kind == b"IEND":
            return False
        file.seek(length + 4, 1)
    return False


def _jpeg(file: BinaryIO) -> bool:
    file.seek(2)
    for _ in range(_MOST_PARTS):
        mark, kind, length = struct.unpack(">BBH", file.read(4))
        if mark != 0xFF or kind == _START_OF_SCAN:
            return False
        body = file.read(min(length - 2, 64)) if kind == _APP11 else b""
        if b"jumb" in body and b"c2pa" in body:
            return True
        file.seek(length - 2 - len(body), 1)
    return False


def _webp(file: BinaryIO) -> bool:
    file.seek(12)
    for _ in range(_MOST_PARTS):
        kind, length = struct.unpack("<4sI", file.read(8))
        if kind == b"C2PA":
            return True
        file.seek(length + length % 2, 1)
    return False


def _avif(file: BinaryIO) -> bool:
    for _ in range(_MOST_PARTS):
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"uuid" and file.read(16) == _C2PA_BOX:
            return True
        if length < 8:  # 0: to the end of the file; 1: larger than four gigabytes
            return False
        file.seek(length - (24 if kind == b"uuid" else 8), 1)
    return False
