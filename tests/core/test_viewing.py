"""What pages say of pictures: facts, the difference table, picks."""

from uuid import UUID

import pytest
from sqlmodel import Session

from runtz_core.ids import new_id
from runtz_core.images.errors import ImageNotFound
from runtz_core.viewing import verdicts
from runtz_core.viewing.differences import differences
from runtz_core.viewing.models import Outcome
from runtz_core.viewing.pictures import pictures
from tests.conftest import make_person
from tests.core.pictures import delete, job_of, picture_of


def three(session: Session, person: UUID) -> list[UUID]:
    job = job_of(session, person, seed=41207)
    return [
        picture_of(
            session, person, job, provider="openai", model="gpt-image-2.6-flare", credits=41, seed=(41207, 41207)
        ),
        picture_of(
            session, person, job, sent="a very quiet harbour", credits=34, size=(896, 1200), seed=(41207, None)
        ),
        picture_of(session, person, job, seed=(41207, 41207)),
    ]  # fmt: skip


def test_facts_come_in_the_order_asked_for_and_leave_out_what_is_gone(session: Session, person: UUID) -> None:
    one, two, last = three(session, person)
    delete(session, two)
    theirs = three(session, make_person(session, name="Bea"))[0]
    found = pictures(session, person, [last, two, theirs, new_id(), one, last])
    assert [picture.id for picture in found] == [str(last), str(one)]
    assert (found[1].model, found[1].provider, found[1].seed) == (
        "GPT Image 2.6 Flare",
        "OpenAI",
        "41207",
    )
    assert found[0].prompt == "a quiet harbour"


def test_a_picture_that_was_not_made_here_has_no_call(session: Session, person: UUID) -> None:
    from runtz_core.images import service as images
    from runtz_core.images.intake import Stored

    stored = Stored(sha256="cd" * 32, size=9, media_type="image/webp", width=8, height=9)
    image = images.record(session, user_id=person, call_id=None, stored=stored)
    (found,) = pictures(session, person, [image.id])
    assert (found.model, found.call_id, found.prompt, found.format) == ("Uploaded", "", "", "WEBP")


def test_the_table_shows_what_differs_and_counts_what_does_not(session: Session, person: UUID) -> None:
    found = differences(pictures(session, person, three(session, person)))
    rows = {row.label: row for row in found.rows}
    assert rows["Text sent"].cells == ["as typed", "+1 words", "as typed"]
    assert rows["Text sent"].differs == [False, True, False]
    assert rows["Pixels"].cells == ["960×1280", "896×1200", "960×1280"]
    assert rows["Seed"].cells == ["41207", "41207 ignored", "41207"]
    assert rows["Price"].differs == [True, True, True]
    assert {"Ratio", "Tier", "Format"} <= set(found.equal)
    assert found.prompts == []


def test_pictures_of_different_prompts_say_which_words(session: Session, person: UUID) -> None:
    first = picture_of(session, person, job_of(session, person, "harbour in rain"))
    other = picture_of(session, person, job_of(session, person, "harbour in falling snow"))
    found = differences(pictures(session, person, [first, other]))
    prompt = next(row for row in found.rows if row.label == "Prompt")
    assert (prompt.cells, prompt.differs) == (["the first", "+2 −1 words"], [False, True])
    assert [part.text for part in found.prompts[1] if part.kind == "removed"] == ["rain"]


def test_nothing_to_compare_is_an_empty_table() -> None:
    assert differences([]).rows == []


def test_a_pick_is_remembered_for_the_same_pictures_in_any_order(session: Session, person: UUID) -> None:
    ids = three(session, person)
    verdicts.give(session, person, ids, outcome=Outcome.PICK, chosen_id=ids[1])
    verdicts.give(session, person, ids, outcome=Outcome.TIE, blind=True)
    told = verdicts.given(session, person, ids[::-1])
    assert told is not None
    assert (told.outcome, told.chosen_id) == (Outcome.PICK, ids[1])
    session.expire_all()
    verdicts.give(session, person, ids, outcome=Outcome.NONE)
    told = verdicts.given(session, person, ids)
    assert told is not None
    assert (told.outcome, told.chosen_id) == (Outcome.NONE, None)
    verdicts.take_back(session, person, ids)
    assert verdicts.given(session, person, ids) is None
    assert verdicts.given(session, person, ids, blind=True) is not None
    assert verdicts.given(session, person, ids[:2]) is None


def test_a_pick_needs_pictures_that_are_ones_own_and_there(session: Session, person: UUID) -> None:
    ids = three(session, person)
    theirs = three(session, make_person(session, name="Bea"))
    for wrong in (ids[:1], [*ids, *theirs, new_id()], []):
        with pytest.raises(ValueError, match="2 to 6"):
            verdicts.give(session, person, wrong, outcome=Outcome.TIE)
    for outcome, chosen in ((Outcome.PICK, None), (Outcome.TIE, ids[0]), (Outcome.PICK, theirs[0])):
        with pytest.raises(ValueError, match="one of the pictures"):
            verdicts.give(session, person, ids, outcome=outcome, chosen_id=chosen)
    delete(session, ids[2])
    for gone in (ids, [ids[0], theirs[0]], [ids[0], new_id()]):
        with pytest.raises(ImageNotFound):
            verdicts.give(session, person, gone, outcome=Outcome.TIE)
