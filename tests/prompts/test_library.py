"""Saved prompts: versions, search, uses, files; presets and lists; each person's own."""

import json
from uuid import UUID

import pytest
from sqlmodel import Session

from runtz_core.ids import new_id
from runtz_core.images import service as images
from runtz_core.images.intake import Stored
from runtz_core.jobs.requests import SubmissionRefused
from runtz_core.jobs.service import NotFound
from runtz_core.prompts import describing, exchange, library, lists, presets, runs, uses
from runtz_core.prompts.library import Draft, PromptRefused
from runtz_core.prompts.lists import ListRefused
from runtz_core.prompts.presets import PresetRefused
from runtz_core.vault import sorting
from runtz_core.vault.notes import Edit, edit
from runtz_core.vault.sorting import Shelf
from tests.conftest import make_person
from tests.core.conftest import simulated, submission

__all__ = ["simulated"]


def test_other_words_are_a_new_version_and_old_ones_stay(session: Session, person: UUID) -> None:
    prompt_id = library.save(
        session, person, Draft(name="", body="a quiet {subject} at dawn", tags=("Sea", "sea "))
    )
    (shown,), _ = library.find(session, person)
    assert (shown.name, shown.tags, shown.variables, shown.version) == (
        "a quiet {subject} at dawn", ["sea"], ["subject"], 1,
    )  # fmt: skip
    same = Draft(name="Harbour", body=shown.body, description="works at dusk", favourite=True)
    assert library.change(session, person, prompt_id, same) == 1
    assert library.change(session, person, prompt_id, Draft(name="Harbour", body="a loud {subject}")) == 2
    assert [one["body"] for one in library.versions(session, person, prompt_id)] == [
        "a loud {subject}",
        "a quiet {subject} at dawn",
    ]


def test_every_word_is_searched_and_pages_do_not_repeat(session: Session, person: UUID) -> None:
    drafts = [
        Draft(name=f"n{number}", body=f"harbour 100% {number:02}", tags=("even",) * (number % 2 == 0))
        for number in range(7)
    ]
    library.save_all(session, person, drafts)
    session.commit()
    seen: list[str] = []
    cursor = ""
    while True:
        page, cursor = library.find(session, person, q="harbour 100%", before=cursor, limit=3)
        seen += [one.name for one in page]
        if not cursor:
            break
    assert (len(seen), len(set(seen))) == (7, 7)
    assert len(library.find(session, person, tag="even")[0]) == 4
    assert [one.name for one in library.find(session, person, q="03")[0]] == ["n3"]
    assert library.find(session, person, q="_")[0] == []
    assert library.tags(session, person) == {"even": 4}


def test_a_use_is_counted_once_and_shows_what_it_made(
    session: Session, person: UUID, simulated: None
) -> None:
    prompt_id = library.save(session, person, Draft(name="Kite", body="a red kite"))
    asked = submission("flux-2-pro", prompt="a red kite")
    job_id = runs.submit(session, person, asked, prompt_id=str(prompt_id))
    assert runs.submit(session, person, asked, prompt_id=str(prompt_id)) == job_id
    assert runs.submit(session, person, submission("flux-2-pro"), prompt_id=str(new_id())), (
        "a prompt that is gone"
    )
    (shown,), _ = library.find(session, person)
    assert (shown.uses, shown.used_at > 0) == (1, True)
    call_id = session.connection().exec_driver_sql(
        "UPDATE calls SET state = 'succeeded' WHERE job_id = %s RETURNING id, credits", (job_id,)
    ).one()  # fmt: skip
    stored = Stored(sha256="cd" * 32, size=3, media_type="image/png", width=1600, height=900)
    image = images.record(session, user_id=person, call_id=call_id.id, stored=stored)
    images.set_kept(session, person, image.id, True)
    found = uses.outcome(session, person, prompt_id)
    assert (found.jobs, found.pictures, found.kept, found.per_kept) == (1, 1, 1, call_id.credits)
    assert found.image_ids == [str(image.id)]
    assert uses.recent(session, person) == ["a quiet harbour", "a red kite"]
    described = describing.describe(session, person, image.id)
    assert (described.made_from, "wide panoramic" in described.prompt) == ("a red kite", True)
    assert "built-in rules" in described.said
    edit(session, person, image.id, Edit(title="Foredune", notes="Long grass, low sun. 5 pm"), version=1)
    sorting.put(session, person, Shelf.TAG, sorting.make(session, person, Shelf.TAG, "seaside"), [image.id])
    offered = presets.phrases(session, person)
    assert {"Foredune", "Long grass", "low sun", "5 pm", "seaside", "a quiet harbour"} < set(offered)
    assert offered[0] == "a red kite", "run, saved and kept"
    assert presets.phrases(session, make_person(session, name="Bob")) == []
    library.remove(session, person, prompt_id)
    assert library.find(session, person) == ([], "")
    session.rollback()


def test_light_is_told_by_the_palette() -> None:
    assert describing._light(["#050505", "#0a0a14"])[0].startswith("dark")
    assert describing._light(["#fefefe", "#101010"])[1] == "high contrast"
    assert describing._light(["#ff2010", "nonsense"])
    assert describing._light([]) == []


def test_a_library_goes_out_and_comes_in_unchanged(session: Session, person: UUID) -> None:
    drafts = [
        Draft(
            name="=cmd|calc", body='-two\nlines, "quoted"', negative="@text", tags=("a", "b"), favourite=True
        ),
        Draft(name="'plain", body="ein Hafen"),
        Draft(name="'=quoted", body="two", description="=1"),
    ]
    library.save_all(session, person, drafts)
    as_csv, as_json = exchange.as_csv(session, person), exchange.as_json(session, person)
    assert "\r\n=cmd" not in as_csv
    assert exchange.read(session, person, as_csv) == exchange.Import(added=0, known=3, problems=[])
    for content in (as_csv, as_json):
        other = make_person(session, name="Bob")
        assert exchange.read(session, other, content).added == 3
        brought = {
            (one.name, one.body, one.negative, tuple(one.tags), one.favourite)
            for one in library.find(session, other)[0]
        }
        assert brought == {
            ("=cmd|calc", '-two\nlines, "quoted"', "@text", ("a", "b"), True),
            ("'plain", "ein Hafen", "", (), False),
            ("'=quoted", "two", "", (), False),
        }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty"),
        ("[1", "no JSON"),
        ('{"prompts": 3}', "no list"),
        ("a,b\n1,2\n", "name the columns"),
        (json.dumps([{"body": f"p{n}"} for n in range(5_001)]), "5,001 prompts"),
    ],
)
def test_a_file_that_is_no_library_is_refused(
    session: Session, person: UUID, content: str, said: str
) -> None:
    with pytest.raises(PromptRefused, match=said):
        exchange.read(session, person, content)


def test_bad_prompts_in_a_file_are_named_and_the_others_come_in(session: Session, person: UUID) -> None:
    found = exchange.read(
        session, person, json.dumps([{"body": "good"}, {"body": "bell \x07"}, {"name": "none"}, 5])
    )
    assert (found.added, len(found.problems)) == (1, 3)
    with pytest.raises((PromptRefused, SubmissionRefused)):
        library.save(session, person, Draft(name="x", body="   "))


def test_presets_and_lists_are_ones_own(session: Session, person: UUID) -> None:
    preset_id = presets.save(session, person, "Dusk", "dusk, 24 mm", [("Where?", "")])
    assert presets.presets(session, person)[-1].questions[0].ask == "Where?"
    presets.save(session, person, "Dusk 2", "blue hour", [], preset_id=preset_id)
    assert [one.name for one in presets.presets(session, person) if one.own] == ["Dusk 2"]
    lists.save(session, person, "Pets", ["cat", "", "cat", "dog"])
    assert lists.known(session, person)["pets"] == ["cat", "dog"]
    stranger = make_person(session, name="Bob")
    assert [one for one in presets.presets(session, stranger) if one.own] == []
    assert "pets" not in lists.known(session, stranger)
    with pytest.raises(NotFound):
        presets.remove(session, stranger, preset_id)
    with pytest.raises(PresetRefused):
        presets.save(session, person, "", "words", [])
    for name, words in (("a b", ["x"]), ("ok", []), ("ok", ["{"]), ("ok", ["x" * 501])):
        with pytest.raises(ListRefused):
            lists.save(session, person, name, words)
    assert lists.remove(session, person, "PETS")
    panel = presets.panel(session, person)
    assert len(panel["presets"]) == len(presets.BUILT_IN) + 1
