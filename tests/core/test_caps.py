"""Daily caps: exact when many submit at once, given back with the hold, counted anew when the owner changes them."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from runtz_core.credits import books
from runtz_core.credits import service as credits
from runtz_core.db import unit_of_work
from runtz_core.failures import FailureKind
from runtz_core.images.intake import Stored
from runtz_core.jobs import house, service, work
from runtz_core.jobs.booking import ConfirmationNeeded, DailyCapReached
from runtz_core.jobs.requests import SubmissionRefused
from runtz_core.providers.base import Done
from tests.conftest import make_person
from tests.core.conftest import submission
from tests.ledger.conftest import until_somebody_waits

TODAY, TOMORROW, YESTERDAY = date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 21)
PRICE = 30  # flux-2-pro, a square picture


def cap(session: Session, owner: UUID, today: date = TODAY, **limits: int | None) -> None:
    house.set_limits(session, replace(house.limits(session), **limits), actor=owner, today=today)
    session.commit()


def run(
    session: Session, person: UUID, today: date = TODAY, samples: int = 1, model: str = "flux-2-pro"
) -> UUID:
    job_id = service.submit(session, person, submission(model, samples=samples), today=today)
    session.commit()
    return job_id


def refused(session: Session, person: UUID, today: date = TODAY, **more: object) -> str:
    """The sentence of the cap in the way."""
    with pytest.raises(DailyCapReached) as reached:
        run(session, person, today, **more)  # type: ignore[arg-type]
    session.rollback()
    return reached.value.problem


def counted(session: Session) -> dict[tuple[str, date], int]:
    session.rollback()
    return {
        (row.scope.partition(":")[0], row.day): row.credits
        for row in session.execute(text("SELECT scope, day, credits FROM spendings"))
    }


def in_order(session: Session) -> None:
    session.rollback()
    report = books.check(session)
    assert report.in_order, "\n".join(report.lines())
    session.rollback()


@pytest.mark.parametrize("scope", ["all", "provider", "user"])
def test_parallel_runs_never_exceed_a_cap(
    database: Engine, session: Session, simulated: None, owner: UUID, scope: str
) -> None:
    people = [make_person(session, name=f"P{number}") for number in range(4 if scope != "user" else 1)]
    limit = 10 * PRICE + 5
    if scope == "all":
        cap(session, owner, daily_cap=limit)
    elif scope == "user":
        cap(session, owner, person_daily_cap=limit)
    else:
        house.set_provider_cap(session, "flux", limit, actor=owner, today=TODAY)
        session.commit()

    def submit(number: int) -> str:
        try:
            with unit_of_work(database) as own:
                person = people[number % len(people)]
                service.submit(own, person, submission("flux-2-pro"), today=TODAY)
        except DailyCapReached:
            return "refused"
        return "held"

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(submit, range(40))) == {"held": 10, "refused": 30}
    assert counted(session) == {(scope, TODAY): 10 * PRICE}
    assert sum(credits.balance(session, person).held for person in people) == 10 * PRICE
    in_order(session)


def test_a_refused_run_changes_nothing_and_says_why(
    session: Session, person: UUID, simulated: None, owner: UUID
) -> None:
    cap(session, owner, person_daily_cap=50)
    run(session, person)
    said = refused(session, person)
    assert said.startswith(
        "You may spend 50 credits a day; 30 are spent or held today and this run needs 30."
    )
    assert said.endswith("Nothing was charged.")
    assert credits.balance(session, person) == credits.Balance(available=10_000 - PRICE, held=PRICE)
    assert session.execute(text("SELECT count(*) FROM jobs")).scalar_one() == 1


def test_several_caps_stand_together(session: Session, person: UUID, simulated: None, owner: UUID) -> None:
    cap(session, owner, daily_cap=1_000, person_daily_cap=1_000)
    house.set_provider_cap(session, "flux", 40, actor=owner, today=TODAY)
    session.commit()
    run(session, person)
    assert refused(session, person).startswith("On Black Forest Labs everybody together may spend 40")
    run(session, person, model="ideogram-4-5")
    # What the refused run had counted against the other caps went with it.
    assert counted(session) == {("all", TODAY): 90, ("provider", TODAY): 30, ("user", TODAY): 90}
    in_order(session)


def test_a_hold_given_back_makes_room_again(
    session: Session, person: UUID, simulated: None, owner: UUID
) -> None:
    cap(session, owner, daily_cap=PRICE)
    for _ in range(3):
        service.cancel_job(session, person, run(session, person))
        session.commit()
        assert counted(session) == {("all", TODAY): 0}
    job_id = run(session, person)
    (claim,) = work.claim(session, worker="w", capacity=9, limits={"flux": 9}, lease=60)
    work.intend(session, claim)
    work.fail(session, claim, FailureKind.TRANSIENT)
    session.commit()
    assert counted(session) == {("all", TODAY): 0}
    service.retry_call(session, person, claim.call_id, today=TODAY)
    session.commit()
    assert counted(session) == {("all", TODAY): PRICE}
    assert job_id


def test_a_charge_stays_counted_until_the_day_ends(
    session: Session, person: UUID, simulated: None, owner: UUID
) -> None:
    cap(session, owner, daily_cap=PRICE)
    run(session, person)
    (claim,) = work.claim(session, worker="w", capacity=9, limits={"flux": 9}, lease=60)
    work.intend(session, claim)
    picture = Stored(sha256="ab" * 32, size=10, media_type="image/png", width=64, height=48)
    work.succeed(session, claim, Done(data=b"x"), picture)
    session.commit()
    refused(session, person)
    run(session, person, TOMORROW)


def test_a_clock_that_jumps_keeps_every_day_exact(
    session: Session, person: UUID, simulated: None, owner: UUID
) -> None:
    run(session, person, YESTERDAY)  # before there was any cap
    cap(session, owner, daily_cap=2 * PRICE, today=TOMORROW)
    late = run(session, person, TOMORROW)
    early = run(session, person, YESTERDAY)  # the clock went back two days
    refused(session, person, YESTERDAY)
    assert counted(session) == {("all", TOMORROW): PRICE, ("all", YESTERDAY): 2 * PRICE}
    for job_id in (early, late):
        service.cancel_job(session, person, job_id)
    session.commit()
    assert counted(session) == {("all", TOMORROW): 0, ("all", YESTERDAY): PRICE}
    in_order(session)


def test_a_cap_set_at_noon_knows_about_the_morning(
    session: Session, person: UUID, simulated: None, owner: UUID
) -> None:
    first = run(session, person, samples=3)
    cap(session, owner, daily_cap=4 * PRICE)
    run(session, person)
    refused(session, person)
    service.cancel_job(session, person, first)
    session.commit()
    assert counted(session) == {("all", TODAY): PRICE}
    cap(session, owner, daily_cap=None)
    assert counted(session) == {}
    run(session, person, samples=9)
    cap(session, owner, daily_cap=9 * PRICE)
    assert counted(session) == {("all", TODAY): 10 * PRICE}
    refused(session, person)
    in_order(session)


def test_a_cap_set_while_a_run_is_submitted_counts_it(
    database: Engine, session: Session, person: UUID, simulated: None, owner: UUID
) -> None:
    """The run has reserved and not committed; whoever sets the cap waits for it, and does not miss it."""
    before = house.limits(session)
    session.commit()
    started, failures = threading.Event(), []

    def set_cap() -> None:
        try:
            with unit_of_work(database) as own:
                started.set()
                house.set_limits(own, replace(before, daily_cap=PRICE), actor=owner, today=TODAY)
        except Exception as error:
            failures.append(error)

    service.submit(session, person, submission("flux-2-pro"), today=TODAY)
    setting = threading.Thread(target=set_cap)
    setting.start()
    started.wait()
    until_somebody_waits(database)
    session.commit()
    setting.join()
    assert failures == []
    assert counted(session) == {("all", TODAY): PRICE}
    refused(session, person)


def test_own_limits_of_a_person_win_over_the_house(
    session: Session, person: UUID, simulated: None, owner: UUID
) -> None:
    other = make_person(session, name="Bea")
    cap(session, owner, person_daily_cap=PRICE)
    house.set_person_limits(
        session, person, daily_cap=2 * PRICE, storage_quota=None, actor=owner, today=TODAY
    )
    session.commit()
    run(session, person)
    run(session, person)
    refused(session, person)
    run(session, other)
    refused(session, other)


def test_a_dear_run_asks_first(session: Session, person: UUID, simulated: None, owner: UUID) -> None:
    cap(session, owner, confirm_above=PRICE)
    run(session, person)
    with pytest.raises(ConfirmationNeeded) as asked:
        run(session, person, samples=2)
    session.rollback()
    assert (asked.value.total, asked.value.above, asked.value.usd_micros) == (2 * PRICE, PRICE, 0)
    assert session.execute(text("SELECT count(*) FROM jobs")).scalar_one() == 1
    service.submit(session, person, submission("flux-2-pro", samples=2, confirmed=True), today=TODAY)
    session.commit()
    assert credits.balance(session, person).held == 3 * PRICE


def test_a_full_quota_refuses_before_anything_is_spent(
    session: Session, person: UUID, simulated: None, owner: UUID
) -> None:
    cap(session, owner, person_storage_quota=3_000_000)
    run(session, person, samples=2)  # two pictures of a megapixel are on their way
    with pytest.raises(SubmissionRefused, match=r"fill 0\.0 MB of your 3\.0 MB") as full:
        run(session, person)
    session.rollback()
    assert full.value.problem.endswith("Nothing was charged.")
    assert credits.balance(session, person).held == 2 * PRICE


def test_many_at_once_never_exceed_a_quota(
    database: Engine, session: Session, person: UUID, simulated: None, owner: UUID
) -> None:
    cap(session, owner, person_storage_quota=5 * 1024 * 1024)  # five pictures of a megapixel
    other = make_person(session, name="Bea")

    def submit(number: int) -> str:
        try:
            with unit_of_work(database) as own:
                service.submit(own, other if number % 4 == 0 else person, submission("flux-2-pro"))
        except SubmissionRefused:
            return "refused"
        return "held"

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(submit, range(40))) == {"held": 10, "refused": 30}
    assert credits.balance(session, person).held == credits.balance(session, other).held == 5 * PRICE


def test_retrying_a_dear_card_asks_first(
    session: Session, person: UUID, simulated: None, owner: UUID
) -> None:
    run(session, person)
    (claim,) = work.claim(session, worker="w", capacity=9, limits={"flux": 9}, lease=60)
    work.intend(session, claim)
    work.fail(session, claim, FailureKind.INVALID)
    session.commit()
    cap(session, owner, confirm_above=PRICE - 1)
    with pytest.raises(ConfirmationNeeded) as dear:
        service.retry_call(session, person, claim.call_id, today=TODAY)
    session.rollback()
    assert (dear.value.total, dear.value.above) == (PRICE, PRICE - 1)
    assert credits.balance(session, person).held == 0
    service.retry_call(session, person, claim.call_id, today=TODAY, confirmed=True)
    session.commit()
    assert credits.balance(session, person).held == PRICE
