"""Looking at every stored picture: all damage is found, none is served, and nothing is called done that is not."""

import os
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from runtz_core.images import removal, scrub, service
from runtz_core.images.condition import require_room
from runtz_core.images.errors import ImageDamaged, StorageFull
from runtz_core.images.models import Blob, Scrub
from runtz_core.images.store import BlobStore
from tests.images.gallery import content, digest, hang


@pytest.fixture
def gallery(session: Session, store: BlobStore, person: UUID) -> list[UUID]:
    """250 pictures: three batches."""
    return hang(session, store, person, 250)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def original(store: BlobStore, number: int) -> Path:
    return store.original(digest(number), "image/png")


def test_whole_pictures_are_all_looked_at(database: Engine, store: BlobStore, gallery: list[UUID]) -> None:
    report = scrub.scrub(database, store)
    assert (report.population, report.checked, report.damaged_in_all) == (250, 250, 0)
    assert report.in_order
    assert report.bytes == sum(len(content(number)) for number in range(250))


def test_an_empty_house_is_in_order(database: Engine, store: BlobStore) -> None:
    assert scrub.scrub(database, store).in_order


def test_every_flip_cut_and_loss_is_found_set_aside_and_never_served(
    session: Session, database: Engine, store: BlobStore, person: UUID, gallery: list[UUID]
) -> None:
    for number in range(30):
        flip(original(store, number))
    for number in range(30, 60):
        original(store, number).write_bytes(content(number)[:-1])
    for number in range(60, 90):
        original(store, number).unlink()
    longer = original(store, 90)
    longer.write_bytes(content(90) + b"!")

    report = scrub.scrub(database, store)
    assert (report.checked, report.new, report.damaged_in_all) == (250, 91, 91)
    assert report.complete
    assert not report.in_order
    damaged = select(Blob.sha256, Blob.damage).where(col(Blob.damage).is_not(None))
    found = dict(session.execute(damaged).all())
    assert found == (
        {digest(number): "changed" for number in (*range(30), 90)}
        | {digest(number): "short" for number in range(30, 60)}
        | {digest(number): "missing" for number in range(60, 90)}
    )
    assert len(list((store.root / "quarantine").iterdir())) == 61
    for number in range(91):
        assert not original(store, number).exists()
        stored = service.find(session, person, gallery[number], store=store)
        assert stored is not None
        assert stored.damaged
        with pytest.raises(ImageDamaged):
            service.thumbnail(session, person, gallery[number], 320, store=store)
    assert (
        str(gallery[0]) in "".join("".join(one.images) for one in report.damaged) or len(report.damaged) == 50
    )


def test_what_was_found_is_still_said_next_time_and_what_came_back_is_good(
    session: Session, database: Engine, store: BlobStore, person: UUID, gallery: list[UUID]
) -> None:
    for number in (1, 2, 3):
        flip(original(store, number))
    scrub.scrub(database, store)
    original(store, 1).write_bytes(content(1))  # from a backup
    hang(session, store, person, 1, first=2)  # the same bytes came in once more
    report = scrub.scrub(database, store)
    assert (report.new, report.healed, report.damaged_in_all) == (0, 1, 1)
    assert [(one.sha256, one.damage, one.images) for one in report.damaged] == [
        (digest(3), "changed", [str(gallery[3])])
    ]


def test_a_round_that_was_stopped_goes_on_and_counts_every_picture_once(
    session: Session, database: Engine, store: BlobStore, person: UUID, gallery: list[UUID]
) -> None:
    asked = iter([True, False])
    first = scrub.scrub(database, store, go_on=lambda: next(asked))
    assert first.stopped
    assert (first.checked, first.population) == (100, 250)
    assert not first.complete

    hang(session, store, person, 5, first=900)  # came in after the round began: not of this round
    flip(original(store, 7))
    second = scrub.scrub(database, store)
    looked_at = session.execute(select(Blob.sha256).where(col(Blob.checked_at).is_not(None))).scalars().all()
    assert (second.checked, second.population) == (250, 250)
    assert second.bytes == sum(len(content(number)) for number in sorted(range(250), key=digest)[100:]), (
        "what was looked at before is not read again"
    )
    assert len(looked_at) == 250
    assert session.execute(select(Scrub.finished_at)).scalar_one() is not None
    assert scrub.scrub(database, store).population == 255


def test_two_rounds_at_once_are_one_too_many(database: Engine, store: BlobStore, gallery: list[UUID]) -> None:
    def again() -> bool:
        with pytest.raises(scrub.ScrubBusy):
            scrub.scrub(database, store)
        return False

    assert scrub.scrub(database, store, go_on=again).stopped


def test_the_wrong_folder_flags_nothing(
    session: Session, database: Engine, tmp_path: Path, gallery: list[UUID]
) -> None:
    with pytest.raises(scrub.FolderMissing):
        scrub.scrub(database, BlobStore(tmp_path / "elsewhere"))
    assert session.execute(select(Blob.sha256).where(col(Blob.damage).is_not(None))).all() == []


def age(path: Path, hours: float) -> None:
    then = path.stat().st_mtime - hours * 3600
    os.utime(path, (then, then))


def orphan(store: BlobStore, number: int, *, hours: float) -> Path:
    """A file whose worker died before it was entered."""
    path = original(store, number)
    with store.draft(content(number)) as draft:
        store.publish((draft, path))
    age(path, hours)
    return path


def test_only_old_files_that_nobody_knows_are_collected(
    database: Engine, store: BlobStore, gallery: list[UUID]
) -> None:
    old, young = orphan(store, 700, hours=25), orphan(store, 701, hours=23)
    old_thumbnail = store.thumbnail(digest(702), 320)
    old_thumbnail.parent.mkdir(parents=True, exist_ok=True)
    old_thumbnail.write_bytes(b"RIFF")
    age(old_thumbnail, 25)
    for number in range(250):
        age(original(store, number), 1000)
    note = store.folders().__next__() / "README"
    note.write_text("somebody's own")
    age(note, 1000)
    assert removal.collect_orphans(database, store) == 2
    assert not old.exists()
    assert not old_thumbnail.exists()
    assert young.exists()
    assert note.exists()
    assert all(original(store, number).read_bytes() == content(number) for number in range(250))


def test_a_file_that_is_just_being_entered_is_left_alone(
    session: Session, database: Engine, store: BlobStore, person: UUID
) -> None:
    path = orphan(store, 700, hours=25)
    service.hold_bytes(session, digest(700))  # somebody is about to enter it and has not committed
    assert removal.collect_orphans(database, store) == 0
    session.commit()
    assert path.exists()
    assert removal.collect_orphans(database, store) == 1


def test_too_little_room_is_said_before_anything_is_bought(store: BlobStore) -> None:
    require_room(store, least=1)
    with pytest.raises(StorageFull, match="kept free"):
        require_room(store, least=2**62)
    assert list((store.root / "tmp").iterdir()) == []


def test_a_folder_that_cannot_be_written_has_no_room(tmp_path: Path) -> None:
    (tmp_path / "pictures").write_text("a file where the folder should be")
    with pytest.raises(StorageFull, match="disk would not take"):
        require_room(BlobStore(tmp_path / "pictures"), least=1)
