"""What a look at a picture says: colours by name, and hashes that stay near when a picture hardly changes."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageEnhance
from sqlalchemy import update
from sqlmodel import Session

from runtz_core.db import get_engine
from runtz_core.images.decode_child import colours_of, palette_of, perceptual_hash
from runtz_core.images.decoder import Decoder
from runtz_core.images.intake import receive
from runtz_core.images.service import record
from runtz_core.images.store import BlobStore
from runtz_core.jobs.models import Call
from runtz_core.settings import Limits
from runtz_core.vault import likeness, looks, words
from runtz_core.vault.models import VaultItem
from runtz_core.vault.terms import COLOURS
from runtz_tasks.database import Database
from runtz_tasks.looking import look_back
from tests.vault.conftest import Picture


def scene(seed: int) -> Pillow.Image:
    """A few shapes; the seed moves them about."""
    picture = Pillow.new("RGB", (256, 192), (20 + seed * 40 % 200, 60, 120))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((20 + seed * 37 % 150, 30, 90 + seed * 37 % 150, 100), fill=(250, 220, 90))
    pen.rectangle((0, 120 + seed * 11 % 50, 256, 192), fill=(30, 90 + seed * 23 % 120, 60))
    pen.polygon([(40, 190), (90 + seed * 53 % 120, 50), (200, 190)], fill=(90, 40, 40 + seed * 61 % 200))
    return picture


def small(picture: Pillow.Image) -> Pillow.Image:
    copy = picture.copy()
    copy.thumbnail((32, 32))
    return copy


def apart(one: Pillow.Image, other: Pillow.Image) -> int:
    hashes = [perceptual_hash(small(picture)) & (2**64 - 1) for picture in (one, other)]
    return (hashes[0] ^ hashes[1]).bit_count()


def test_the_hash_stays_near_for_the_same_picture_and_not_for_another() -> None:
    one = scene(1)
    for near in (
        one.resize((640, 480)),
        ImageEnhance.Brightness(one).enhance(1.1),
        one.quantize(32).convert("RGB"),
    ):
        assert apart(one, near) <= 8
    assert min(apart(one, scene(seed)) for seed in (2, 3, 4, 5)) > 8


@pytest.mark.parametrize(
    ("pixel", "name"),
    [
        ((220, 40, 30), "red"), ((240, 150, 40), "orange"), ((230, 220, 60), "yellow"), ((40, 160, 60), "green"),
        ((30, 160, 160), "teal"), ((40, 80, 220), "blue"), ((140, 60, 220), "violet"), ((230, 60, 160), "pink"),
        ((250, 250, 250), "white"), ((128, 128, 128), "grey"), ((5, 5, 8), "black"),
    ],
)  # fmt: skip
def test_colours_have_names(pixel: tuple[int, int, int], name: str) -> None:
    plain = Pillow.new("RGB", (32, 24), pixel)
    assert colours_of(plain) == [name]
    assert name in COLOURS
    assert palette_of(plain)[0] == "#{:02x}{:02x}{:02x}".format(*pixel)


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    with Decoder(processes=1) as decoder:
        yield decoder


async def test_a_stored_picture_is_looked_at_once(
    session: Session, person: UUID, decoder: Decoder, tmp_path: Path
) -> None:
    store, path = BlobStore(tmp_path), tmp_path / "one.png"
    scene(1).save(path)
    stored = await receive(store, decoder, path.read_bytes(), Limits())
    image = record(session, user_id=person, call_id=None, stored=stored)
    session.commit()
    assert looks.unseen(session, after=120) == []  # whoever stored it comes first
    database = Database(get_engine(), threads=1)
    (one,) = looks.unseen(session, after=0)
    session.rollback()

    async def go() -> None: ...

    looks_at_once = await look_back(database, store, decoder, before_each=go, after=0)
    database.close()
    item = session.get(VaultItem, image.id)
    assert item is not None
    session.refresh(item)
    assert (looks_at_once, one.image_id) == (1, image.id)
    assert item.looked_at is not None
    assert item.perceptual_hash is not None
    assert len(item.palette) > 1
    assert set(item.colours) <= set(COLOURS)
    session.refresh(image)
    assert image.thumbhash
    assert looks.unseen(session, after=0) == []


def test_the_likest_come_first(session: Session, person: UUID, picture: Picture) -> None:
    base = 0x0F0F_3C3C_5A5A_1234
    asked = picture(perceptual_hash=base, colours=["blue"])
    far = picture(perceptual_hash=~base, colours=["blue"])
    two_bits = picture(perceptual_hash=base ^ 0b11)
    same = picture(perceptual_hash=base)
    unlike = picture(perceptual_hash=~base, colours=["red"])
    gone = picture(perceptual_hash=base, kept=False)
    found = likeness.alike(session, person, asked)
    assert found == [gone, same, two_bits, far]
    assert unlike not in found
    assert likeness.alike(session, person, UUID(int=7)) is None
    assert likeness.alike(session, person, picture()) == []


def test_every_near_hash_shares_a_piece(person: UUID) -> None:
    pieces = likeness.pieces(person, -1)
    assert len(pieces) == len(set(pieces)) == 4 * 17


def test_words_are_learnt_once(session: Session, person: UUID) -> None:
    words.learn(session, person, "Harbour, harbour", "fog ab")
    words.learn(session, person, "HARBOUR")
    assert words.corrected(session, person, "harbuor") == "harbour"
    assert words.corrected(session, person, "harbour") is None


def test_words_of_the_prompt_that_was_sent_are_learnt_too(
    session: Session, person: UUID, picture: Picture
) -> None:
    one = picture("a gate")
    session.execute(update(Call).values(request={"prompt": "a gate, chiaroscuro, late light"}))
    looks.record(session, one, None)
    assert words.corrected(session, person, "chiaroscura gate") == "chiaroscuro gate"
