"""Any sequence of steps: the ledger does what a plain model in memory does."""

import itertools
from collections.abc import Iterator
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, update
from sqlmodel import Session, col

from runtz_core.credits import books
from runtz_core.credits import service as credits
from runtz_core.credits.models import Purpose
from runtz_core.credits.service import BadAmount, InsufficientCredits, RefundTooLarge
from runtz_core.jobs.models import Call, CallState
from tests.conftest import make_person
from tests.ledger.conftest import make_call

AMOUNTS = st.integers(min_value=1, max_value=120)
NONSENSE = st.sampled_from([0, -1, 2**63, float("nan"), 1.5, "1", True, None])


class Ledger(RuleBasedStateMachine):
    """One person. `calls` is what each call holds, was charged, or got back."""

    engine: Engine
    numbers: Iterator[int] = itertools.count()

    @initialize(start=st.integers(min_value=0, max_value=300))
    def open(self, start: int) -> None:
        self.session = Session(self.engine, expire_on_commit=False)
        self.person = make_person(self.session, available=start)
        self.available, self.held = start, 0
        self.open_calls: dict[UUID, int] = {}
        self.charged: dict[UUID, int] = {}
        self.used: list[str] = []

    @rule(price=AMOUNTS)
    def reserve(self, price: int) -> None:
        if price > self.available:
            with pytest.raises(InsufficientCredits) as short:
                make_call(self.session, self.person, price)
            self.session.rollback()
            assert (short.value.needed, short.value.available) == (price, self.available)
            return
        self.open_calls[make_call(self.session, self.person, price)] = price
        self.session.commit()
        self.available, self.held = self.available - price, self.held + price

    @rule(data=st.data(), how=st.sampled_from(["settle", "release"]))
    def end(self, data: st.DataObject, how: str) -> None:
        calls = sorted([*self.open_calls, *self.charged])
        if not calls:
            return
        call = data.draw(st.sampled_from(calls))
        held = self.open_calls.pop(call, 0)
        step = credits.settle if how == "settle" else credits.release
        assert step(self.session, self.person, call) == held
        if held:
            state = CallState.SUCCEEDED if how == "settle" else CallState.FAILED
            self.session.execute(update(Call).where(col(Call.id) == call).values(state=state))
            self.held -= held
            if how == "settle":
                self.charged[call] = held
            else:
                self.available += held
        self.session.commit()

    @rule(amount=AMOUNTS, again=st.booleans())
    def grant(self, amount: int, again: bool) -> None:
        key = self._key(again)
        done = credits.grant(
            self.session, self.person, amount, key=key, purpose=Purpose.GRANT, reason="a gift"
        )
        self._arrived(key, amount, done)

    @rule(amount=AMOUNTS, sign=st.sampled_from([1, -1]), again=st.booleans())
    def adjust(self, amount: int, sign: int, again: bool) -> None:
        key, wanted = self._key(again), sign * amount
        if self.available + wanted < 0 and key not in self.used:
            with pytest.raises(InsufficientCredits):
                credits.adjust(self.session, self.person, wanted, key=key, reason="a correction")
            self.session.rollback()
            return
        done = credits.adjust(self.session, self.person, wanted, key=key, reason="a correction")
        self._arrived(key, wanted, done)

    @rule(data=st.data(), amount=AMOUNTS, again=st.booleans())
    def refund(self, data: st.DataObject, amount: int, again: bool) -> None:
        if not self.charged:
            return
        call, key = data.draw(st.sampled_from(sorted(self.charged))), self._key(again)
        if amount > self.charged[call] and key not in self.used:
            with pytest.raises(RefundTooLarge) as refused:
                credits.refund(self.session, self.person, call, amount, key=key, reason="sorry")
            self.session.rollback()
            assert refused.value.left == self.charged[call]
            return
        done = credits.refund(self.session, self.person, call, amount, key=key, reason="sorry")
        if done:
            self.charged[call] -= amount
        self._arrived(key, amount, done)

    @rule(amount=NONSENSE)
    def nonsense(self, amount: object) -> None:
        with pytest.raises(BadAmount):
            credits.grant(
                self.session,
                self.person,
                amount,
                key="never",
                purpose=Purpose.GRANT,
                reason="x",  # type: ignore[arg-type]
            )
        self.session.rollback()

    def _key(self, again: bool) -> str:
        return self.used[-1] if again and self.used else f"key-{next(self.numbers)}"

    def _arrived(self, key: str, amount: int, done: bool) -> None:
        assert done is (key not in self.used)
        if done:
            self.available += amount
            self.used.append(key)
        self.session.commit()

    @invariant()
    def balances_agree(self) -> None:
        if hasattr(self, "session"):
            has = credits.balance(self.session, self.person)
            assert has == credits.Balance(available=self.available, held=self.held)
            self.session.commit()

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.close()
            with Session(self.engine) as fresh:
                report = books.check(fresh)
            assert report.in_order, "\n".join(report.lines())


def test_the_ledger_does_what_the_model_does(database: Engine) -> None:
    class OnThisDatabase(Ledger):
        engine = database

    run_state_machine_as_test(
        OnThisDatabase,
        settings=settings(
            max_examples=100,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
