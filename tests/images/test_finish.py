"""What follows a ready picture: the large thumbnail and the placeholder, and both made again."""

import base64
import hashlib

import pytest
import thumbhash
from PIL import Image

from runtz_core.images.decoder import Decoder
from runtz_core.images.errors import BadImage
from runtz_core.images.intake import finish, rebuild, receive
from runtz_core.images.store import LARGE, SMALL, WIDTHS, BlobStore
from runtz_core.settings import Limits
from tests.images import picture_corpus as corpus

LIMITS = Limits()
GOOD = corpus.good()


async def test_finishing_makes_the_large_thumbnail_and_the_placeholder(
    store: BlobStore, decoder: Decoder
) -> None:
    for size, expected in {
        (1600, 1200): (1024, 768),
        (1024, 1024): (1024, 1024),
        (600, 900): (600, 900),
    }.items():
        stored = await receive(store, decoder, corpus.encoded(corpus.drawing(*size)), LIMITS)
        text = await finish(store, decoder, stored.sha256, stored.media_type)
        with Image.open(store.thumbnail(stored.sha256, LARGE)) as large:
            assert large.size == expected
        packed = list(base64.b64decode(text, validate=True))
        assert thumbhash.thumb_hash_to_approximate_aspect_ratio(packed) == pytest.approx(
            size[0] / size[1], rel=0.2
        )


@pytest.mark.parametrize("name", GOOD)
async def test_every_kept_picture_can_be_finished_twice(
    name: str, store: BlobStore, decoder: Decoder
) -> None:
    stored = await receive(store, decoder, GOOD[name], LIMITS)
    first = await finish(store, decoder, stored.sha256, stored.media_type)
    assert 0 < len(base64.b64decode(first, validate=True)) < 64
    assert await finish(store, decoder, stored.sha256, stored.media_type) == first
    assert list((store.root / "tmp").iterdir()) == []


async def test_the_placeholder_stands_upright(store: BlobStore, decoder: Decoder) -> None:
    stored = await receive(store, decoder, corpus.with_exif(6), LIMITS)
    packed = base64.b64decode(await finish(store, decoder, stored.sha256, stored.media_type))
    assert thumbhash.thumb_hash_to_approximate_aspect_ratio(list(packed)) < 1


async def test_a_lost_thumbnail_is_made_again(store: BlobStore, decoder: Decoder) -> None:
    stored = await receive(store, decoder, GOOD["jpeg"], LIMITS)
    made = store.thumbnail(stored.sha256, SMALL).read_bytes()
    for width in WIDTHS:
        store.thumbnail(stored.sha256, width).unlink(missing_ok=True)
        assert rebuild(store, decoder, stored.sha256, stored.media_type, width).read_bytes() == made


async def test_nothing_is_made_from_an_original_that_is_gone(store: BlobStore, decoder: Decoder) -> None:
    with pytest.raises(FileNotFoundError):
        await finish(store, decoder, hashlib.sha256(b"").hexdigest(), "image/png")


async def test_nothing_is_made_from_an_original_cut_on_disk(store: BlobStore, decoder: Decoder) -> None:
    stored = await receive(store, decoder, GOOD["jpeg"], LIMITS)
    original = store.original(stored.sha256, stored.media_type)
    original.write_bytes(original.read_bytes()[:-50])
    with pytest.raises(BadImage, match="incomplete"):
        await finish(store, decoder, stored.sha256, stored.media_type)
    assert not store.thumbnail(stored.sha256, LARGE).exists()
