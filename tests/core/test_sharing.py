"""Share links: who makes them, what they show, and when they show nothing any more."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlmodel import Session, col

from runtz_core.ids import new_id
from runtz_core.images.errors import ImageNotFound
from runtz_core.sharing import service as sharing
from runtz_core.sharing.models import Share
from runtz_core.users.models import AuditEntry, User
from tests.conftest import make_person
from tests.core.pictures import delete, job_of, picture_of


@pytest.fixture
def two(session: Session, person: UUID) -> list[UUID]:
    job = job_of(session, person)
    return [picture_of(session, person, job), picture_of(session, person, job, provider="openai", model="x")]


def test_a_link_shows_its_pictures_and_nothing_of_it_can_be_read_from_the_table(
    session: Session, person: UUID, two: list[UUID]
) -> None:
    token = sharing.make(session, person, two, with_prompt=True, seconds=60)
    assert len(token) >= 43  # 256 bits
    row = session.execute(select(Share)).scalar_one()
    assert token not in str(row.model_dump())
    shown = sharing.view(session, token)
    assert shown is not None
    assert [one.id for one in shown.pictures] == [str(one) for one in two]
    assert (shown.missing, shown.with_prompt) == (0, True)
    assert [one.opened for one in sharing.links(session, person)] == [1]


def _revoke(session: Session, share: Share) -> None:
    assert sharing.revoke(session, share.user_id, share.id)
    assert sharing.revoke(session, share.user_id, share.id), "twice is the same"


def _let_pass(session: Session, share: Share) -> None:
    session.execute(update(Share).values(expires_at=func.clock_timestamp()))


def _delete_all(session: Session, share: Share) -> None:
    for image_id in share.image_ids:
        delete(session, image_id)


def _shut_out(session: Session, share: Share) -> None:
    session.execute(
        update(User).where(col(User.id) == share.user_id).values(disabled_at=func.clock_timestamp())
    )


def _forget(session: Session, share: Share) -> None:
    sharing.forget_all(session, share.user_id)


@pytest.mark.parametrize("end", [_revoke, _let_pass, _delete_all, _shut_out, _forget])
def test_a_link_that_ended_shows_nothing(
    session: Session, person: UUID, two: list[UUID], end: Callable[[Session, Share], None]
) -> None:
    token = sharing.make(session, person, two, with_prompt=False, seconds=None)
    end(session, session.execute(select(Share)).scalar_one())
    assert sharing.view(session, token) is None
    for image_id in two:
        with pytest.raises(ImageNotFound):
            sharing.shared_file(session, token, image_id)


def test_a_deleted_picture_is_missing_from_its_link(session: Session, person: UUID, two: list[UUID]) -> None:
    token = sharing.make(session, person, two, with_prompt=False, seconds=60)
    delete(session, two[0])
    shown = sharing.view(session, token)
    assert shown is not None
    assert ([one.id for one in shown.pictures], shown.missing) == ([str(two[1])], 1)


def test_a_link_opens_no_other_picture(session: Session, person: UUID, two: list[UUID]) -> None:
    token = sharing.make(session, person, two[:1], with_prompt=False, seconds=60)
    for other in (two[1], new_id()):
        with pytest.raises(ImageNotFound):
            sharing.shared_file(session, token, other)
    for wrong in ("", token[:-1], token + "A", "\x00", "\ud800"):
        assert sharing.view(session, wrong) is None


def test_only_ones_own_pictures_can_be_shared_and_not_too_many(
    session: Session, person: UUID, two: list[UUID]
) -> None:
    stranger = make_person(session, name="Bea")
    with pytest.raises(ImageNotFound):
        sharing.make(session, stranger, two, with_prompt=True, seconds=60)
    for ids in ([], [new_id() for _ in range(7)]):
        with pytest.raises(sharing.ShareRefused, match="1 to 6"):
            sharing.make(session, person, ids, with_prompt=True, seconds=60)


def test_links_are_listed_and_revoked_by_their_maker_alone(
    session: Session, person: UUID, two: list[UUID]
) -> None:
    sharing.make(session, person, two, with_prompt=True, seconds=60)
    sharing.make(session, person, two[1:], with_prompt=False, seconds=None)
    assert [len(one.image_ids) for one in sharing.links(session, person)] == [1, 2]
    assert [len(one.image_ids) for one in sharing.links(session, person, image_id=two[0])] == [2]
    stranger = make_person(session, name="Bea")
    assert sharing.links(session, stranger) == []
    known = UUID(sharing.links(session, person)[0].id)
    assert not sharing.revoke(session, stranger, known)
    assert not sharing.revoke(session, person, new_id())
    assert sharing.revoke(session, person, known)
    delete(session, two[0])
    delete(session, two[1])
    assert [one.state for one in sharing.links(session, person)] == ["revoked", "empty"]
    actions = session.execute(select(col(AuditEntry.action)).order_by(col(AuditEntry.id))).scalars().all()
    assert actions[-3:] == ["share_made", "share_made", "share_revoked"]


def test_there_is_an_end_to_links(
    session: Session, person: UUID, two: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "MOST_LINKS", 1)
    sharing.make(session, person, two, with_prompt=True, seconds=60)
    with pytest.raises(sharing.ShareRefused, match="Revoke one"):
        sharing.make(session, person, two, with_prompt=True, seconds=60)
