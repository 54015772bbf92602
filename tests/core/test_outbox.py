"""News while Redis is away: one caller waits, the others go on, and all of it is said in the end."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis, RedisError

from runtz_core.outbox import Outbox
from tests.faults.ground import OwnRedis, own_redis
from tests.tasks.conftest import until


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[OwnRedis]:
    with own_redis(tmp_path) as redis:
        yield redis


def test_only_the_first_waits_for_a_redis_that_hangs_and_all_is_said_once_it_is_back(redis: OwnRedis) -> None:
    asked_by: list[str] = []
    client = Redis.from_url(redis.url, socket_timeout=0.3)

    def connection() -> Redis:
        asked_by.append(threading.current_thread().name)
        return client

    outbox = Outbox(connection, ask_every=0.05)
    listener = redis.client().pubsub(ignore_subscribe_messages=True)
    listener.subscribe("user:1")
    until(lambda: client.publish("user:1", "before") == 1, "somebody listens")
    redis.hang()
    mine = threading.current_thread().name
    for number in range(50):
        outbox.say("user:1", f"news {number}")
        outbox.say("user:1", "the same")
    assert outbox.away
    assert asked_by.count(mine) == 1, "whoever came later did not wait for it"
    with pytest.raises(RedisError), outbox.line() as line:
        line.ping()
    redis.go_on()
    until(lambda: not outbox.away, "it is noticed that Redis is back")
    outbox.say("user:1", "after")
    heard: list[str] = []

    def hear() -> bool:
        message = listener.get_message(timeout=0.2)
        if message is not None:
            heard.append(message["data"].decode())
        return heard[-1:] == ["after"]

    until(hear, "the last news is heard")
    # What timed out may have been heard as well: news may come twice.
    assert {f"news {number}" for number in range(50)} < set(heard)
    assert heard.count("the same") == 1
    client.close()


def test_a_redis_that_died_and_came_back_empty_hears_what_was_kept(redis: OwnRedis) -> None:
    outbox = Outbox(redis.client, ask_every=0.05)
    redis.kill()
    outbox.say("user:2", "news")
    with pytest.raises(RedisError), outbox.line():
        pass
    redis.start()
    until(lambda: not outbox.away, "it is noticed that Redis is back")
    with outbox.line() as line:
        assert line.ping()
