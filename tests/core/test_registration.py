"""Making accounts: open to all, by invitation, or closed; one account for an address; what is no name."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from runtz_core.credits import service as credits
from runtz_core.db import unit_of_work
from runtz_core.users import links, people, registration
from runtz_core.users.models import Registration, Role, Tier
from runtz_core.users.people import BadField, NotAllowed
from tests.core.test_accounts import actions, applicant, member, owner

__all__ = ["owner"]  # a fixture


def test_a_member_starts_with_the_free_credits_and_no_rights(session: Session, owner: UUID) -> None:
    made = people.profile(session, member(session))
    assert (made.role, made.tier, made.email, made.has_password) == (
        Role.MEMBER,
        Tier.FREE,
        "ada@vela.studio",
        True,
    )
    assert credits.balance(session, made.user_id).available == credits.FREE_GRANT
    assert actions(session)[-1] == "registered"


@pytest.mark.parametrize("twin", ["ada@vela.studio", " ADA@Vela.Studio "])
def test_an_address_has_one_account_whatever_its_case(session: Session, owner: UUID, twin: str) -> None:
    member(session)
    assert registration.register(session, applicant(twin, name="Eve")) is None
    session.commit()
    assert [row.name for row in people.people(session)] == ["Owner", "Ada"]
    assert actions(session)[-1] == "registration_refused"


def test_of_two_registrations_at_once_one_makes_the_account(database: Engine, owner: UUID) -> None:
    together = Barrier(6)

    def run(number: int) -> UUID | None:
        together.wait()
        with unit_of_work(database) as session:
            return registration.register(session, applicant(name=f"Ada {number}"))

    with ThreadPoolExecutor(6) as pool:
        made = [user_id for user_id in pool.map(run, range(6)) if user_id]
    assert len(made) == 1
    with unit_of_work(database) as session:
        assert len(people.people(session)) == 2
        accounts = session.execute(
            text("SELECT count(*) FROM accounts WHERE user_id IS NOT NULL")
        ).scalar_one()
        assert accounts == 4, "two for the owner, two for one member, none for those who came second"


def test_a_closed_house_takes_nobody_not_even_invited(session: Session, owner: UUID) -> None:
    code = links.new_invite(session, actor=owner, seconds=60)
    registration.set_rule(session, Registration.CLOSED, actor=owner)
    for invite in ("", code):
        with pytest.raises(NotAllowed, match="Ask the owner"):
            registration.register(session, applicant(), invite=invite)


def test_by_default_one_needs_an_invitation(session: Session) -> None:
    assert registration.rule(session) is Registration.INVITE
    for invite in ("", "made-up", "\x00".replace("\x00", "\ufffd"), "a" * 100_000):
        with pytest.raises(NotAllowed, match="invitation"):
            registration.register(session, applicant(), invite=invite)


def test_an_invitation_brings_one_person_in(session: Session, owner: UUID) -> None:
    registration.set_rule(session, Registration.INVITE, actor=owner)
    code = links.new_invite(session, actor=owner, seconds=60, note="for Ada")
    assert registration.register(session, applicant(), invite=code)
    with pytest.raises(NotAllowed):
        registration.register(session, applicant("bob@vela.studio"), invite=code)
    assert [(row.note, row.state) for row in links.invites(session)] == [("for Ada", "used")]


def test_of_many_who_use_an_invitation_at_once_one_gets_in(database: Engine, owner: UUID) -> None:
    with unit_of_work(database) as session:
        registration.set_rule(session, Registration.INVITE, actor=owner)
        code = links.new_invite(session, actor=owner, seconds=60)
    together = Barrier(6)

    def run(number: int) -> bool:
        together.wait()
        try:
            with unit_of_work(database) as session:
                return (
                    registration.register(session, applicant(f"{number}@vela.studio"), invite=code)
                    is not None
                )
        except NotAllowed:
            return False

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(run, range(6))) == 1


def test_a_taken_address_does_not_use_an_invitation_up(session: Session, owner: UUID) -> None:
    member(session)
    code = links.new_invite(session, actor=owner, seconds=60)
    assert registration.register(session, applicant(), invite=code) is None
    assert links.invites(session)[0].state == "open"


def test_revoked_and_expired_invitations_are_void(session: Session, owner: UUID) -> None:
    registration.set_rule(session, Registration.INVITE, actor=owner)
    revoked = links.new_invite(session, actor=owner, seconds=60)
    assert links.revoke_invite(session, links.invites(session)[0].invite_id, actor=owner)
    assert not links.revoke_invite(session, links.invites(session)[0].invite_id, actor=owner)
    expired = links.new_invite(session, actor=owner, seconds=-1)
    for code in (revoked, expired):
        with pytest.raises(NotAllowed):
            registration.register(session, applicant(), invite=code)
    assert [row.state for row in links.invites(session)] == ["expired", "revoked"]


@pytest.mark.parametrize(
    "email",
    [
        "", " ", "ada", "@vela.studio", "ada@", "a@b@c", "ada@vela..studio", "ada @vela.studio",
        "ada@vela.studio\r\nBcc: x",
        "ada@\x00", "\u202eada@vela.studio", "\ud800@vela.studio", "a" * 250 + "@b.cd", "ada@.studio",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(session: Session, owner: UUID, email: str) -> None:
    with pytest.raises(BadField) as bad:
        registration.register(session, applicant(email))
    assert bad.value.field == "email"


@pytest.mark.parametrize(
    "name", ["", "  ", "\u200d", "a" * 81, "Ada\x00", "Ada\u202eevil", "\ud800", "Ada\x1b[31m", "\u0000\r\n"]
)
def test_what_is_no_name_is_refused(session: Session, owner: UUID, name: str) -> None:
    with pytest.raises(BadField) as bad:
        registration.register(session, applicant(name=name))
    assert bad.value.field == "name"


@pytest.mark.parametrize(
    "name",
    [
        "=cmd|'/c calc'!A1",
        "<img onerror=1>",
        "{{7*7}}",
        "O'Brien; DROP TABLE users",
        "山田 太郎",
        "👩‍👩‍👧‍👦",
        "..",
        "CON",
    ],
)
def test_any_visible_line_is_a_name(session: Session, owner: UUID, name: str) -> None:
    made = registration.register(session, applicant(name=f"  {name}\t"))
    assert made is not None
    assert people.profile(session, made).name == name
