"""Proving who one is, links, and what people decide about themselves."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlmodel import Session, col

from runtz_core.settings import Timing
from runtz_core.users import links, people, registration, signing
from runtz_core.users import service as users
from runtz_core.users.models import AuditEntry, Registration, Tier, User
from runtz_core.users.people import BadField, NotAllowed
from runtz_core.users.registration import Applicant
from runtz_core.users.signing import Visit

VISIT = Visit(day=date(2026, 11, 22), user_agent="Firefox", address="10.0.0.1")
HASH = "$argon2id$v=19$m=19456,t=2,p=1$aaaa$bbbb"


def applicant(email: str = "ada@vela.studio", name: str = "Ada", **more: Any) -> Applicant:
    return Applicant(name=name, email=email, password_hash=HASH, **more)


@pytest.fixture
def owner(session: Session) -> UUID:
    """The owner, on a server that is open to all."""
    owner = users.ensure_owner(session).id
    registration.set_rule(session, Registration.OPEN, actor=owner)
    session.commit()
    return owner


def member(session: Session, email: str = "ada@vela.studio") -> UUID:
    made = registration.register(session, applicant(email))
    session.commit()
    assert made is not None
    return made


def actions(session: Session) -> list[str]:
    return list(session.execute(select(col(AuditEntry.action)).order_by(col(AuditEntry.id))).scalars())


# --- proving who one is


def test_a_right_password_gives_a_session_and_ends_the_old_one(session: Session, owner: UUID) -> None:
    user_id = member(session)
    old = users.start_session(session, user_id)
    somebody = signing.known(session, " Ada@vela.studio")
    assert somebody.user_id == user_id
    visit = Visit(day=VISIT.day, address=VISIT.address, old_token=old)
    token = signing.arrive_with_password(session, "ada@vela.studio", somebody, visit)
    assert token is not None
    assert users.who(session, token, Timing()) is not None
    assert users.who(session, old, Timing()) is None


@pytest.mark.parametrize(
    "email", ["", "bob@vela.studio", "\x00", "\ud800", "' OR 1=1 --", "%", "a" * 1_000_000]
)
def test_nobody_is_found_for_an_unknown_address(session: Session, owner: UUID, email: str) -> None:
    member(session)
    assert signing.known(session, email) == signing.Known()


def test_what_changed_while_the_password_was_checked_counts(session: Session, owner: UUID) -> None:
    user_id = member(session)
    somebody = signing.known(session, "ada@vela.studio")
    people.set_disabled(session, user_id, True, actor=owner)
    assert signing.arrive_with_password(session, "ada@vela.studio", somebody, VISIT) is None
    people.set_disabled(session, user_id, False, actor=owner)
    session.execute(text("UPDATE users SET password_hash = 'other' WHERE role = 'member'"))
    assert signing.arrive_with_password(session, "ada@vela.studio", somebody, VISIT) is None
    here = users.start_session(session, user_id)
    person = users.who(session, here, Timing())
    assert person is not None
    assert not signing.change_password(session, somebody, "fresh", session_id=person.session_id)


def test_an_outdated_hash_is_replaced_at_sign_in(session: Session, owner: UUID) -> None:
    member(session)
    somebody = signing.known(session, "ada@vela.studio")
    assert signing.arrive_with_password(session, "ada@vela.studio", somebody, VISIT, rehashed="newer")
    assert signing.known(session, "ada@vela.studio").stored == "newer"


def test_a_changed_password_ends_the_other_sessions_and_reset_links(session: Session, owner: UUID) -> None:
    user_id = member(session)
    here, there = users.start_session(session, user_id), users.start_session(session, user_id)
    person = users.who(session, here, Timing())
    assert person is not None
    code = links.new_reset_link(session, user_id, actor=owner, seconds=60)
    proof = signing.proof_of(session, user_id)
    assert signing.change_password(session, proof, "fresh", session_id=person.session_id)
    assert users.who(session, here, Timing()) is not None
    assert users.who(session, there, Timing()) is None
    assert signing.reset_password(session, code, "again", VISIT) is None


def test_a_reset_link_works_once_and_ends_every_session(session: Session, owner: UUID) -> None:
    user_id = member(session)
    before = users.start_session(session, user_id)
    first = links.new_reset_link(session, user_id, actor=owner, seconds=60)
    second = links.new_reset_link(session, user_id, actor=owner, seconds=60)
    assert signing.reset_password(session, first, "x", VISIT) is None, "a newer link voids the older"
    token = signing.reset_password(session, second, "fresh", VISIT)
    assert token is not None
    assert users.who(session, token, Timing()) is not None
    assert users.who(session, before, Timing()) is None
    assert signing.reset_password(session, second, "again", VISIT) is None
    assert signing.known(session, "ada@vela.studio").stored == "fresh"


def test_a_link_is_good_for_its_purpose_alone(session: Session, owner: UUID) -> None:
    user_id = member(session)
    reset = links.new_reset_link(session, user_id, actor=owner, seconds=60)
    assert signing.arrive_with_link(session, reset, VISIT) is None
    sign_in = users.new_owner_link(session, seconds=60)
    assert signing.reset_password(session, sign_in, "fresh", VISIT) is None
    assert signing.arrive_with_link(session, sign_in, VISIT) is not None


def test_codes_stay_out_of_what_servers_log(session: Session) -> None:
    assert links.reset_path("code").partition("#")[2] == "code"
    assert links.invite_path("code").partition("#")[2] == "code"


@pytest.mark.parametrize("code", ["", "x", "\ud800", "a" * 100_000])
def test_a_made_up_reset_code_is_refused(session: Session, owner: UUID, code: str) -> None:
    links.new_reset_link(session, member(session), actor=owner, seconds=60)
    assert signing.reset_password(session, code, "fresh", VISIT) is None


def test_who_is_shut_out_is_out_at_once_and_can_come_back(session: Session, owner: UUID) -> None:
    user_id = member(session)
    token = users.start_session(session, user_id)
    people.set_disabled(session, user_id, True, actor=owner)
    assert users.who(session, token, Timing()) is None
    assert signing.known(session, "ada@vela.studio") == signing.Known()
    with pytest.raises(NotAllowed):
        links.new_reset_link(session, user_id, actor=owner, seconds=60)
    people.set_disabled(session, user_id, False, actor=owner)
    assert users.who(session, token, Timing()) is None, "the old session stays ended"
    assert signing.known(session, "ada@vela.studio").user_id == user_id


def test_the_owner_cannot_be_shut_out_or_moved(session: Session, owner: UUID) -> None:
    with pytest.raises(NotAllowed):
        people.set_disabled(session, owner, True, actor=owner)
    with pytest.raises(NotAllowed):
        people.set_tier(session, owner, Tier.FREE, actor=owner)


def test_sessions_are_listed_and_ended_by_their_person_alone(session: Session, owner: UUID) -> None:
    ada, bob = member(session), member(session, "bob@vela.studio")
    users.start_session(session, ada, user_agent="Firefox")
    theirs = users.sessions(session, ada, Timing())
    assert [seat.user_agent for seat in theirs] == ["Firefox"]
    assert not users.end_one_session(session, bob, theirs[0].session_id)
    assert users.end_one_session(session, ada, theirs[0].session_id)
    assert not users.end_one_session(session, ada, theirs[0].session_id)
    assert users.sessions(session, ada, Timing()) == []


# --- oneself


def test_name_and_address_change_and_stay_unique(session: Session, owner: UUID) -> None:
    ada = member(session)
    member(session, "bob@vela.studio")
    assert not people.rename(session, ada, name="Ada L.", email="ada@vela.studio")
    assert people.rename(session, ada, name="Ada L.", email="new@vela.studio")
    with pytest.raises(BadField, match="cannot be used"):
        people.rename(session, ada, name="Ada", email="BOB@vela.studio")
    with pytest.raises(BadField):
        people.rename(session, ada, name="Ada", email="")
    assert (people.profile(session, ada).name, people.profile(session, ada).email) == (
        "Ada L.",
        "new@vela.studio",
    )


def test_the_owner_may_have_no_address(session: Session, owner: UUID) -> None:
    assert not people.rename(session, owner, name="Mira", email="")
    assert people.profile(session, owner).email == ""


def test_no_row_the_owner_sees_carries_a_hash(session: Session, owner: UUID) -> None:
    member(session)
    assert HASH not in repr(people.people(session))
    assert HASH not in repr(signing.known(session, "ada@vela.studio"))
    assert session.get(User, owner) is not None
