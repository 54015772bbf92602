"""The ledger: all or nothing, once each, never below zero, never rewritten."""

import threading
from collections import Counter
from datetime import date
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from runtz_core.credits import service as credits
from runtz_core.credits.models import Purpose
from runtz_core.credits.service import Hold, InsufficientCredits
from runtz_core.ids import new_id
from runtz_core.jobs.models import Call
from runtz_core.supervisor.installation import Installation
from tests.conftest import admin, make_person


def make_calls(session: Session, user_id: UUID, *prices: int) -> list[UUID]:
    calls = [
        Call(
            user_id=user_id,
            provider="flux",
            model="flux-2-pro",
            tier="1 MP",
            simulated=True,
            lane="flux/simulated",
            request={},
            credits=price,
            price_usd_micros=price * 1000,
        )
        for price in prices
    ]
    session.add_all(calls)
    session.commit()
    return [call.id for call in calls]


def hold(session: Session, user_id: UUID, holds: dict[UUID, int]) -> None:
    """Reserve for calls of one provider, on a day without caps."""
    asked = {call_id: Hold(amount, "flux") for call_id, amount in holds.items()}
    credits.reserve(session, user_id, asked, day=date(2026, 11, 22))


def books_balance(session: Session) -> None:
    """Invariants I1 to I3: entries cancel out, balances are their sums, chains are unbroken."""
    assert session.execute(text("SELECT coalesce(sum(amount), 0) FROM entries")).scalar_one() == 0
    lopsided = text(
        "SELECT t.id FROM transfers t LEFT JOIN entries e ON e.transfer_id = t.id GROUP BY t.id "
        "HAVING count(e.*) <> 2 OR sum(e.amount) <> 0 OR max(e.amount) <> t.amount"
    )
    assert session.execute(lopsided).all() == []
    wrong = text(
        "SELECT a.id FROM accounts a LEFT JOIN entries e ON e.account_id = a.id WHERE a.user_id IS NOT NULL "
        "GROUP BY a.id HAVING a.balance <> coalesce(sum(e.amount), 0) OR a.version <> count(e.*)"
    )
    assert session.execute(wrong).all() == []
    broken = text(
        "SELECT * FROM (SELECT balance, amount, version, "
        "lag(balance, 1, 0::bigint) OVER (PARTITION BY account_id ORDER BY version) AS before, "
        "row_number() OVER (PARTITION BY account_id ORDER BY version) AS place "
        "FROM entries WHERE version IS NOT NULL) AS chain WHERE before + amount <> balance OR place <> version"
    )
    assert session.execute(broken).all() == []


@given(micros=st.integers(min_value=0, max_value=10**9), markup=st.integers(min_value=0, max_value=50_000))
def test_a_price_is_rounded_up_and_never_free_unless_it_is(micros: int, markup: int) -> None:
    credits_due = credits.price_in_credits(micros, markup)
    if micros == 0:
        assert credits_due == 0
    else:
        assert credits_due >= 1
        assert credits_due * 10_000_000 >= micros * markup
        assert credits_due == 1 or (credits_due - 1) * 10_000_000 < micros * markup


@pytest.mark.parametrize(("micros", "due"), [(1, 1), (1_000, 1), (1_001, 2), (33_600, 34), (60_000, 60)])
def test_one_credit_is_a_tenth_of_a_cent(micros: int, due: int) -> None:
    assert credits.price_in_credits(micros) == due


def test_reserving_holds_and_settling_charges(session: Session, person: UUID) -> None:
    first, second, free = make_calls(session, person, 30, 12, 0)
    hold(session, person, {first: 30, second: 12, free: 0})
    session.commit()
    assert credits.balance(session, person) == credits.Balance(available=9_958, held=42)
    assert credits.settle(session, person, first) == 30
    assert credits.release(session, person, second) == 12
    assert credits.settle(session, person, free) == 0
    session.commit()
    assert credits.balance(session, person) == credits.Balance(available=9_970, held=0)
    assert credits.charged(session, [first, second, free]) == {first: (0, 30), second: (0, 0)}
    books_balance(session)


def test_a_hold_beyond_the_balance_changes_nothing(session: Session) -> None:
    poor = make_person(session, available=10)
    (call,) = make_calls(session, poor, 11)
    with pytest.raises(InsufficientCredits) as refused:
        hold(session, poor, {call: 11})
    assert (refused.value.needed, refused.value.available) == (11, 10)
    session.rollback()
    assert credits.balance(session, poor) == credits.Balance(available=10, held=0)


def test_every_end_after_the_first_is_nothing(session: Session, person: UUID) -> None:
    (call,) = make_calls(session, person, 30)
    hold(session, person, {call: 30})
    assert credits.settle(session, person, call) == 30
    assert credits.settle(session, person, call) == 0
    assert credits.release(session, person, call) == 0
    session.commit()
    assert credits.balance(session, person) == credits.Balance(available=9_970, held=0)
    books_balance(session)


def test_a_grant_key_works_once(session: Session, person: UUID) -> None:
    for expected in (True, False):
        given_now = credits.grant(session, person, 5, key="gift", purpose=Purpose.GRANT, reason="x")
        assert given_now is expected
    session.commit()
    assert credits.balance(session, person).available == 10_005


def race(engine: Engine, workers: int, step) -> Counter:  # type: ignore[no-untyped-def]
    """Run `step(session, number)` in `workers` threads that start together; count what each returned."""
    gate, results = threading.Barrier(workers), Counter()

    def run(number: int) -> None:
        gate.wait()
        with Session(engine) as session:
            try:
                result = step(session, number)
                session.commit()
            except InsufficientCredits:
                result = "refused"
        results[result] += 1

    threads = [threading.Thread(target=run, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_parallel_holds_never_overspend(database: Engine, session: Session) -> None:
    person = make_person(session, available=50)
    calls = make_calls(session, person, *[10] * 8)

    def take(own: Session, number: int) -> str:
        hold(own, person, {calls[number]: 10})
        return "held"

    assert race(database, 8, take) == {"held": 5, "refused": 3}
    assert credits.balance(session, person) == credits.Balance(available=0, held=50)
    books_balance(session)


def test_racing_ends_of_one_call_move_credits_once(database: Engine, session: Session, person: UUID) -> None:
    for _ in range(20):
        (call,) = make_calls(session, person, 10)
        hold(session, person, {call: 10})
        session.commit()

        def end(own: Session, number: int, call: UUID = call) -> int:
            finish = credits.settle if number % 2 else credits.release
            return finish(own, person, call)

        assert race(database, 4, end) == {10: 1, 0: 3}
    assert credits.balance(session, person).held == 0
    books_balance(session)


@pytest.mark.parametrize("table", ["transfers", "entries"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET amount = 1", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_ledger_cannot_be_rewritten(session: Session, person: UUID, table: str, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"append-only|permission denied|must be owner"):
        session.execute(text(statement.format(table)))
    session.rollback()


@pytest.mark.parametrize("table", ["transfers", "entries"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET amount = 1", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_not_even_the_tables_owner_rewrites_the_ledger(
    database: Engine, installation: Installation, session: Session, person: UUID, table: str, statement: str
) -> None:
    with (
        admin(installation, database.url.database or "") as connection,
        pytest.raises(psycopg.errors.RestrictViolation, match="append-only"),
    ):
        connection.execute(statement.format(table))


def test_a_negative_balance_cannot_be_written(session: Session, person: UUID) -> None:
    with pytest.raises(DBAPIError, match="never_negative"):
        session.execute(text("UPDATE accounts SET balance = -1 WHERE user_id = :id"), {"id": person})
    session.rollback()


def test_holding_for_an_unknown_person_is_refused(session: Session, database: Engine) -> None:
    with pytest.raises(InsufficientCredits):
        hold(session, new_id(), {new_id(): 1})
