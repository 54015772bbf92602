"""F21 and F60 to F64: money under pressure, with pictures under way all the time."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from runtz_core.credits import rules
from runtz_core.credits import service as credits
from runtz_core.credits.models import Purpose
from runtz_core.db import unit_of_work
from runtz_core.images.intake import Stored
from runtz_core.jobs import service, work
from runtz_core.jobs.claims import Fenced
from runtz_core.leaving import deletion
from runtz_core.providers.base import Done, Pending
from runtz_core.supervisor.installation import Installation
from tests.conftest import admin, make_person
from tests.core.conftest import submission
from tests.faults.stand import FLUX, GEMINI, Stand, until

PICTURE = Stored(sha256="cd" * 32, size=10, media_type="image/png", width=64, height=48)


def ends(stand: Stand, job_ids: list[UUID]) -> Counter[str]:
    """How often each end was written for the calls of these jobs."""
    with Session(stand.engine) as session:
        rows = session.execute(
            text(
                "SELECT purpose, count(*) AS times FROM transfers JOIN calls ON calls.id = call_id "
                "WHERE job_id = ANY(:jobs) AND purpose IN ('settle', 'release') GROUP BY purpose"
            ),
            {"jobs": job_ids},
        )
        return Counter({row.purpose: row.times for row in rows})


@contextmanager
def refusing(installation: Installation, stand: Stand, purpose: str) -> Iterator[None]:
    """The database takes no transfer of this purpose."""
    name = stand.engine.url.database or ""
    with admin(installation, name) as connection:
        connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'no room for transfers'; END $$"
        )
        connection.execute(
            f"CREATE TRIGGER refuse BEFORE INSERT ON transfers FOR EACH ROW "
            f"WHEN (NEW.purpose = '{purpose}') EXECUTE FUNCTION refuse()"
        )
        try:
            yield
        finally:
            connection.execute("DROP TRIGGER refuse ON transfers")
            connection.execute("DROP FUNCTION refuse()")


@pytest.mark.slow
def test_f60_of_two_hundred_submissions_at_once_exactly_those_with_money_run(blank: Stand) -> None:
    price = blank.calls(blank.submit(FLUX))[0].credits
    company = blank.crowd(5)
    with Session(blank.engine) as session:
        person = make_person(session, available=50 * price, name="Bea")

    def submit(_: int) -> UUID | None:
        try:
            with unit_of_work(blank.engine) as session:
                return service.submit(session, person, submission(FLUX))
        except credits.InsufficientCredits:
            return None

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(submit, range(200)))
    accepted = [job_id for job_id in found if job_id is not None]
    assert len(accepted) == 50
    with Session(blank.engine) as session:
        jobs = session.execute(text("SELECT count(*) FROM jobs WHERE user_id = :id"), {"id": person})
        assert jobs.scalar_one() == 50
    blank.accepted += accepted
    blank.check()
    assert ends(blank, accepted) == {"settle": 50}
    assert {blank.view(job).summary for job in company} == {"4 ready"}


def test_f61_without_a_hold_nothing_is_sent(blank: Stand, installation: Installation) -> None:
    company = blank.crowd(5)
    blank.rest()
    sent = len(blank.simulator.calls())
    with refusing(installation, blank, "reserve"):
        for _ in range(20):
            with pytest.raises(DBAPIError), unit_of_work(blank.engine) as session:
                service.submit(session, blank.person, submission(FLUX))
    with Session(blank.engine) as session:
        held = credits.balance(session, blank.person).held
    assert (len(blank.simulator.calls()), held) == (sent, 0)
    assert {blank.view(job).summary for job in company} == {"4 ready"}
    blank.check()


def test_f62_a_release_that_fails_again_and_again_happens_once_in_the_end(
    blank: Stand, installation: Installation
) -> None:
    with refusing(installation, blank, "release"):
        refused = [blank.submit(GEMINI, prompt="[fail:content_blocked@gemini]") for _ in range(6)]
        company = blank.crowd(5)
        until(lambda: blank.log().count("end could not be written") >= 3, "releases fail")
        until(lambda: all(blank.view(job).finished_at for job in company), "others go on")
    blank.check()
    assert ends(blank, refused) == {"release": 6}
    assert {blank.view(job).summary for job in company} == {"4 ready"}


def test_f63_gifts_and_refunds_repeated_or_too_large_change_nothing(blank: Stand) -> None:
    company = blank.crowd(5)
    charged = blank.submit(FLUX)
    until(lambda: blank.view(charged).finished_at, "it is charged")
    (call,) = blank.calls(charged)

    def repeat(_: int) -> tuple[bool, bool]:
        with unit_of_work(blank.engine) as session:
            given = credits.grant(
                session, blank.person, 100, key=f"gift:{call.id}", purpose=Purpose.GRANT, reason="a gift"
            )
        with unit_of_work(blank.engine) as session:
            back = credits.refund(
                session,
                blank.person,
                call.id,
                call.credits,
                key=f"back:{call.id}",
                reason="a blurred picture",
            )
        return given, back

    with ThreadPoolExecutor(6) as threads:
        done = list(threads.map(repeat, range(12)))
    assert [sum(column) for column in zip(*done, strict=True)] == [1, 1]
    with pytest.raises(credits.RefundTooLarge), unit_of_work(blank.engine) as session:
        credits.refund(session, blank.person, call.id, 1, key="one more", reason="one more")
    blank.check()
    assert {blank.view(job).summary for job in company} == {"4 ready"}


def test_f64_prices_are_frozen_and_who_leaves_takes_nothing_along(blank: Stand) -> None:
    blank.simulator.latency(0.8)
    jobs = blank.crowd(5)
    promised = {call.id: call.credits for job in jobs for call in blank.calls(job)}
    with unit_of_work(blank.engine) as session:
        rules.set_rule(session, FLUX, enabled=True, markup=50_000)
    leaver, blank.person = blank.person, _somebody(blank)
    stayers = blank.crowd(3)
    with unit_of_work(blank.engine) as session:
        deletion.leave(session, leaver)
    blank.rest()
    with unit_of_work(blank.engine) as session:
        deletion.erase_departed(session)
        rules.set_rule(session, FLUX, enabled=True, markup=10_000)
    assert {call.id: call.credits for job in jobs for call in blank.calls(job)} == promised
    with Session(blank.engine) as session:
        assert credits.balance(session, leaver).held == 0
    assert {blank.view(job).summary for job in stayers} == {"4 ready"}
    blank.anybody_killed = True  # the leaver's files go with the next tidying
    blank.check()


def _somebody(stand: Stand) -> UUID:
    with Session(stand.engine) as session:
        return make_person(session, available=100_000, name="Bea")


@pytest.mark.slow
def test_f21_the_same_result_twice_and_out_of_order_ends_a_call_once(blank: Stand) -> None:
    company = blank.crowd(5)
    blank.rest()
    blank.stop_workers()
    job_id = blank.submit(FLUX, samples=4)
    with unit_of_work(blank.engine) as session:
        claims = work.claim(session, worker="by hand", capacity=4, limits={"flux": 24}, lease=60)
    for claim in claims:
        with unit_of_work(blank.engine) as session:
            work.intend(session, claim)
        with unit_of_work(blank.engine) as session:
            work.put_back(session, claim, seconds=0)
        with pytest.raises(Fenced), unit_of_work(blank.engine) as session:
            work.succeed(session, claim, Done(data=b"late"), PICTURE)
        with pytest.raises(Fenced), unit_of_work(blank.engine) as session:
            work.accepted(session, claim, Pending(reference="later still"))
    blank.start_worker()
    blank.check()
    assert ends(blank, [job_id]) == {"settle": 4}
    assert {blank.view(job).summary for job in company} == {"4 ready"}
