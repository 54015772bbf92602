"""Rows of pictures: whose they are, what they are called when downloaded, how they are shared."""

from pathlib import Path
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from runtz_core.db import utc_now
from runtz_core.ids import new_id
from runtz_core.images import service
from runtz_core.images.decoder import Decoder
from runtz_core.images.errors import ImageNotFound, ThumbnailBusy
from runtz_core.images.intake import Stored, receive
from runtz_core.images.models import Blob, Image
from runtz_core.images.store import BlobStore
from runtz_core.jobs.models import Call, Job
from runtz_core.settings import Limits
from tests.conftest import make_person
from tests.images import picture_corpus as corpus


def stored(digit: str, media_type: str = "image/png") -> Stored:
    return Stored(sha256=digit * 64, size=10, media_type=media_type, width=4, height=3)


def make_job(session: Session, user_id: UUID, *models: tuple[str, int]) -> tuple[UUID, list[UUID]]:
    """A job with one call for each (model, samples), in that order."""
    job = Job(user_id=user_id, submission_key=new_id().hex, prompt="a fox", ratio="1:1", samples=1, models=[])
    session.add(job)
    session.flush()
    calls = [
        Call(
            job_id=job.id,
            user_id=user_id,
            position=position,
            sample=sample,
            provider="flux",
            model=model,
            tier="1 MP",
            simulated=True,
            lane="flux/simulated",
            request={},
            credits=1,
            price_usd_micros=1000,
        )
        for position, (model, samples) in enumerate(models)
        for sample in range(samples)
    ]
    session.add_all(calls)
    session.commit()
    return job.id, [call.id for call in calls]


def test_a_picture_is_found_by_its_owner_alone(session: Session, person: UUID, store: BlobStore) -> None:
    image = service.record(session, user_id=person, call_id=None, stored=stored("a"))
    session.commit()
    found = service.find(session, person, image.id, store=store)
    assert found == service.StoredImage(
        image_id=image.id,
        path=store.original("a" * 64, "image/png"),
        media_type="image/png",
        sha256="a" * 64,
        size=10,
    )
    stranger = make_person(session, name="Eve")
    assert service.owned(session, stranger, image.id) is None
    assert service.find(session, stranger, image.id, store=store) is None
    assert service.find(session, person, new_id(), store=store) is None
    assert service.set_kept(session, stranger, image.id, True) is False
    with pytest.raises(ImageNotFound):
        service.thumbnail(session, stranger, image.id, 320, store=store)


def test_a_deleted_picture_is_found_by_nobody(session: Session, person: UUID, store: BlobStore) -> None:
    image = service.record(session, user_id=person, call_id=None, stored=stored("a"))
    image.deleted_at = utc_now()
    session.add(image)
    session.commit()
    assert service.find(session, person, image.id, store=store) is None


def test_equal_bytes_share_one_blob(session: Session, person: UUID) -> None:
    first = service.record(session, user_id=person, call_id=None, stored=stored("a"))
    other = service.record(
        session, user_id=make_person(session, name="Eve"), call_id=None, stored=stored("a")
    )
    session.commit()
    assert first.id != other.id
    assert session.exec(select(func.count()).select_from(Blob)).one() == 1


def test_a_call_has_one_picture(session: Session, person: UUID) -> None:
    _, (call_id,) = make_job(session, person, ("flux-2-pro", 1))
    service.record(session, user_id=person, call_id=call_id, stored=stored("a"))
    with pytest.raises(IntegrityError):
        service.record(session, user_id=person, call_id=call_id, stored=stored("b"))


def test_keeping_and_letting_go(session: Session, person: UUID) -> None:
    image = service.record(session, user_id=person, call_id=None, stored=stored("a"))
    for kept in (True, True, False):
        assert service.set_kept(session, person, image.id, kept) is True
        session.commit()
        assert session.exec(select(Image.kept).where(col(Image.id) == image.id)).one() is kept


def test_the_placeholder_is_remembered(session: Session, person: UUID) -> None:
    image = service.record(session, user_id=person, call_id=None, stored=stored("a"))
    service.attach_thumbhash(session, image.id, "1QcSHQRnh493V4dIh4eXh1h4kJUI")
    session.commit()
    session.refresh(image)
    assert image.thumbhash == "1QcSHQRnh493V4dIh4eXh1h4kJUI"
    service.attach_thumbhash(session, new_id(), "of a picture that is gone")


def test_downloads_are_named_in_the_order_of_the_cards(
    session: Session, person: UUID, store: BlobStore
) -> None:
    hostile = "../..\\evil\r\n\u202e/model:1"
    job_id, calls = make_job(session, person, ("gpt-image-2", 2), (hostile, 1), ("...", 1), ("flux 2", 1))
    forms = ["image/png", "image/jpeg", "image/webp", "image/avif"]
    shown = list(zip(calls, forms, "abcd", strict=False))  # the fifth call brought nothing
    for call_id, form, digit in reversed(shown):
        service.record(session, user_id=person, call_id=call_id, stored=stored(digit, form))
    session.commit()
    short = job_id.hex[-4:]
    names = [name for name, _ in service.job_files(session, person, job_id, store=store)]
    assert names == [
        f"{short}-gpt-image-2-1.png",
        f"{short}-gpt-image-2-2.jpg",
        f"{short}-evil-model-1-1.webp",
        f"{short}-model-1.avif",
    ]
    stranger = make_person(session, name="Eve")
    assert service.job_files(session, stranger, job_id, store=store) == []


def test_two_pictures_of_one_sample_get_two_names(session: Session, person: UUID, store: BlobStore) -> None:
    job_id, calls = make_job(session, person, ("a b", 1), ("a/b", 1))
    for call_id, digit in zip(calls, "ab", strict=True):
        service.record(session, user_id=person, call_id=call_id, stored=stored(digit))
    session.commit()
    short = job_id.hex[-4:]
    assert service.job_files(session, person, job_id, store=store) == [
        (f"{short}-a-b-1.png", store.original("a" * 64, "image/png")),
        (f"{short}-a-b-1-2.png", store.original("b" * 64, "image/png")),
    ]


async def test_a_missing_thumbnail_is_made_on_demand(
    session: Session, person: UUID, store: BlobStore, decoder: Decoder
) -> None:
    kept = await receive(store, decoder, corpus.encoded(corpus.drawing(2000, 1000)), Limits())
    image = service.record(session, user_id=person, call_id=None, stored=kept)
    for width in (320, 1024):
        path = service.thumbnail(session, person, image.id, width, store=store, decoder=decoder)
        assert path == store.thumbnail(kept.sha256, width)
        with corpus.Image.open(path) as thumb:
            assert thumb.size == (width, width // 2)
    with pytest.raises(ValueError, match="320 or 1024"):
        service.thumbnail(session, person, image.id, 500, store=store, decoder=decoder)


def test_a_page_does_not_wait_behind_many_missing_thumbnails(
    session: Session, person: UUID, store: BlobStore
) -> None:
    image = service.record(session, user_id=person, call_id=None, stored=stored("a"))
    turn = Event()
    with Decoder(1) as decoder:
        decoder.later(turn.wait)
        with pytest.raises(ThumbnailBusy, match="try again"):
            service.thumbnail(session, person, image.id, 320, store=store, decoder=decoder, patience=0)
        turn.set()


def test_a_thumbnail_of_a_lost_original_is_a_missing_file(
    session: Session, person: UUID, store: BlobStore, decoder: Decoder
) -> None:
    image = service.record(session, user_id=person, call_id=None, stored=stored("a"))
    with pytest.raises(FileNotFoundError):
        service.thumbnail(session, person, image.id, 320, store=store, decoder=decoder)
    assert list(Path(store.root).rglob("*.webp")) == []
