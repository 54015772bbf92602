"""Tags and collections, notes and ratings, keeping and throwing away: what changes, and for whom."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text, update
from sqlmodel import Session, col

from runtz_core.credits import books
from runtz_core.ids import new_id
from runtz_core.images.models import Blob, Image
from runtz_core.vault import notes, pages, rail, sorting, statistics, tallies, trash, views
from runtz_core.vault.errors import NameTaken, NotThere, Outdated, Refused
from runtz_core.vault.models import VaultItem
from runtz_core.vault.months import zone_of
from runtz_core.vault.notes import Edit
from runtz_core.vault.sorting import Shelf
from runtz_core.vault.terms import Show, read_filters
from tests.conftest import make_person
from tests.vault.conftest import Picture

SHELVES = list(Shelf)


@pytest.mark.parametrize("shelf", SHELVES)
def test_a_name_is_one_whatever_its_letters(session: Session, person: UUID, shelf: Shelf) -> None:
    made = sorting.make(session, person, shelf, "  Harbour  campaign ")
    assert sorting.make(session, person, shelf, "HARBOUR CAMPAIGN") == made
    assert sorting.owned(session, person, shelf, made).name == "Harbour campaign"
    for bad in ("", "  ", "x" * 61):
        with pytest.raises(Refused):
            sorting.make(session, person, shelf, bad)


@pytest.mark.parametrize("shelf", SHELVES)
def test_pictures_are_put_and_taken_once(
    session: Session, person: UUID, picture: Picture, shelf: Shelf
) -> None:
    one, two = picture(), picture()
    made = sorting.make(session, person, shelf, "a")
    assert set(sorting.put(session, person, shelf, made, [one, two])) == {one, two}
    assert sorting.put(session, person, shelf, made, [one]) == []
    assert inside(session, person, shelf, made) == [two, one]
    assert sorting.take(session, person, shelf, made, [one]) == [one]
    assert inside(session, person, shelf, made) == [two]


def inside(session: Session, person: UUID, shelf: Shelf, shelf_id: UUID) -> list[UUID]:
    return pages.find(session, person, read_filters({str(shelf): str(shelf_id)})).image_ids


@pytest.mark.parametrize("shelf", SHELVES)
def test_renaming_into_another_offers_to_merge_and_merging_does(
    session: Session, person: UUID, picture: Picture, shelf: Shelf
) -> None:
    one, both = picture(), picture()
    old, new = (sorting.make(session, person, shelf, name) for name in ("fog", "mist"))
    sorting.put(session, person, shelf, old, [one, both])
    sorting.put(session, person, shelf, new, [both])
    with pytest.raises(NameTaken) as taken:
        sorting.rename(session, person, shelf, old, "Mist")
    assert taken.value.taken_by == new
    sorting.merge(session, person, shelf, old, into=new)
    assert inside(session, person, shelf, new) == [both, one]
    with pytest.raises(NotThere):
        sorting.owned(session, person, shelf, old)
    with pytest.raises(Refused):
        sorting.merge(session, person, shelf, new, into=new)


@pytest.mark.parametrize("shelf", SHELVES)
def test_nobody_changes_what_is_somebody_elses(
    session: Session, person: UUID, picture: Picture, shelf: Shelf
) -> None:
    bea = make_person(session, name="Bea")
    mine, theirs = picture(), picture(of=bea)
    made = sorting.make(session, person, shelf, "a")
    other = sorting.make(session, bea, shelf, "a")
    assert sorting.put(session, person, shelf, made, [theirs, mine, new_id()]) == [mine]
    for act in (
        lambda: sorting.put(session, person, shelf, other, [mine]),
        lambda: sorting.rename(session, person, shelf, other, "b"),
        lambda: sorting.remove(session, person, shelf, other),
        lambda: sorting.merge(session, person, shelf, made, into=other),
        lambda: sorting.merge(session, person, shelf, other, into=made),
        lambda: sorting.set_cover(session, person, other, mine),
        lambda: notes.edit(session, person, theirs, Edit(title="x"), version=1),
    ):
        with pytest.raises(NotThere):
            act()
    assert trash.keep(session, person, [theirs], False) == []
    assert trash.throw_away(session, person, [theirs]) == []
    assert notes.rate(session, person, [theirs], 5) == []
    assert views.details(session, person, theirs) is None


def test_a_collection_shows_its_cover_or_its_newest_picture(
    session: Session, person: UUID, picture: Picture
) -> None:
    one, two, outside = picture(), picture(), picture()
    made = sorting.make(session, person, Shelf.COLLECTION, "a")
    assert cover(session, person) == ""
    sorting.put(session, person, Shelf.COLLECTION, made, [one, two])
    assert cover(session, person) == str(two)
    sorting.set_cover(session, person, made, one)
    assert cover(session, person) == str(one)
    sorting.take(session, person, Shelf.COLLECTION, made, [one])
    assert cover(session, person) == str(two)
    sorting.put(session, person, Shelf.COLLECTION, made, [one])
    sorting.set_cover(session, person, made, one)
    with pytest.raises(NotThere):
        sorting.set_cover(session, person, made, outside)
    trash.throw_away(session, person, [one])
    trash.erase(session, person, [one])
    assert cover(session, person) == str(two)


def cover(session: Session, person: UUID) -> str:
    (only,) = rail.rail(session, person, Show.ALL).collections
    return only.cover


def test_the_second_of_two_tabs_is_told(session: Session, person: UUID, picture: Picture) -> None:
    one = picture()
    assert notes.edit(session, person, one, Edit(title=" Night  harbour ", notes="a\n b"), version=1) == 2
    with pytest.raises(Outdated):
        notes.edit(session, person, one, Edit(title="Mine"), version=1)
    assert notes.edit(session, person, one, Edit(rating=4), version=2) == 3
    now = views.details(session, person, one)
    assert now is not None
    assert (now.item.title, now.notes, now.item.rating, now.item.version) == ("Night harbour", "a\n b", 4, 3)
    assert notes.edit(session, person, one, Edit(rating=0), version=3) == 4
    for bad in (Edit(title="x" * 121), Edit(notes="x" * 8001), Edit(rating=6), Edit(rating=-1)):
        with pytest.raises(Refused):
            notes.edit(session, person, one, bad, version=4)


def test_counts_follow_every_change(session: Session, person: UUID, picture: Picture) -> None:
    one, two = picture(colours=["red"]), picture(provider="openai", model="gpt-image-2.6-flare")
    tag = sorting.make(session, person, Shelf.TAG, "night")
    sorting.put(session, person, Shelf.TAG, tag, [one])
    trash.keep(session, person, [one], False)
    notes.rate(session, person, [two], 5)
    for _ in range(2):  # as they are, and folded
        kept, everything = rail.rail(session, person, Show.KEPT), rail.rail(session, person, Show.ALL)
        assert (kept.kept, kept.everything, kept.trash) == (1, 2, 0)
        assert told(everything.providers) == {"flux": 1, "openai": 1}
        assert told(kept.providers) == {"openai": 1}
        assert (told(everything.tags), told(kept.tags)) == ({str(tag): 1}, {str(tag): 0})
        assert told(everything.colours) == {"red": 1}
        assert told(everything.ratings) == {"5": 1}
        assert told(everything.months) == {"2026-09": 2}
        tallies.fold(session, person)
    trash.throw_away(session, person, [one, two])
    emptied = rail.rail(session, person, Show.ALL)
    assert (emptied.kept, emptied.everything, emptied.trash) == (0, 0, 2)
    assert emptied.providers == []
    assert told(emptied.tags) == {str(tag): 0}


def told(choices: list[rail.Choice]) -> dict[str, int]:
    return {choice.value: choice.count for choice in choices}


def test_statistics_say_what_a_kept_picture_cost(session: Session, person: UUID, picture: Picture) -> None:
    picture()
    picture(kept=False)
    picture(kept=False, provider="openai", model="gpt-image-2.6-flare", credits=40, usd_micros=40_000)
    picture(deleted_at=datetime.now(UTC))
    said = statistics.statistics(session, person)
    assert (said.total.made, said.total.kept, said.total.usd_micros) == (3, 1, 100_000)
    assert (said.total.credits_per_kept, said.total.usd_micros_per_kept) == (100, 100_000)
    flux, openai = said.providers
    assert (flux.kept_share, flux.usd_micros_per_kept, openai.credits_per_kept) == (0.5, 60_000, None)
    (month,) = said.months
    assert (month.month, [part.made for part in month.providers]) == ("2026-09", [2, 1])


def test_months_begin_where_the_person_is(session: Session, person: UUID, picture: Picture) -> None:
    picture(at=datetime(2026, 9, 30, 22, 30, tzinfo=UTC))  # October in Berlin
    picture(at=datetime(2026, 9, 1, 3, tzinfo=UTC), provider="openai", kept=False)  # August in New York
    picture(at=datetime(2026, 9, 15, tzinfo=UTC))
    for name, kept, everything in (
        ("UTC", {"2026-09": 2}, {"2026-09": 3}),
        ("Europe/Berlin", {"2026-10": 1, "2026-09": 1}, {"2026-10": 1, "2026-09": 2}),
        ("America/New_York", {"2026-09": 2}, {"2026-09": 2, "2026-08": 1}),
    ):
        zone = zone_of(name)
        assert told(rail.rail(session, person, Show.KEPT, zone=zone).months) == kept, name
        assert told(rail.rail(session, person, Show.ALL, zone=zone).months) == everything, name
        said = statistics.statistics(session, person, zone=zone)
        assert {month.month: month.total.made for month in said.months} == everything, name
        for month in said.months:
            assert sum(part.made for part in month.providers) == month.total.made
            assert sum(part.usd_micros for part in month.providers) == month.total.usd_micros


def test_the_trash_gives_back_and_ends(session: Session, person: UUID, picture: Picture) -> None:
    one, two, young = picture(), picture(), picture()
    assert set(trash.throw_away(session, person, [one, two, young])) == {one, two, young}
    assert trash.restore(session, person, [one]) == [one]
    assert pages.find(session, person, read_filters({})).image_ids == [one]
    assert trash.erase(session, person, [one]) == []  # only what is in the trash
    session.execute(
        update(Image).where(col(Image.id) == two).values(deleted_at=datetime.now(UTC) - timedelta(days=31))
    )
    assert trash.end_expired(session) == 1
    assert session.get(Image, two) is None
    assert pages.find(session, person, read_filters({"show": "trash"})).image_ids == [young]
    assert rail.rail(session, person, Show.ALL).trash == 1


def test_the_books_know_that_an_erased_picture_was_delivered(
    session: Session, person: UUID, picture: Picture
) -> None:
    one = picture()
    delivered = "a call is charged when its picture is here, and only then"
    before = broken(session, delivered)
    trash.throw_away(session, person, [one])
    assert trash.erase(session, person, [one]) == [one]
    assert broken(session, delivered) == before


def broken(session: Session, claim: str) -> int:
    session.commit()
    with Session(session.get_bind()) as reading:
        return next(check.broken for check in books.check(reading).checks if check.claim == claim)


def test_a_damaged_file_marks_every_picture_of_it(session: Session, person: UUID, picture: Picture) -> None:
    one = picture()
    image = session.get(Image, one)
    assert image is not None
    blob = update(Blob).where(col(Blob.sha256) == image.sha256)
    session.execute(blob.values(damage="missing"))
    assert pages.find(session, person, read_filters({"state": "damaged"})).image_ids == [one]
    session.execute(blob.values(damage=None))
    assert pages.find(session, person, read_filters({"state": "damaged"})).image_ids == []


def test_what_a_call_cost_in_the_end_is_what_its_picture_cost(
    session: Session, person: UUID, picture: Picture
) -> None:
    one = picture()
    session.execute(text("UPDATE calls SET cost_usd_micros = 55000"))
    item = session.get(VaultItem, one)
    assert item is not None
    session.refresh(item)
    assert item.usd_micros == 55_000
    assert statistics.statistics(session, person).total.usd_micros == 55_000
