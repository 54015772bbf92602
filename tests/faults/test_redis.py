"""F40–F44: Redis dies, is wiped, is away, hangs, is full. No job is lost by it, and nobody is signed out."""

from collections.abc import Iterable, Iterator
from uuid import UUID

import pytest
from redis import RedisError
from sqlmodel import Session

from runtz_core import events
from runtz_core.db import unit_of_work
from runtz_core.settings import get_settings
from runtz_core.supervisor.installation import Installation
from runtz_core.users import service as users
from tests.faults.ground import OwnRedis, own_redis
from tests.faults.stand import FLUX, HELD, PATIENT, SHORT, Stand, keyed, standing
from tests.sim.simulator import Simulator
from tests.tasks.conftest import until


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    with own_redis(tmp_path_factory.mktemp("redis")) as redis:
        yield redis


@pytest.fixture(scope="module")
def stand(
    installation: Installation, vendors: Simulator, redis: OwnRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stand]:
    environment = SHORT | keyed(vendors) | PATIENT | {"RUNTZ_REDIS_URL": redis.url}
    with standing(installation, vendors, tmp_path_factory.mktemp("stand"), environment=environment) as stand:
        stand.start_worker()
        yield stand


@pytest.fixture(autouse=True)
def redis_is_back(redis: OwnRedis) -> Iterator[None]:
    """Whatever a test did, the next one finds a Redis that answers."""
    yield
    redis.go_on()
    if not redis.answers():
        redis.start()


def succeeded(stand: Stand, jobs: Iterable[UUID]) -> bool:
    return all(call.state == "succeeded" for job_id in jobs for call in stand.calls(job_id))


@pytest.mark.slow
def test_f40_redis_killed_with_a_hundred_calls_queued(blank: Stand, redis: OwnRedis) -> None:
    jobs = blank.crowd(25)
    redis.kill()
    redis.start()
    blank.check()
    assert succeeded(blank, jobs)


def test_f41_redis_wiped_in_the_middle(blank: Stand, redis: OwnRedis) -> None:
    with unit_of_work(blank.engine) as session:
        token = users.start_session(session, blank.person)
    blank.simulator.latency(0.5)
    blank.simulator.latency(HELD, "flux")
    jobs = blank.crowd(6)
    until(lambda: any(c.state == "running" for c in blank.view(jobs[0]).cards), "some are under way")
    for _ in range(3):
        redis.client().flushall()
    blank.simulator.latency(0.5, "flux")
    blank.simulator.advance(HELD)
    blank.check()
    assert succeeded(blank, jobs)
    with Session(blank.engine) as session:
        assert users.who(session, token, get_settings().timing) is not None, "nobody is signed out"


@pytest.mark.slow
def test_f42_jobs_submitted_while_redis_is_away_are_accepted_and_done(blank: Stand, redis: OwnRedis) -> None:
    redis.kill()
    jobs = blank.crowd(5)
    blank.rest()
    assert all(blank.view(job_id).finished_at for job_id in jobs), "done without any Redis"
    redis.start()
    blank.check()
    assert succeeded(blank, jobs)


@pytest.mark.slow
def test_f43_redis_that_hangs_holds_nobody_for_good(blank: Stand, redis: OwnRedis) -> None:
    blank.simulator.latency(0.5)
    blank.simulator.latency(HELD, "flux")
    jobs = blank.crowd(5)
    until(lambda: any(c.state == "running" for c in blank.view(jobs[0]).cards), "some are under way")
    blank.simulator.latency(0.5, "flux")
    blank.simulator.advance(HELD)
    redis.hang()
    late = blank.submit(FLUX)  # returns: every wait for Redis ends by itself
    assert blank.calls(late)
    assert events.outbox.away, "one wait told all others"
    jobs += [late, *blank.crowd(3)]
    redis.go_on()
    until(lambda: not events.outbox.away, "it is noticed that Redis is back")
    blank.check()
    assert succeeded(blank, jobs)


def test_f44_a_full_redis_loses_no_job(blank: Stand, redis: OwnRedis) -> None:
    client = redis.client()
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", "1")
    try:
        jobs = blank.crowd(5)
        blank.rest()
        with pytest.raises(RedisError, match="maxmemory"):
            events.hints().set("ready", "1", ex=10)  # what /ready does: it turns red
    finally:
        client.config_set("maxmemory", "0")
    blank.check()
    assert succeeded(blank, jobs)
