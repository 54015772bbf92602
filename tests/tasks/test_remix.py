"""Remixes and enlargements by a real worker: from a stored picture to the one made from it."""

import hashlib
import io
from uuid import UUID

from PIL import Image as Picture
from sqlalchemy import update
from sqlmodel import col

from runtz_core.db import unit_of_work, utc_now
from runtz_core.images import service as images
from runtz_core.images.intake import Stored, get_store
from runtz_core.images.models import Image, Origin
from runtz_core.jobs.inputs import Remix
from runtz_core.providers.models.upscalers import LOCAL_MODEL, TOPAZ
from tests.tasks.conftest import Workshop

RED = (220, 20, 20)


def put(workshop: Workshop, form: str = "PNG", side: int = 64) -> UUID:
    """A red picture of this person's, on the disk too."""
    buffer = io.BytesIO()
    Picture.new("RGB", (side, side), RED).save(buffer, form)
    data = buffer.getvalue()
    stored = Stored(
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        media_type=f"image/{form.lower()}",
        width=side,
        height=side,
    )
    path = get_store().original(stored.sha256, stored.media_type)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    with unit_of_work(workshop.engine) as session:
        made = images.record(
            session, user_id=workshop.person, call_id=None, stored=stored, origin=Origin.UPLOADED
        )
        return made.id


def result(workshop: Workshop, image_id: str) -> Picture.Image:
    with unit_of_work(workshop.engine) as session:
        found = images.find(session, workshop.person, UUID(image_id))
    assert found is not None
    with Picture.open(found.path) as picture:
        return picture.convert("RGB")


def test_a_remix_an_enlargement_here_and_one_bought_are_delivered(workshop: Workshop) -> None:
    base, unsendable = put(workshop), put(workshop, "AVIF")  # no vendor takes AVIF as it is
    with workshop.worker():
        changed = workshop.submit("ideogram-4-5", base=unsendable, strength=5, remix=Remix.VARIATION)
        here = workshop.submit(LOCAL_MODEL, base=base, remix=Remix.UPSCALE)
        bought = workshop.submit(TOPAZ, base=base, remix=Remix.UPSCALE)
        views = [workshop.finished(job_id) for job_id in (changed, here, bought)]
    for view in views:
        assert view.summary == "1 ready"
    remixed, doubled, sharpened = (result(workshop, view.cards[0].image_id) for view in views)
    seen = remixed.resize((1, 1), Picture.Resampling.BOX).getpixel((0, 0))
    assert all(abs(band - red) < 40 for band, red in zip(seen, RED, strict=True))
    assert doubled.size == sharpened.size == (128, 128)
    assert views[1].credits_charged == 0
    assert views[2].credits_charged == 60
    assert [card.upscale for card in (views[0].cards[0], views[1].cards[0])] == [False, True]


def test_what_was_deleted_meanwhile_is_not_sent(workshop: Workshop) -> None:
    base = put(workshop)
    job_id = workshop.submit("ideogram-4-5", base=base, remix=Remix.EDIT)
    with unit_of_work(workshop.engine) as session:
        session.execute(update(Image).where(col(Image.id) == base).values(deleted_at=utc_now()))
    with workshop.worker():
        (card,) = workshop.finished(job_id).cards
    assert card.failure == "input_gone"
    assert card.money_tone == "ok"
    assert workshop.simulator.calls() == []
