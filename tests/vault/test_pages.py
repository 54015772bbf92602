"""Pages of the wall: what is found, in which order, and never anybody else's."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text as sql
from sqlmodel import Session

from runtz_core.vault import sorting, words
from runtz_core.vault.counting import Count, count
from runtz_core.vault.months import zone_of
from runtz_core.vault.pages import Hits, Reach, find, parse_cursor
from runtz_core.vault.sorting import Shelf
from runtz_core.vault.terms import BadFilter, Filters, key, read_filters
from tests.conftest import make_person
from tests.vault.conftest import START, Picture


def found(session: Session, person: UUID, **query: str) -> list[UUID]:
    return find(session, person, read_filters(query)).image_ids


def test_pages_follow_each_other_without_gap_or_repetition(
    session: Session, person: UUID, picture: Picture
) -> None:
    made = [picture() for _ in range(7)]
    twins = [picture(at=START - timedelta(days=1)) for _ in range(3)]  # of one moment
    for order, expected in (("newest", [*made[::-1], *sorted(twins, reverse=True)]), ("oldest", None)):
        seen: list[UUID] = []
        after = None
        while True:
            page = find(session, person, read_filters({"order": order}), after=after, limit=3)
            seen += page.image_ids
            if page.following is None:
                break
            after = parse_cursor(str(page.following))
        assert seen == (expected or [*sorted(twins), *made])


def test_kept_first_everything_and_the_trash(session: Session, person: UUID, picture: Picture) -> None:
    kept, other = picture(), picture(kept=False)
    gone = picture(deleted_at=datetime.now(UTC))
    assert found(session, person) == [kept]
    assert found(session, person, show="all") == [other, kept]
    assert found(session, person, show="trash") == [gone]


def test_nobody_finds_pictures_of_somebody_else(session: Session, person: UUID, picture: Picture) -> None:
    other = make_person(session, name="Bea")
    theirs = picture("a quiet harbour", of=other)
    picture("a quiet harbour")
    for query in ({}, {"q": "harbour"}, {"provider": "flux"}, {"show": "all", "q": "harbuor"}):
        assert theirs not in found(session, person, **query)


def test_filters_combine(session: Session, person: UUID, picture: Picture) -> None:
    tag = sorting.make(session, person, Shelf.TAG, "Shortlist")
    red = picture(
        provider="openai", model="gpt-image-2.6-flare", size=(1536, 1024), colours=["red"], rating=5
    )
    blue = picture(colours=["blue", "white"], size=(1024, 1820), credits=0, simulated=True, rating=3)
    tagged = picture(colours=["red"], rating=4, tag_ids=[tag])
    session.commit()
    for query, expected in (
        ({"provider": "openai"}, [red]),
        ({"model": "gpt-image-2.6-flare,flux-2-pro"}, [tagged, blue, red]),
        ({"ratio": "9:16"}, [blue]),
        ({"colour": "red"}, [tagged, red]),
        ({"colour": "red", "rating": "4,5"}, [tagged, red]),
        ({"colour": "red", "rating": "4,5", "provider": "flux"}, [tagged]),
        ({"tag": str(tag)}, [tagged]),
        ({"state": "untagged"}, [blue, red]),
        ({"state": "simulated", "price": "free"}, [blue]),
        ({"origin": "uploaded"}, []),
        ({"from": "2026-09", "to": "2026-09"}, [tagged, blue, red]),
        ({"from": "2026-10"}, []),
        ({"to": "2026-08-31"}, []),
    ):
        assert found(session, person, **query) == expected, query


@pytest.mark.parametrize(
    "query",
    [
        {"show": "x"}, {"colour": "mauve"}, {"rating": "6"}, {"tag": "no-id"}, {"from": "2026-13"},
        {"to": "tomorrow"}, {"order": "best"}, {"provider": "a;b"}, {"q": "x" * 401}, {"from": "0001-01-01"},
        {"model": ",".join(map(str, range(40)))},
    ],
)  # fmt: skip
def test_filters_that_are_none_are_refused(query: dict[str, str]) -> None:
    with pytest.raises(BadFilter):
        read_filters(query)


@pytest.mark.parametrize("written", ["", "1", "x.y", "1.2", "1.2.3", f"{10**40}.{UUID(int=7).hex}"])
def test_cursors_that_are_none_are_none(written: str) -> None:
    assert parse_cursor(written) is None


def test_words_are_found_wherever_they_stand(session: Session, person: UUID, picture: Picture) -> None:
    harbour = picture("Night harbours in the fog", model="gpt-image-2.6-flare", provider="openai")
    noted = picture("Dunes", notes="for the light campaign", title="Two suns")
    tag = sorting.make(session, person, Shelf.TAG, "client Vela")
    sorting.put(session, person, Shelf.TAG, tag, [noted])
    session.commit()
    for text, expected in (
        ("harbour", [harbour]),
        ("harb", [harbour]),  # not finished yet
        ("fog night", [harbour]),
        ('"night harbours"', [harbour]),
        ('"harbours night"', []),
        ("gpt image", [harbour]),
        ("campaign", [noted]),
        ("two suns", [noted]),
        ("vela", [noted]),
        ("vela dunes", [noted]),
        ("-vela", [harbour]),
        ("-night", [noted]),
        ("dunes -campaign", []),
        ("HARBOUR", [harbour]),
    ):
        assert found(session, person, q=text) == expected, text


def test_a_renamed_tag_is_found_by_its_new_name(session: Session, person: UUID, picture: Picture) -> None:
    one = picture()
    tag = sorting.make(session, person, Shelf.TAG, "draft")
    sorting.put(session, person, Shelf.TAG, tag, [one])
    sorting.rename(session, person, Shelf.TAG, tag, "final")
    assert found(session, person, q="final") == [one]
    assert found(session, person, q="draft") == []


def test_misspelt_words_are_found_as_meant(session: Session, person: UUID, picture: Picture) -> None:
    one = picture("lighthouse at dawn")
    hits = find(session, person, Filters(text="lighthosue dawn"))
    assert (hits.image_ids, hits.corrected) == ([one], "lighthouse dawn")
    assert find(session, person, Filters(text="zzzzqqq")) == Hits(image_ids=[], following=None)
    assert find(session, person, Filters(text="dawn")).corrected == ""
    tag = sorting.make(session, person, Shelf.TAG, "watercolour")
    sorting.put(session, person, Shelf.TAG, tag, [one])
    hits = find(session, person, Filters(text="watercolor"))
    assert (hits.image_ids, hits.corrected) == ([one], "watercolour")


@pytest.mark.parametrize(
    "text", ["the", '"', "-", "--", "(((", "' OR 1=1", "& | !", "\\", "a:*b", "%", "-the", '""', "<->"]
)
def test_signs_and_small_words_are_no_error(
    session: Session, person: UUID, picture: Picture, text: str
) -> None:
    picture()
    assert isinstance(found(session, person, q=text), list)


def test_both_ways_find_the_same(session: Session, person: UUID, picture: Picture) -> None:
    """With a first walk of two rows every wish is either walked on or looked up."""
    prompts = ["rare orchid" if number % 9 == 4 else "common rose" for number in range(30)]
    made = [
        picture(prompt, colours=["red"] if number % 3 else ["blue"], kept=number % 4 > 0)
        for number, prompt in enumerate(prompts)
    ]
    narrow = ({"q": "orchid"}, {"q": "rose"}, {"colour": "blue"}, {"colour": "blue", "q": "orchid"})
    queries = [{"show": show, **query} for show in ("kept", "all") for query in narrow]
    for reach in (
        Reach(first=2, longest=0, always=0),
        Reach(first=2, longest=10**6, always=0),
        Reach(first=2, always=10**6),
    ):
        for query in queries:
            assert everything(session, person, query, reach) == plainly(made, prompts, query), (reach, query)


def test_counts_are_exact_up_to_where_they_are_cheap(
    session: Session, person: UUID, picture: Picture
) -> None:
    for number in range(5):
        picture(
            "rare orchid" if number else "rose", colours=["red"], rating=number or None, kept=number != 3,
            at=START + timedelta(days=number),
        )  # fmt: skip
    for query, most, expected in (
        ({}, 2, Count(pictures=4, more=False)),
        ({"show": "all", "colour": "red"}, 2, Count(pictures=5, more=False)),  # the sums know it
        ({"show": "all", "rating": "1,2,3"}, 2, Count(pictures=3, more=False)),
        ({"rating": "1,2,3"}, 2, Count(pictures=2, more=False)),
        ({"show": "all", "colour": "red,blue", "q": "orchid"}, 2, Count(pictures=2, more=True)),
        ({"show": "all", "colour": "red,blue", "q": "orchid"}, 9, Count(pictures=4, more=False)),
        ({"show": "trash", "colour": "red"}, 2, Count(pictures=0, more=False)),
        ({"from": "2026-09-03"}, 2, Count(pictures=2, more=False)),
        ({"show": "all", "from": "2026-09-03", "to": "2026-09-04"}, 2, Count(pictures=2, more=False)),
    ):
        assert count(session, person, read_filters(query), most=most) == expected, query


def test_days_begin_where_the_person_is(session: Session, person: UUID, picture: Picture) -> None:
    late = picture(at=datetime(2026, 9, 30, 22, 30, tzinfo=UTC))  # October in Berlin
    early = picture(at=datetime(2026, 9, 1, 3, tzinfo=UTC))  # August in New York
    for zone, query, expected in (
        ("Europe/Berlin", {"from": "2026-10"}, [late]),
        ("Europe/Berlin", {"from": "2026-09", "to": "2026-09"}, [early]),
        ("America/New_York", {"to": "2026-08-31"}, [early]),
        ("Etc/Nowhere", {"from": "2026-09", "to": "2026-09"}, [late, early]),
    ):
        filters = read_filters(query, zone_of(zone))
        assert find(session, person, filters).image_ids == expected, (zone, query)


def everything(session: Session, person: UUID, query: dict[str, str], reach: Reach) -> list[UUID]:
    seen: list[UUID] = []
    after = None
    while True:
        page = find(session, person, read_filters(query), after=after, limit=2, reach=reach)
        seen += page.image_ids
        if (after := page.following) is None:
            return seen


def plainly(made: Sequence[UUID], prompts: Sequence[str], query: dict[str, str]) -> list[UUID]:
    wanted = [
        image_id
        for number, (image_id, prompt) in enumerate(zip(made, prompts, strict=True))
        if query.get("q", "") in prompt
        and (query.get("colour") != "blue" or number % 3 == 0)
        and (query["show"] == "all" or number % 4 > 0)
    ]
    return wanted[::-1]


def test_terms_are_the_same_numbers_here_and_in_the_database(session: Session, person: UUID) -> None:
    for term in ("p:openai", "t:é", ""):
        there = session.execute(sql("SELECT vault_key(:person, :term)"), {"person": person, "term": term})
        assert there.scalar_one() == key(person, term)


def test_no_more_than_twelve_words_are_looked_at() -> None:
    assert len(words.tokens(" ".join(map(str, range(50))))) == words.MOST_TOKENS
