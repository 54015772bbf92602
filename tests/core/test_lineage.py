"""Where pictures came from: the tree, what changed on its edges, what it cost to get there."""

from uuid import UUID

import pytest
from sqlalchemy import insert, update
from sqlmodel import Session

from runtz_core.ids import new_id
from runtz_core.images import service as images
from runtz_core.images.intake import Stored
from runtz_core.images.models import Origin
from runtz_core.jobs.models import CallKind, JobInput
from runtz_core.vault import trash
from runtz_core.viewing import lineage as lineages
from runtz_core.viewing.lineage import Gone, Lineage, Node, lineage
from tests.conftest import make_person
from tests.core.pictures import delete, job_of, picture_of


def made_of(
    session: Session,
    person: UUID,
    *parents: UUID,
    prompt: str,
    remix: str = "edit",
    credits: int = 40,
    **more: object,
) -> UUID:
    """A picture made from others, the first of them its base."""
    job = job_of(session, person, prompt, remix=remix)
    roles = ["base", *["reference"] * len(parents)]
    rows = [
        {"job_id": job, "position": place, "image_id": one, "role": role}
        for place, (one, role) in enumerate(zip(parents, roles, strict=False))
    ]
    session.execute(insert(JobInput), rows)
    return picture_of(session, person, job, credits=credits, **more)  # type: ignore[arg-type]


def first(
    session: Session, person: UUID, prompt: str = "harbour in rain at night", credits: int = 34
) -> UUID:
    return picture_of(session, person, job_of(session, person, prompt), credits=credits)


def make_upload(session: Session, person: UUID) -> UUID:
    stored = Stored(sha256=new_id().hex * 2, size=9, media_type="image/png", width=640, height=480)
    image = images.record(session, user_id=person, call_id=None, stored=stored, origin=Origin.UPLOADED)
    session.commit()
    return image.id


def tree(session: Session, person: UUID, image_id: UUID) -> tuple[Lineage, dict[str, Node]]:
    found = lineage(session, person, image_id)
    assert found is not None
    return found, {node.id: node for node in found.nodes}


def test_a_picture_by_itself_is_a_family_of_one(session: Session, person: UUID) -> None:
    one = first(session, person)
    found, nodes = tree(session, person, one)
    assert (found.rows, found.columns, found.reach_credits, found.family_credits) == (1, 1, 34, 34)
    assert nodes[str(one)].current
    assert (nodes[str(one)].kind, nodes[str(one)].parent) == ("", "")


def test_the_tree_says_what_changed_and_what_it_cost_to_get_there(session: Session, person: UUID) -> None:
    root = first(session, person)
    dawn = made_of(session, person, root, prompt="harbour in rain at dawn", remix="variation")
    snow = made_of(session, person, root, prompt="harbour in snow at night", remix="variation", credits=45)
    closer = made_of(session, person, snow, prompt="ferry closer", credits=41)
    large = made_of(session, person, closer, prompt="ferry closer", kind=CallKind.UPSCALE, credits=5)
    found, nodes = tree(session, person, closer)
    assert (found.reach_credits, found.family_credits) == (34 + 45 + 41, 34 + 40 + 45 + 41 + 5)
    assert [node.id for node in found.nodes if node.on_path] == [str(root), str(snow), str(closer)]
    words = {(part.text, part.kind) for part in nodes[str(snow)].change}
    assert words == {("rain", "removed"), ("snow", "added")}
    assert [(part.text, part.kind) for part in nodes[str(closer)].change] == [("ferry closer", "added")]
    assert (nodes[str(large)].kind, nodes[str(large)].change) == ("upscale", [])
    assert [nodes[str(one)].column for one in (root, dawn, snow, closer, large)] == [0, 1, 1, 2, 3]
    assert nodes[str(root)].row == nodes[str(snow)].row == nodes[str(closer)].row
    assert nodes[str(dawn)].row != nodes[str(snow)].row
    assert nodes[str(large)].reach_credits == 34 + 45 + 41 + 5


def test_a_change_is_told_in_whole_words(session: Session, person: UUID) -> None:
    root = first(session, person, "towers in low fog over black water")
    lit = made_of(session, person, root, prompt="Towers in dawn light over black water, screen print")
    _, nodes = tree(session, person, lit)
    assert [(part.text, part.kind) for part in nodes[str(lit)].change] == [
        ("low fog", "removed"),
        ("dawn light", "added"),
        ("screen print", "added"),
    ]


def test_from_any_member_the_family_is_the_same(session: Session, person: UUID) -> None:
    root = first(session, person)
    one = made_of(session, person, root, prompt="one")
    two = made_of(session, person, one, prompt="two")
    other = made_of(session, person, root, prompt="other")
    families = [
        {node.id for node in tree(session, person, start)[0].nodes} for start in (root, one, two, other)
    ]
    assert all(family == families[0] for family in families)
    assert len(families[0]) == 4


def test_references_are_further_parents_and_are_paid_once(session: Session, person: UUID) -> None:
    root = first(session, person, credits=10)
    left = made_of(session, person, root, prompt="left", credits=20)
    right = made_of(session, person, root, prompt="right", credits=30)
    both = made_of(session, person, left, right, prompt="both", credits=40)
    found, nodes = tree(session, person, both)
    assert (nodes[str(both)].parent, nodes[str(both)].others) == (str(left), [str(right)])
    assert found.reach_credits == 100
    assert nodes[str(both)].column == 2


def test_a_deleted_member_keeps_its_place_without_a_picture(session: Session, person: UUID) -> None:
    root = first(session, person)
    middle = made_of(session, person, root, prompt="middle")
    last = made_of(session, person, middle, prompt="last")
    delete(session, middle)
    found, nodes = tree(session, person, last)
    assert nodes[str(middle)].gone
    assert found.reach_credits == 114
    assert lineage(session, person, middle) is None


def test_a_member_that_is_gone_for_good_keeps_its_place_and_what_is_known_of_it(
    session: Session, person: UUID
) -> None:
    root = first(session, person)
    middle = made_of(session, person, root, prompt="harbour in snow at night", remix="variation", credits=45)
    last = made_of(session, person, middle, prompt="harbour in snow at dawn")
    whole, _ = tree(session, person, last)
    delete(session, middle)
    assert trash.erase(session, person, [middle]) == [middle]
    session.commit()
    found, nodes = tree(session, person, last)
    stub = nodes[str(middle)]
    assert (stub.gone, stub.thumb, stub.prompt) == (Gone.ERASED, "", "harbour in snow at night")
    assert (stub.model, stub.width, stub.height, stub.credits) == ("FLUX.2 pro", 960, 1280, 45)
    assert (stub.parent, nodes[str(last)].parent) == (str(root), str(middle))
    assert [(part.text, part.kind) for part in stub.change] == [("rain", "removed"), ("snow", "added")]
    assert [(node.id, node.column, node.row) for node in found.nodes] == [
        (node.id, node.column, node.row) for node in whole.nodes
    ]
    assert found.reach_credits == whole.reach_credits == 34 + 45 + 40
    assert tree(session, person, root)[1].keys() == nodes.keys()
    assert lineage(session, person, middle) is None


def test_an_erased_upload_keeps_its_place(session: Session, person: UUID) -> None:
    upload = make_upload(session, person)
    last = made_of(session, person, upload, prompt="in winter")
    delete(session, upload)
    assert trash.erase(session, person, [upload]) == [upload]
    session.commit()
    found, nodes = tree(session, person, last)
    assert [node.id for node in found.nodes] == [str(upload), str(last)]
    stub = nodes[str(upload)]
    assert (stub.gone, stub.credits, nodes[str(last)].change) == (Gone.ERASED, 0, [])


def test_a_parent_that_was_never_brought_along_has_a_place(session: Session, person: UUID) -> None:
    root = first(session, person)
    last = made_of(session, person, root, prompt="last")
    for unknown in (None, new_id()):
        session.execute(update(JobInput).values(image_id=unknown))
        session.commit()
        found, nodes = tree(session, person, last)
        assert [node.gone for node in found.nodes] == [Gone.ELSEWHERE, ""]
        assert nodes[str(last)].parent == found.nodes[0].id


def test_nobody_sees_anothers_family(session: Session, person: UUID) -> None:
    one = first(session, person)
    stranger = make_person(session, name="Bea")
    assert lineage(session, stranger, one) is None
    assert lineage(session, person, new_id()) is None


def test_a_large_family_is_cut_and_says_so(
    session: Session, person: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lineages, "MOST", 3)
    root = first(session, person)
    last = root
    for number in range(3):
        last = made_of(session, person, last, prompt=f"step {number}")
        made_of(session, person, root, prompt=f"branch {number}")
    found, nodes = tree(session, person, last)
    assert (len(found.nodes), found.cut) == (3, True)
    assert nodes[str(last)].current
