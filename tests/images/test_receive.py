"""What is taken in, what is refused, and what is on the disk afterwards."""

import asyncio
import hashlib
import io
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from runtz_core.images.decoder import Decoder
from runtz_core.images.errors import BadImage
from runtz_core.images.intake import receive
from runtz_core.images.store import SMALL, BlobStore
from runtz_core.settings import Limits
from tests.images import picture_corpus as corpus

LIMITS = Limits()
GOOD, HOSTILE = corpus.good(), corpus.hostile()
FORMS = ("PNG", "JPEG", "WEBP", "AVIF")

Files = Callable[[], list[Path]]


@pytest.mark.parametrize("name", GOOD)
async def test_a_whole_picture_is_kept_byte_for_byte(
    name: str, store: BlobStore, decoder: Decoder, files: Files
) -> None:
    data = GOOD[name]
    stored = await receive(store, decoder, data, LIMITS)

    original = store.original(stored.sha256, stored.media_type)
    small = store.thumbnail(stored.sha256, SMALL)
    assert files() == sorted([original, small])
    assert original.read_bytes() == data
    assert (stored.sha256, stored.size) == (hashlib.sha256(data).hexdigest(), len(data))
    with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data)) as opened:
        assert (stored.width, stored.height) == opened.size
    with Image.open(small, formats=("WEBP",)) as thumb:
        thumb.load()
        assert thumb.width <= SMALL
        assert b"script" not in small.read_bytes()


@pytest.mark.parametrize("name", HOSTILE)
async def test_anything_else_is_refused_in_words_and_leaves_nothing(
    name: str, store: BlobStore, decoder: Decoder, files: Files
) -> None:
    data, word = HOSTILE[name]
    with pytest.raises(BadImage) as refusal:
        await receive(store, decoder, data, LIMITS)
    assert word in refusal.value.reason
    assert refusal.value.reason.endswith(".")
    assert files() == []


async def test_bombs_are_refused_by_their_header_and_never_unpacked(store: BlobStore) -> None:
    # 190 megapixels would need 190 MB; were they opened, this decoder would run out of memory instead.
    with Decoder(1, memory=256 * corpus.MEGABYTE) as small_decoder:
        for name in ("png of 190 megapixels", "png claiming 60000 x 60000"):
            with pytest.raises(BadImage, match="50 million pixels"):
                await receive(store, small_decoder, HOSTILE[name][0], LIMITS)


async def test_the_largest_allowed_picture_fits_into_the_memory_limit(
    store: BlobStore, decoder: Decoder
) -> None:
    large = Image.new("RGBA", (7071, 7071), (10, 200, 30, 128))
    data = corpus.encoded(large, "WEBP", method=0)  # of the four formats WebP needs the most memory
    stored = await receive(store, decoder, data, LIMITS)
    assert (stored.width, stored.height) == large.size


@pytest.mark.parametrize("percent", [10, 50, 90, 99])
@pytest.mark.parametrize("form", FORMS)
async def test_a_cut_picture_is_refused(
    form: str, percent: int, store: BlobStore, decoder: Decoder, files: Files
) -> None:
    data = corpus.noise(120, 80, seed=1, form=form)
    with pytest.raises(BadImage):
        await receive(store, decoder, data[: len(data) * percent // 100], LIMITS)
    assert files() == []


@pytest.mark.parametrize("form", FORMS)
async def test_the_last_bytes_count_too(form: str, store: BlobStore, decoder: Decoder) -> None:
    data = corpus.noise(120, 80, seed=2, form=form)
    for missing in range(1, 25):
        with pytest.raises(BadImage):
            await receive(store, decoder, data[:-missing], LIMITS)


async def test_a_flipped_bit_in_a_png_is_found(store: BlobStore, decoder: Decoder, files: Files) -> None:
    data = corpus.noise(120, 80, seed=3)
    for at in Random(4).sample(range(60, len(data) - 30), 25):
        with pytest.raises(BadImage):
            await receive(store, decoder, _flipped(data, at), LIMITS)
    assert files() == []


async def test_a_flipped_bit_in_a_jpeg_is_found_by_the_hash_alone(store: BlobStore, decoder: Decoder) -> None:
    # JPEG has no checksum: a decoder shows a slightly different picture. Hence names made of the hash.
    data = corpus.noise(120, 80, seed=5, form="JPEG")
    whole = await receive(store, decoder, data, LIMITS)
    flipped = await receive(store, decoder, _flipped(data, len(data) // 2), LIMITS)
    assert flipped.sha256 != whole.sha256
    assert store.original(whole.sha256, whole.media_type).read_bytes() == data


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]


@pytest.mark.parametrize("turn", range(1, 9))
async def test_orientation_turns_the_thumbnail_and_not_the_original(
    turn: int, store: BlobStore, decoder: Decoder
) -> None:
    data = corpus.with_exif(turn)
    stored = await receive(store, decoder, data, LIMITS)
    assert store.original(stored.sha256, stored.media_type).read_bytes() == data

    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert (stored.width, stored.height) == upright.size
    thumb = store.thumbnail(stored.sha256, SMALL).read_bytes()
    assert b"EXIF" not in thumb, "where a photograph was taken is nobody's business"
    shown = Image.open(io.BytesIO(thumb)).convert("RGB")
    assert shown.size == upright.size
    assert max(ImageStat.Stat(ImageChops.difference(shown, upright.convert("RGB"))).mean) < 12


async def test_thumbnails_keep_the_shape_and_never_grow(store: BlobStore, decoder: Decoder) -> None:
    for size, expected in {
        (1024, 1024): (320, 320),
        (1600, 900): (320, 180),
        (900, 1600): (320, 569),
        (100, 50): (100, 50),
        (500, 5000): (128, 1280),  # WebP has a tallest side; four times the width is ours
    }.items():
        for form in ("PNG", "JPEG"):
            stored = await receive(store, decoder, corpus.encoded(corpus.drawing(*size), form), LIMITS)
            with Image.open(store.thumbnail(stored.sha256, SMALL)) as thumb:
                assert thumb.size == expected


async def test_a_screen_profile_stays_with_the_thumbnail(store: BlobStore, decoder: Decoder) -> None:
    data = corpus.encoded(corpus.drawing(), icc_profile=b"p" * 560)
    stored = await receive(store, decoder, data, LIMITS)
    with Image.open(store.thumbnail(stored.sha256, SMALL)) as thumb:
        assert thumb.info["icc_profile"] == b"p" * 560


async def test_the_same_bytes_again_change_nothing_on_disk(
    store: BlobStore, decoder: Decoder, files: Files
) -> None:
    first = await receive(store, decoder, GOOD["png"], LIMITS)
    before = [(path, path.stat().st_ino, path.read_bytes()) for path in files()]
    assert await receive(store, decoder, GOOD["png"], LIMITS) == first
    assert [(path, path.stat().st_ino, path.read_bytes()) for path in files()] == before


async def test_bytes_stored_again_count_as_new(store: BlobStore, decoder: Decoder, files: Files) -> None:
    await receive(store, decoder, GOOD["png"], LIMITS)
    for path in files():
        os.utime(path, (0, 0))
    await receive(store, decoder, GOOD["png"], LIMITS)
    assert all(path.stat().st_mtime > 0 for path in files()), "or a sweep would take them for unused"


async def test_twins_arriving_together_end_as_one_file(
    store: BlobStore, decoder: Decoder, files: Files
) -> None:
    data = corpus.noise(200, 200, seed=6)
    twins = await asyncio.gather(*(receive(store, decoder, data, LIMITS) for _ in range(12)))
    assert len(set(twins)) == 1
    assert files() == sorted(
        [store.original(twins[0].sha256, "image/png"), store.thumbnail(twins[0].sha256, SMALL)]
    )
    assert store.original(twins[0].sha256, "image/png").read_bytes() == data


async def test_a_blob_cut_short_by_a_fault_is_made_whole_again(store: BlobStore, decoder: Decoder) -> None:
    stored = await receive(store, decoder, GOOD["jpeg"], LIMITS)
    original = store.original(stored.sha256, stored.media_type)
    original.write_bytes(GOOD["jpeg"][:100])
    await receive(store, decoder, GOOD["jpeg"], LIMITS)
    assert original.read_bytes() == GOOD["jpeg"]


async def test_limits_are_the_callers(store: BlobStore, decoder: Decoder) -> None:
    with pytest.raises(BadImage, match=r"0\.001 million pixels"):
        await receive(store, decoder, GOOD["png"], Limits(image_pixels=1000))
    with pytest.raises(BadImage, match="larger than"):
        await receive(store, decoder, GOOD["png"], Limits(image_bytes=10))
