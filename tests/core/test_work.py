"""Claims, fences and ends of calls, and what upkeep does with those left behind."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select, update
from sqlmodel import Session, col

from runtz_core.credits import service as credits
from runtz_core.failures import FailureKind
from runtz_core.images.intake import Stored
from runtz_core.jobs import queries, service, upkeep, work
from runtz_core.jobs.claims import Claim, Fenced
from runtz_core.jobs.models import Call, CallState
from runtz_core.providers.base import Cost, Done, Pending
from tests.conftest import make_person
from tests.core.conftest import Submit, submission
from tests.core.test_credits import books_balance, race

LIMITS = {"openai": 50, "gemini": 50, "ideogram": 10, "flux": 24}
PICTURE = Stored(sha256="ab" * 32, size=10, media_type="image/png", width=64, height=48)


def take(
    session: Session, *, worker: str = "w1", capacity: int = 100, lease: float = 60, **limits: int
) -> list[Claim]:
    claims = work.claim(session, worker=worker, capacity=capacity, limits=LIMITS | limits, lease=lease)
    session.commit()
    return claims


def call(session: Session, claim: Claim) -> Call:
    session.expire_all()
    return session.get_one(Call, claim.call_id)


def expire_leases(session: Session) -> None:
    session.execute(
        update(Call)
        .where(col(Call.state) == CallState.RUNNING)
        .values(lease_until=func.clock_timestamp() - timedelta(seconds=1))
    )
    session.commit()


def reap(session: Session, attempts: int = 4) -> int:
    reaped = upkeep.reap(session, attempts=attempts)
    session.commit()
    return reaped


def test_a_call_is_claimed_once(session: Session, submit: Submit) -> None:
    submit()
    assert len(take(session)) == 4
    assert take(session, worker="w2") == []
    assert work.is_anything_due(session) is False


def test_racing_workers_share_the_calls_without_overlap(
    database: Engine, session: Session, submit: Submit
) -> None:
    submit(samples=4)
    taken: list[UUID] = []

    def claim(own: Session, number: int) -> int:
        claims = work.claim(own, worker=f"w{number}", capacity=5, limits=LIMITS, lease=60)
        taken.extend(one.call_id for one in claims)
        return 0

    race(database, 4, claim)
    assert len(taken) == len(set(taken)) == 16


def test_a_lane_is_never_fuller_than_its_limit(session: Session, submit: Submit) -> None:
    submit("flux-2-pro", samples=5)
    first = take(session, flux=2)
    assert len(first) == 2
    assert take(session, flux=2) == []
    work.intend(session, first[0])
    work.fail(session, first[0], FailureKind.TRANSIENT)
    session.commit()
    assert len(take(session, flux=2)) == 1


def test_people_take_turns_in_a_lane(session: Session, submit: Submit) -> None:
    submit("flux-2-pro", samples=6)
    other = make_person(session, name="Bea")
    service.submit(session, other, submission("flux-2-pro", samples=2))
    session.commit()
    owners = Counter(claim.user_id for claim in take(session, flux=4))
    assert sorted(owners.values()) == [2, 2]


def test_a_delivered_picture_is_charged_with_its_row(session: Session, person: UUID, submit: Submit) -> None:
    job_id = submit("flux-2-pro")
    (claim,) = take(session)
    assert work.intend(session, claim) is True
    work.accepted(session, claim, Pending(reference="{}", request_id="r1"))
    work.received(session, claim)
    work.succeed(session, claim, Done(data=b"x", cost=Cost(usd_micros=5, basis="quote"), seed=7), PICTURE)
    session.commit()
    ended = call(session, claim)
    assert (ended.state, ended.cost_basis, ended.request_id) == (CallState.SUCCEEDED, "simulated", "r1")
    assert credits.balance(session, person) == credits.Balance(available=10_000 - ended.credits, held=0)
    view = queries.job_view(session, person, job_id)
    assert view is not None
    assert (view.ready, view.cards[0].width, view.cards[0].height) == (1, 64, 48)
    assert view.finished_at > 0
    books_balance(session)


def test_a_fenced_attempt_writes_nothing(session: Session, person: UUID, submit: Submit) -> None:
    submit("flux-2-pro")
    (lost,) = take(session)
    expire_leases(session)
    assert reap(session) == 1
    (mine,) = take(session, worker="w2")
    assert mine.attempt == lost.attempt + 1
    for write in (
        lambda: work.intend(session, lost),
        lambda: work.sent(session, lost),
        lambda: work.accepted(session, lost, Pending(reference="late")),
        lambda: work.succeed(session, lost, Done(data=b"x"), PICTURE),
        lambda: work.fail(session, lost, FailureKind.TRANSIENT),
        lambda: work.put_back(session, lost, seconds=0),
    ):
        with pytest.raises(Fenced):
            write()
        session.rollback()
    untouched = call(session, mine)
    assert (untouched.reference, untouched.state, untouched.attempt) == (
        None,
        CallState.RUNNING,
        mine.attempt,
    )
    assert credits.balance(session, person).held == untouched.credits


def test_a_call_left_before_sending_starts_again(session: Session, submit: Submit) -> None:
    submit("flux-2-pro")
    (claim,) = take(session)
    expire_leases(session)
    reap(session)
    assert call(session, claim).state == CallState.QUEUED


def test_a_call_left_too_often_fails_and_costs_nothing(
    session: Session, person: UUID, submit: Submit
) -> None:
    submit("flux-2-pro")
    for _ in range(4):
        (claim,) = take(session)
        expire_leases(session)
        reap(session)
    ended = call(session, claim)
    assert (ended.state, ended.failure) == (CallState.FAILED, FailureKind.INTERNAL)
    assert credits.balance(session, person) == credits.Balance(available=10_000, held=0)


def test_a_call_left_after_sending_is_unknown_and_never_sent_again(
    session: Session, person: UUID, submit: Submit
) -> None:
    job_id = submit("gpt-image-2")
    (claim,) = take(session)
    work.intend(session, claim)
    session.commit()
    expire_leases(session)
    assert reap(session) == 1
    ended = call(session, claim)
    assert (ended.state, ended.failure) == (CallState.UNKNOWN, FailureKind.OUTCOME_UNKNOWN)
    assert take(session) == []
    assert credits.balance(session, person) == credits.Balance(available=10_000, held=0)
    view = queries.job_view(session, person, job_id)
    assert view is not None
    assert view.needs_you == 1
    books_balance(session)


def test_a_call_with_a_reference_goes_on_where_it_was(session: Session, submit: Submit) -> None:
    submit("flux-2-pro")
    (claim,) = take(session)
    work.intend(session, claim)
    work.accepted(session, claim, Pending(reference="task-9"))
    session.commit()
    expire_leases(session)
    reap(session)
    (again,) = take(session)
    assert again.reference == "task-9"


def test_a_heartbeat_keeps_calls_from_the_reaper(session: Session, submit: Submit) -> None:
    submit("flux-2-pro")
    (claim,) = take(session)
    expire_leases(session)
    work.extend_leases(session, "w1", 60, [claim.call_id])
    session.commit()
    assert reap(session) == 0
    assert call(session, claim).state == CallState.RUNNING


def test_cancelling_after_the_claim_ends_the_call_before_it_is_sent(
    session: Session, person: UUID, submit: Submit
) -> None:
    job_id = submit("flux-2-pro")
    (claim,) = take(session)
    service.cancel_job(session, person, job_id)
    session.commit()
    assert work.intend(session, claim) is False
    session.commit()
    assert call(session, claim).state == CallState.CANCELLED
    assert credits.balance(session, person).held == 0


def test_cancelling_after_sending_keeps_what_comes(session: Session, person: UUID, submit: Submit) -> None:
    job_id = submit("flux-2-pro")
    (claim,) = take(session)
    work.intend(session, claim)
    session.commit()
    service.cancel_job(session, person, job_id)
    session.commit()
    work.succeed(session, claim, Done(data=b"x"), PICTURE)
    session.commit()
    ended = call(session, claim)
    assert ended.state == CallState.SUCCEEDED
    assert credits.balance(session, person).available == 10_000 - ended.credits


def test_cancel_racing_the_end_gives_exactly_one_end(
    database: Engine, session: Session, person: UUID, submit: Submit
) -> None:
    for _ in range(15):
        job_id = submit("flux-2-pro")
        (claim,) = take(session)
        work.intend(session, claim)
        session.commit()

        def act(own: Session, number: int, claim: Claim = claim, job_id: UUID = job_id) -> str:
            try:
                if number % 2:
                    service.cancel_job(own, person, job_id)
                else:
                    work.fail(own, claim, FailureKind.TRANSIENT)
            except Fenced:
                return "fenced"
            return "ok"

        race(database, 4, act)
    assert credits.balance(session, person) == credits.Balance(available=10_000, held=0)
    books_balance(session)


def test_a_call_put_back_waits_its_time_and_says_why(session: Session, person: UUID, submit: Submit) -> None:
    job_id = submit("flux-2-pro")
    (claim,) = take(session)
    work.intend(session, claim)
    work.put_back(session, claim, seconds=30, kind=FailureKind.RATE_LIMITED, detail="slow down")
    session.commit()
    assert take(session) == []
    view = queries.job_view(session, person, job_id)
    assert view is not None
    assert (view.cards[0].state, view.cards[0].retrying) == ("queued", True)
    assert credits.balance(session, person).held == call(session, claim).credits


def test_only_due_calls_count_as_forgotten(session: Session, submit: Submit) -> None:
    submit("flux-2-pro")
    assert upkeep.forgotten(session, after=60) == []
    assert len(upkeep.forgotten(session, after=0)) == 1


def test_upkeep_belongs_to_one_at_a_time(database: Engine, session: Session) -> None:
    with Session(database) as other:
        assert upkeep.is_mine(other) is True
        assert upkeep.is_mine(session) is False
        other.rollback()
    assert upkeep.is_mine(session) is True


def test_every_call_of_an_unknown_outcome_keeps_its_possible_cost(
    session: Session, person: UUID, simulated: None
) -> None:
    job_id = service.submit(session, person, submission("flux-2-pro"))
    session.execute(update(Call).where(col(Call.job_id) == job_id).values(simulated=False))
    session.commit()
    (claim,) = take(session)
    work.intend(session, claim)
    work.fail(session, claim, FailureKind.OUTCOME_UNKNOWN)
    session.commit()
    ended = session.execute(select(Call).where(col(Call.id) == claim.call_id)).scalar_one()
    session.refresh(ended)
    assert (ended.cost_usd_micros, ended.cost_basis) == (ended.price_usd_micros, "unknown")
