"""ZIPs that are sent while they are made: nothing is packed in memory or on disk first."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

CHUNK = 256 * 1024  # bytes


class Outbox:
    """A file that can only be written to; `take` hands over what was written since."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._chunks.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Everything is in the list already."""

    def close(self) -> None:
        """There is nothing to let go of."""

    def take(self) -> bytes:
        taken = b"".join(self._chunks)
        self._chunks.clear()
        return taken


def zipped(files: list[tuple[str, Path]]) -> Iterator[bytes]:
    """The bytes of a ZIP of `files`, piece by piece. Pictures are compressed already and stored as they are."""
    outbox = Outbox()
    with ZipFile(outbox, "w", ZIP_STORED) as archive:
        for name, path in files:
            info = ZipInfo.from_file(path, arcname=name)
            with path.open("rb") as source, archive.open(info, "w") as entry:
                while chunk := source.read(CHUNK):
                    entry.write(chunk)
                    yield outbox.take()
    yield outbox.take()
