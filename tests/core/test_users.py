"""People and sessions: the owner, one-time links, and how long a token is good."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text
from sqlmodel import Session, col

from runtz_core.credits import service as credits
from runtz_core.db import unit_of_work
from runtz_core.settings import Timing
from runtz_core.users import service as users
from runtz_core.users.models import Role, SignIn, Tier

TIMING = Timing()
TODAY = date(2026, 11, 22)


def later(session: Session, table: str, seconds: float) -> None:
    """Move all rows of a table that many seconds into the past."""
    columns = {
        "sessions": ("created_at", "seen_at"),
        "one_time_links": ("created_at", "expires_at"),
    }[table]
    moves = ", ".join(f"{column} = {column} - make_interval(secs => {seconds})" for column in columns)
    session.execute(text(f"UPDATE {table} SET {moves}"))  # noqa: S608 (names of our own)


def test_there_is_one_owner_however_many_ask_at_once(database: Engine) -> None:
    def ask(_: int) -> UUID:
        with unit_of_work(database) as session:
            return users.ensure_owner(session).id

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(ask, range(12)))) == 1


def test_one_connection_may_ask_for_the_owner_again_and_again(session: Session) -> None:
    # The driver prepares a statement once it was sent five times.
    assert len({users.ensure_owner(session).id for _ in range(9)}) == 1


def test_the_owner_has_unlimited_tier_and_no_password(session: Session) -> None:
    owner = users.ensure_owner(session)
    assert (owner.role, owner.tier, owner.password_hash) == (Role.OWNER, Tier.INFINITY, None)


def test_a_link_signs_in_once(session: Session) -> None:
    code = users.new_owner_link(session, seconds=900)
    assert users.redeem(session, code) == users.ensure_owner(session).id
    assert users.redeem(session, code) is None


def test_of_many_simultaneous_uses_one_wins(database: Engine) -> None:
    with unit_of_work(database) as session:
        code = users.new_owner_link(session, seconds=900)

    def use(_: int) -> UUID | None:
        with unit_of_work(database) as session:
            return users.redeem(session, code)

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(use, range(12)))
    assert sum(result is not None for result in results) == 1


def test_an_expired_link_is_refused(session: Session) -> None:
    code = users.new_owner_link(session, seconds=900)
    later(session, "one_time_links", 901)
    assert users.redeem(session, code) is None


@pytest.mark.parametrize("code", ["", "x", "\x00", "\ud800", "a" * 100_000])
def test_a_made_up_code_is_refused(session: Session, code: str) -> None:
    users.new_owner_link(session, seconds=900)
    assert users.redeem(session, code) is None


def test_a_disabled_owner_cannot_use_a_link(session: Session) -> None:
    code = users.new_owner_link(session, seconds=900)
    session.execute(text("UPDATE users SET disabled_at = clock_timestamp()"))
    assert users.redeem(session, code) is None


def test_only_hashes_of_secrets_are_stored(session: Session) -> None:
    code = users.new_owner_link(session, seconds=900)
    token = users.start_session(session, users.ensure_owner(session).id)
    stored = session.execute(
        text("SELECT sessions::text FROM sessions UNION ALL SELECT one_time_links::text FROM one_time_links")
    ).scalars()
    assert not any(secret in row for row in stored for secret in (code, token))
    assert len(code) >= 43
    assert len(token) >= 43


def test_a_token_names_its_person(session: Session, person: UUID) -> None:
    token = users.start_session(session, person, user_agent="Firefox\r\nX: y" + "z" * 1000)
    found = users.who(session, token, TIMING)
    assert found is not None
    assert (found.user_id, found.name, found.is_owner) == (person, "Ada", False)
    agent = session.execute(select(col(SignIn.user_agent))).scalar_one()
    assert agent.startswith("FirefoxX: y")
    assert len(agent) <= 300


@pytest.mark.parametrize("token", ["", "wrong", "\ud800\x00"])
def test_an_unknown_token_is_nobody(session: Session, person: UUID, token: str) -> None:
    users.start_session(session, person)
    assert users.who(session, token, TIMING) is None


def test_a_session_ends_after_being_idle(session: Session, person: UUID) -> None:
    token = users.start_session(session, person)
    later(session, "sessions", TIMING.session_idle - 5)
    assert users.who(session, token, TIMING) is not None
    # That use counted, so the idle time starts again.
    session.execute(
        text("UPDATE sessions SET seen_at = seen_at - make_interval(secs => :s)"),
        {"s": TIMING.session_idle + 1},
    )
    assert users.who(session, token, TIMING) is None


def test_a_session_ends_after_its_whole_life_however_busy(session: Session, person: UUID) -> None:
    token = users.start_session(session, person)
    later(session, "sessions", TIMING.session_absolute + 1)
    session.execute(text("UPDATE sessions SET seen_at = clock_timestamp()"))
    assert users.who(session, token, TIMING) is None


def test_a_busy_session_is_written_at_most_once_a_minute(session: Session, person: UUID) -> None:
    token = users.start_session(session, person)
    first = session.execute(select(col(SignIn.seen_at))).scalar_one()
    users.who(session, token, TIMING)
    session.expire_all()
    assert session.execute(select(col(SignIn.seen_at))).scalar_one() == first


def test_signing_out_ends_that_session_only(session: Session, person: UUID) -> None:
    one, other = users.start_session(session, person), users.start_session(session, person)
    users.end_session(session, one)
    users.end_session(session, "unknown")
    assert users.who(session, one, TIMING) is None
    assert users.who(session, other, TIMING) is not None


def test_disabling_a_person_ends_their_sessions(session: Session, person: UUID) -> None:
    token = users.start_session(session, person)
    session.execute(text("UPDATE users SET disabled_at = clock_timestamp()"))
    assert users.who(session, token, TIMING) is None


def test_the_owner_is_filled_up_once_a_day(session: Session) -> None:
    owner = users.ensure_owner(session).id
    users.arrive(session, owner, day=TODAY)
    users.arrive(session, owner, day=TODAY)
    assert credits.balance(session, owner).available == credits.INFINITY_LEVEL


def test_a_member_is_not_filled_up(session: Session, person: UUID) -> None:
    before = credits.balance(session, person)
    users.arrive(session, person, day=TODAY)
    assert credits.balance(session, person) == before


def test_a_link_keeps_its_code_out_of_what_servers_log(session: Session) -> None:
    code = users.new_owner_link(session, seconds=900)
    assert users.link_path(code).partition("#")[2] == code
