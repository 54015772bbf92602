"""Many at once on a real Postgres: no credit is spent twice, no call ends twice, nobody waits for ever."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from runtz_core.credits import service as credits
from runtz_core.credits.models import Transfer
from runtz_core.credits.service import InsufficientCredits
from runtz_core.db import unit_of_work
from runtz_core.failures import FailureKind
from runtz_core.ids import new_id
from runtz_core.images.intake import Stored
from runtz_core.jobs import service, work
from runtz_core.jobs.claims import Claim, Fenced
from runtz_core.jobs.models import Call, CallState
from runtz_core.providers.base import Done
from tests.conftest import make_person
from tests.core.conftest import Submit, submission
from tests.ledger.conftest import Audit, make_call, until_somebody_waits

WORKERS = 8
PICTURE = Stored(sha256="ab" * 32, size=10, media_type="image/png", width=64, height=48)


def at_once(count: int, step) -> Counter:  # type: ignore[no-untyped-def]
    """`step(number)` for every number, WORKERS at a time; counts what came of them."""
    with ThreadPoolExecutor(WORKERS) as pool:
        return Counter(pool.map(step, range(count)))


def test_two_hundred_submits_with_money_for_fifty(
    database: Engine, session: Session, simulated: None, audit: Audit
) -> None:
    price = 30  # flux-2-pro, one picture
    person = make_person(session, available=50 * price)

    def submit(number: int) -> str:
        try:
            with unit_of_work(database) as own:
                service.submit(own, person, submission("flux-2-pro"))
        except InsufficientCredits:
            return "refused"
        return "held"

    assert at_once(200, submit) == {"held": 50, "refused": 150}
    assert credits.balance(session, person) == credits.Balance(available=0, held=50 * price)
    audit(at_rest=False)


def test_a_thousand_duplicate_settles_charge_once_each(
    database: Engine, session: Session, audit: Audit
) -> None:
    person = make_person(session, available=1_000)
    calls = [make_call(session, person, 7) for _ in range(50)]
    session.commit()

    def settle(number: int) -> int:
        with unit_of_work(database) as own:
            call_id = calls[number % len(calls)]
            charged = credits.settle(own, person, call_id)
            if charged:
                own.get_one(Call, call_id).state = CallState.SUCCEEDED
            return charged

    assert at_once(1_000, settle) == {7: 50, 0: 950}
    assert credits.balance(session, person) == credits.Balance(available=650, held=0)
    audit()


def test_cancelling_races_the_end_five_hundred_times(
    database: Engine, session: Session, simulated: None, audit: Audit
) -> None:
    person, limits = make_person(session, available=20_000), {"flux": 1_000}
    jobs = [service.submit(session, person, submission("flux-2-pro", samples=16)) for _ in range(32)]
    claims = work.claim(session, worker="w", capacity=500, limits=limits, lease=600)
    session.commit()
    assert len(claims) == 500

    def act(claim: Claim, number: int) -> str:
        try:
            with unit_of_work(database) as own:
                if number == 0:
                    return "asked" if service.cancel_call(own, person, claim.call_id) else "late"
                return _go(own, claim)
        except Fenced:
            return "fenced"

    with ThreadPoolExecutor(WORKERS) as pool:
        done = Counter(pool.map(lambda turn: act(claims[turn // 2], turn % 2), range(2 * len(claims))))
    assert done["asked"] + done["late"] == 500
    assert done["charged"] + done["cancelled"] == 500
    assert done["fenced"] == 0
    for job_id in jobs:
        service.cancel_job(session, person, job_id)  # the twelve that were never claimed
    session.commit()
    spent = 20_000 - credits.balance(session, person).available
    assert spent == done["charged"] * 30
    audit()


def _go(session: Session, claim: Claim) -> str:
    if not work.intend(session, claim):
        return "cancelled"
    work.succeed(session, claim, Done(data=b"x"), PICTURE)
    return "charged"


def test_a_zombie_and_its_successor_end_a_call_once(
    database: Engine, session: Session, person: UUID, submit: Submit, audit: Audit
) -> None:
    submit("flux-2-pro", samples=16)
    claims = work.claim(session, worker="w", capacity=16, limits={"flux": 16}, lease=600)
    session.commit()

    def end(claim: Claim, number: int) -> str:
        try:
            with unit_of_work(database) as own:
                if number % 2:
                    work.fail(own, claim, FailureKind.TRANSIENT)
                else:
                    work.succeed(own, claim, Done(data=b"x"), PICTURE)
        except Fenced:
            return "fenced"
        return "ended"

    for claim in claims:
        assert at_once(4, partial(end, claim)) == {"ended": 1, "fenced": 3}
    audit()


def test_gifts_with_one_key_arrive_once(
    database: Engine, session: Session, person: UUID, audit: Audit
) -> None:
    def give(number: int) -> bool:
        with unit_of_work(database) as own:
            return credits.adjust(own, person, 5, key="twice", reason="sent twice")

    assert at_once(40, give) == {True: 1, False: 39}
    assert credits.balance(session, person).available == 10_005
    audit()


def test_refunds_at_once_never_exceed_the_charge(
    database: Engine, session: Session, person: UUID, audit: Audit
) -> None:
    call = make_call(session, person, 100)
    credits.settle(session, person, call)
    session.get_one(Call, call).state = CallState.SUCCEEDED
    session.commit()

    def refund(number: int) -> str:
        try:
            with unit_of_work(database) as own:
                credits.refund(own, person, call, 30, key=f"r{number}", reason="sorry")
        except credits.RefundTooLarge:
            return "refused"
        return "given"

    assert at_once(20, refund) == {"given": 3, "refused": 17}
    assert credits.balance(session, person).available == 10_000 - 100 + 90
    audit()


def test_cancelling_waits_for_the_claim_it_races(
    database: Engine, session: Session, person: UUID, submit: Submit, audit: Audit
) -> None:
    """The claim is not committed yet; the cancel must see a running call, which may be paid for, not a waiting one."""
    submit("flux-2-pro")
    (claim,) = work.claim(session, worker="w", capacity=1, limits={"flux": 1}, lease=600)

    def cancel() -> bool:
        with unit_of_work(database) as own:
            return service.cancel_call(own, person, claim.call_id)

    with ThreadPoolExecutor(1) as pool:
        cancelling = pool.submit(cancel)
        until_somebody_waits(database)
        session.commit()
        assert cancelling.result() is True
    session.expire_all()
    call = session.get_one(Call, claim.call_id)
    assert (call.state, call.cancel_requested_at is not None) == (CallState.RUNNING, True)
    session.rollback()
    audit(at_rest=False)


@pytest.mark.parametrize("purpose", ["settle", "release"])
def test_the_database_itself_refuses_a_second_end(session: Session, person: UUID, purpose: str) -> None:
    call = make_call(session, person, 10)
    credits.settle(session, person, call)
    with pytest.raises(IntegrityError, match="one_end_per_call"):
        session.execute(
            insert(Transfer).values(id=new_id(), key="another", purpose=purpose, amount=10, call_id=call)
        )
    session.rollback()


def test_the_database_itself_refuses_a_second_reserve(session: Session, person: UUID) -> None:
    call = make_call(session, person, 10)
    with pytest.raises(IntegrityError, match="one_reserve_per_call"):
        session.execute(
            insert(Transfer).values(id=new_id(), key="another", purpose="reserve", amount=10, call_id=call)
        )
    session.rollback()


def test_the_database_itself_refuses_a_used_key(session: Session, person: UUID) -> None:
    credits.adjust(session, person, 5, key="used", reason="once")
    with pytest.raises(IntegrityError, match="transfers_key_key"):
        session.execute(insert(Transfer).values(id=new_id(), key="used", purpose="grant", amount=5))
    session.rollback()
