"""F57–F59: double clicks, tabs that leave in the middle, and cancelling at the very moment of success."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from runtz_app.threads import run_core
from runtz_core.credits import books
from runtz_core.credits import service as credits
from runtz_core.credits.models import Transfer
from runtz_core.db import unit_of_work
from runtz_core.images.intake import Stored
from runtz_core.jobs import service, work
from runtz_core.jobs.claims import Claim, Fenced
from runtz_core.jobs.models import Call, Job
from runtz_core.providers.base import Done
from tests.conftest import make_person
from tests.core.conftest import Submit, simulated, submission, submit
from tests.images.gallery import digest

__all__ = ["simulated", "submit"]

AT_ONCE = 24


def in_order(engine: Engine, *, at_rest: bool = False) -> None:
    with Session(engine) as session:
        report = books.check(session, at_rest=at_rest)
    assert report.in_order, list(report.lines())


def test_f57_one_key_from_many_tabs_is_one_job_and_one_hold(
    database: Engine, session: Session, person: UUID, simulated: None
) -> None:
    order, start = submission(), threading.Barrier(AT_ONCE)

    def press(_: int) -> UUID:
        start.wait()
        with unit_of_work(database) as session:
            return service.submit(session, person, order)

    with ThreadPoolExecutor(AT_ONCE) as tabs:
        jobs = set(tabs.map(press, range(AT_ONCE)))
    assert len(jobs) == 1
    held = credits.balance(session, person).held
    assert held == session.execute(select(func.sum(col(Call.credits)))).scalar_one()
    in_order(database)


async def test_f58_a_tab_that_leaves_in_the_middle_leaks_no_hold(
    database: Engine, session: Session, person: UUID, simulated: None
) -> None:
    orders = [submission() for _ in range(AT_ONCE)]
    asking = [asyncio.create_task(run_core(service.submit, person, order)) for order in orders]
    await asyncio.sleep(0)
    for place, task in enumerate(asking):
        if place % 2:
            task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    # A cancelled caller stops no transaction: it commits or rolls back whole. Ours comes after all of them.
    await asyncio.gather(*(run_core(service.submit, person, order) for order in orders))
    assert session.execute(select(func.count()).select_from(Job)).scalar_one() == len(orders)
    in_order(database)


@pytest.mark.parametrize("rounds", [60, pytest.param(500, marks=pytest.mark.slow)])
def test_f59_cancelling_at_the_moment_of_success_is_exactly_one_end(
    database: Engine, session: Session, submit: Submit, simulated: None, rounds: int
) -> None:
    person = make_person(session, available=1_000_000)
    ends = {"succeeded": 0, "cancelled": 0}
    with ThreadPoolExecutor(2) as both:
        for number in range(rounds):
            with unit_of_work(database) as session:
                job_id = service.submit(session, person, submission("flux-2-pro"))
            with unit_of_work(database) as session:
                (claim,) = work.claim(session, worker="w", capacity=1, limits={"flux": 1000}, lease=60)
            start = threading.Barrier(2)

            def succeed(claim: Claim = claim, number: int = number, start: threading.Barrier = start) -> None:
                start.wait()
                stored = Stored(sha256=digest(number), size=9, media_type="image/png", width=1, height=1)
                with unit_of_work(database) as session:
                    if work.intend(session, claim):
                        work.succeed(session, claim, Done(data=b""), stored)

            def cancel(job_id: UUID = job_id, start: threading.Barrier = start) -> None:
                start.wait()
                with unit_of_work(database) as session:
                    service.cancel_job(session, person, job_id)

            first, second = both.submit(succeed), both.submit(cancel)
            with suppress(Fenced):  # the row says how it ended
                first.result()
            second.result()
            with Session(database) as session:
                (state,) = session.execute(
                    select(col(Call.state)).where(col(Call.job_id) == job_id)
                ).scalars()
                ended = session.execute(
                    select(func.count()).select_from(Transfer)
                    .join(Call, col(Call.id) == col(Transfer.call_id))
                    .where(col(Call.job_id) == job_id, col(Transfer.purpose).in_(["settle", "release"]))
                ).scalar_one()  # fmt: skip
            ends[state] += 1
            assert ended == 1
    assert sum(ends.values()) == rounds
    with Session(database) as session:
        report = books.check(session, at_rest=True)
    assert report.in_order
