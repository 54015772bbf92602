"""Where pictures lie, and what a disk that refuses leaves behind."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from runtz_core.images.decoder import Decoder
from runtz_core.images.errors import StorageFull
from runtz_core.images.intake import receive
from runtz_core.images.store import BlobStore, refusals_named
from runtz_core.settings import PROJECT_ROOT, Limits
from tests.images import picture_corpus as corpus

HASH = "ab" * 32
LIMITS = Limits()


def test_places_are_fixed(store: BlobStore) -> None:
    assert store.original(HASH, "image/jpeg") == store.root / "blobs/ab/ab" / f"{HASH}.jpg"
    assert store.thumbnail(HASH, 1024) == store.root / "thumbs/ab/ab" / f"{HASH}-1024.webp"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../" * 21 + "x",
        "./../.",
        "..\\",
        "/..",
        "%2e%2e%2f",
        "a" * 300,
        "AB" * 32,
        "CON",
        "-rf",
        HASH + "\n",
        HASH[:-1] + "\0",
        HASH[:-1] + "\u202e",
        HASH[:-2] + "\r\n",
        HASH[:-1],
        "/" + HASH[1:],
    ],
)
def test_no_name_leads_out_of_the_root(name: str, store: BlobStore) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        store.original(name, "image/png")
    with pytest.raises(ValueError, match="hexadecimal"):
        store.thumbnail(name, 320)


def test_formats_and_widths_are_closed_sets(store: BlobStore) -> None:
    with pytest.raises(ValueError, match="not a picture format"):
        store.original(HASH, "image/../../x")
    with pytest.raises(ValueError, match="320 or 1024"):
        store.thumbnail(HASH, 321)


def test_a_draft_that_is_not_published_goes(store: BlobStore) -> None:
    with store.draft(b"bytes") as draft:
        assert draft.path.read_bytes() == b"bytes"
    assert not draft.path.exists()


def test_old_drafts_of_killed_processes_are_discarded(store: BlobStore) -> None:
    with store.draft(b"mine"):
        (mine,) = (store.root / "tmp").iterdir()
        left = mine.with_name("left-behind")
        left.write_bytes(b"half a pict")
        os.utime(left, (1000, 1000))
        assert store.discard_drafts(before=2000) == 1
        assert list((store.root / "tmp").iterdir()) == [mine]


def test_nothing_to_discard_before_the_first_picture(store: BlobStore) -> None:
    assert store.discard_drafts(before=1e12) == 0


def test_a_full_disk_is_called_full() -> None:
    with pytest.raises(StorageFull, match="disk is full"), refusals_named(), open("/dev/full", "wb") as full:
        full.write(b"x")


FULL = """
import asyncio, resource, sys
from pathlib import Path
from runtz_core.images.decoder import Decoder
from runtz_core.images.errors import StorageFull
from runtz_core.images.intake import receive
from runtz_core.images.store import BlobStore
from runtz_core.settings import Limits

async def main():
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
    with Decoder(1) as decoder:
        try:
            await receive(BlobStore(Path(sys.argv[1])), decoder, sys.stdin.buffer.read(), Limits())
        except StorageFull as refusal:
            print(refusal.reason)

asyncio.run(main())
"""


@pytest.mark.parametrize("allowed", [0, 1, 4096, 20_000])
def test_a_disk_that_takes_only_part_of_a_picture_keeps_none_of_it(
    allowed: int, store: BlobStore, files: Callable[[], list[Path]]
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FULL, str(store.root), str(allowed)],
        cwd=PROJECT_ROOT,
        input=corpus.noise(100, 100, seed=1),
        capture_output=True,
        check=True,
    )
    assert ran.stdout.decode().strip() == (
        "This disk or process may not hold a file as large as this picture."
    )
    assert files() == []


def test_a_disk_with_room_for_the_picture_and_not_for_its_thumbnail_keeps_neither(
    store: BlobStore, files: Callable[[], list[Path]]
) -> None:
    chessboard = Image.frombytes("1", (320, 320), (b"\xaa" * 40 + b"\x55" * 40) * 160)
    picture = corpus.encoded(chessboard)  # a pattern PNG is good at and WebP is not
    ran = subprocess.run(
        [sys.executable, "-c", FULL, str(store.root), str(len(picture))],
        cwd=PROJECT_ROOT,
        input=picture,
        capture_output=True,
        check=True,
    )
    assert b"may not hold" in ran.stdout
    assert files() == []


async def test_a_folder_that_may_not_be_written_to_says_so(decoder: Decoder) -> None:
    # Not even root makes folders in /sys, and on a Mac the whole of / is read-only.
    with pytest.raises(StorageFull, match="folder of pictures"):
        await receive(BlobStore(Path("/sys/pictures")), decoder, corpus.encoded(corpus.drawing()), LIMITS)


@pytest.mark.parametrize("in_the_way", ["thumbs", "blobs", "tmp"])
async def test_something_in_the_way_leaves_no_half_picture(
    in_the_way: str, store: BlobStore, decoder: Decoder, files: Callable[[], list[Path]]
) -> None:
    store.root.mkdir()
    (store.root / in_the_way).write_text("a file where a folder belongs")
    with pytest.raises(StorageFull, match="would not take the picture"):
        await receive(store, decoder, corpus.encoded(corpus.drawing()), LIMITS)
    assert [path for path in files() if path.suffix in (".png", "")] == [store.root / in_the_way]
