"""What the ledger's tests share: calls that need no vendor, and the books as the judge."""

import time
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from runtz_core.credits import books
from runtz_core.credits import service as credits
from runtz_core.credits.service import Hold
from runtz_core.jobs.models import Call, CallKind
from tests.core.conftest import simulated, submit

__all__ = ["simulated", "submit"]  # fixtures

PATIENCE = 4.0  # seconds; less than the five after which a waiting transaction gives up by itself

TODAY = date(2026, 11, 22)


def make_call(session: Session, user_id: UUID, price: int, *, provider: str = "flux") -> UUID:
    """A call of a kind that leaves no picture, held at `price`, not committed."""
    call = Call(
        user_id=user_id,
        kind=CallKind.DESCRIBE,
        provider=provider,
        model=f"{provider}-model",
        tier="1 MP",
        simulated=True,
        lane=f"{provider}/simulated",
        request={},
        credits=price,
        price_usd_micros=price * 1000,
        spent_day=TODAY,
    )
    session.add(call)
    session.flush()
    credits.reserve(session, user_id, {call.id: Hold(price, provider)}, day=TODAY)
    return call.id


def until_somebody_waits(database: Engine) -> None:
    """Return once a transaction waits for a lock that another one holds; fail when none ever does."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    give_up = time.monotonic() + PATIENCE
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as looking:
        while not looking.execute(waiting).scalar_one():
            assert time.monotonic() < give_up, "nobody waits: a lock is missing"


Audit = Callable[..., None]


@pytest.fixture
def audit(database: Engine) -> Audit:
    """Fails with the whole report when the books are not in order."""

    def look(*, at_rest: bool = True) -> None:
        with Session(database) as session:
            report = books.check(session, at_rest=at_rest)
        assert report.in_order, "\n".join(report.lines())

    return look
