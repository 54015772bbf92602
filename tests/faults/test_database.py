"""F45–F49: Postgres throws everybody out, is killed, deadlocks, is locked, and its answers get lost."""

import threading
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, col, func, select

from runtz_core.db import unit_of_work
from runtz_core.jobs import service
from runtz_core.jobs.models import Job
from runtz_core.jobs.requests import Submission
from runtz_core.settings import Settings
from runtz_core.supervisor.installation import Installation, embedded_in_thread
from tests.core.conftest import submission
from tests.faults.ground import kill_postgres, superuser, terminate_all
from tests.faults.stand import PATIENT, SHORT, Stand, keyed, standing
from tests.sim.simulator import Simulator
from tests.tasks.conftest import until


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A Postgres that no other test uses, with the durability of a real one: what it acknowledged must stay."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("own"), _env_file=None)
    with embedded_in_thread(settings, durable=True) as running:
        yield running


@pytest.fixture(scope="module")
def stand(own: Installation, vendors: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    environment = SHORT | keyed(vendors) | PATIENT
    with standing(own, vendors, tmp_path_factory.mktemp("stand"), environment=environment) as stand:
        stand.start_worker()
        yield stand


def test_f45_every_connection_ended_again_and_again(blank: Stand) -> None:
    blank.simulator.latency(0.3)
    blank.crowd(6)
    pause = threading.Event()
    for _ in range(5):
        terminate_all(blank.engine)
        pause.wait(0.4)
    blank.check()


@pytest.mark.slow
def test_f46_the_server_killed_in_a_burst(blank: Stand, own: Installation) -> None:
    blank.simulator.latency(0.3)
    blank.crowd(3)
    kill_postgres(own)

    def accepted() -> bool:
        """What is refused was not accepted, and may be sent again."""
        try:
            blank.submit()
        except DBAPIError:
            return False
        return True

    for _ in range(3):
        until(accepted, "jobs are accepted again")
    blank.check()
    assert len(blank.accepted) >= 6


@pytest.mark.slow
def test_f47_deadlocks_are_passed_through(blank: Stand) -> None:
    """Somebody locks what a call's end locks, in the opposite order, again and again."""
    stop, collided = threading.Event(), []

    def collide() -> None:
        with superuser(blank.engine) as connection:
            while not stop.is_set():
                try:
                    with connection.transaction():
                        connection.execute(
                            "SELECT 1 FROM accounts WHERE user_id = %s FOR UPDATE", (blank.person,)
                        )
                        connection.execute("SELECT pg_sleep(0.05)")
                        connection.execute("SELECT 1 FROM calls WHERE state = 'running' FOR UPDATE")
                except psycopg.errors.DeadlockDetected:
                    collided.append("we lost")
                stop.wait(
                    0.4
                )  # without it nobody else would ever get both locks, since who waited first loses

    blank.simulator.latency(0.2)
    thread = threading.Thread(target=collide)
    thread.start()
    try:
        jobs = blank.crowd(5)
        blank.rest()
    finally:
        stop.set()
        thread.join()
    blank.check()
    ended = {call.state for job_id in jobs for call in blank.calls(job_id)}
    assert ended == {"succeeded"}, "what is paid for and here is not given up"


@pytest.mark.slow
def test_f48_a_locked_table_refuses_at_once_and_leaves_nothing_half_made(blank: Stand) -> None:
    blank.crowd(5)
    blank.rest()
    with superuser(blank.engine) as connection, connection.transaction():
        before = connection.execute("SELECT count(*) FROM jobs").fetchone()
        connection.execute("LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(DBAPIError) as refused, unit_of_work(blank.engine) as session:
            service.submit(session, blank.person, submission())
        assert getattr(refused.value.orig, "sqlstate", "") == "55P03", (
            "given up waiting for a lock, after 5 s"
        )
        assert connection.execute("SELECT count(*) FROM jobs").fetchone() == before
    blank.submit()
    blank.check()


def test_f49_an_answer_that_got_lost_is_given_again(blank: Stand) -> None:
    blank.crowd(5)
    for _ in range(3):
        order = submission()
        with Session(blank.engine) as session:
            job_id = service.submit(session, blank.person, order)
            session.commit()  # it is durable, and then the line breaks before anybody hears of it
            terminate_all(blank.engine)
        assert _asked_until_answered(blank, order) == job_id
        blank.accepted.append(job_id)
        with Session(blank.engine) as session:
            made = (
                select(func.count()).select_from(Job).where(col(Job.submission_key) == order.submission_key)
            )
            assert session.execute(made).scalar_one() == 1
    blank.check()


def _asked_until_answered(stand: Stand, order: Submission) -> UUID:
    """Ask as a tab does that got no answer: with the same key, until one comes."""

    def answer() -> UUID | None:
        try:
            with unit_of_work(stand.engine) as session:
                return service.submit(session, stand.person, order)
        except OperationalError:  # a connection that was used a moment ago is trusted
            return None

    return until(answer, "an answer")
