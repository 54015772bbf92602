"""Hints over Redis: "this job changed", and early pictures of running calls. Losing any is harmless."""

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from sqlmodel import Session

from runtz_core.db import after_commit
from runtz_core.outbox import Outbox
from runtz_core.settings import Settings, get_settings

CHANNEL_PATTERN = "user:*"

# One Redis, three databases, so that a stray FLUSHDB of one use spares the others.
_PAGES, BROKER, _HINTS = 0, 1, 3


def redis_url(settings: Settings, database: int) -> str:
    """The configured Redis at `database`. Raises LookupError when there is none."""
    if settings.redis_url is None:
        raise LookupError("no Redis: start it with `./runtz up`, or set RUNTZ_REDIS_URL")
    url = urlsplit(settings.redis_url)
    options = [option for option in url.query.split("&") if option and not option.startswith("db=")]
    if url.scheme == "unix":
        return f"unix://{url.path}?{'&'.join([f'db={database}', *options])}"
    return urlunsplit(url._replace(path=f"/{database}", query="&".join(options)))


def pages_url(settings: Settings) -> str:
    """Where Reflex keeps the state of open tabs."""
    return redis_url(settings, _PAGES)


def broker_url(settings: Settings) -> str:
    """The broker as kombu spells it: unix sockets have a scheme of their own there."""
    url = redis_url(settings, BROKER)
    if url.startswith("unix://"):
        return f"redis+socket://{url.removeprefix('unix://').partition('?')[0]}?virtual_host={BROKER}"
    return url


def hints_url(settings: Settings) -> str:
    """Where hints are published and early pictures live."""
    return redis_url(settings, _HINTS)


@cache
def hints() -> Redis:
    """This process's connection for hints; five seconds at most for anything."""
    return Redis.from_url(hints_url(get_settings()), socket_timeout=5, socket_connect_timeout=5)


outbox = Outbox(lambda: hints())  # looked up each time: a process may be given another configuration


def async_hints(settings: Settings) -> AsyncRedis:
    """A new asynchronous connection for hints; the caller closes it."""
    return AsyncRedis.from_url(hints_url(settings), socket_connect_timeout=5)


def channel(user_id: UUID | str) -> str:
    """Where the news of one person is published."""
    return f"user:{user_id}"


def job_changed(session: Session, user_id: UUID, job_id: UUID) -> None:
    """Tell the pages of `user_id`, after commit, that a job is worth reading again."""
    after_commit(session, lambda: say_job_changed(user_id, job_id), once=("job", user_id, job_id))


def say_job_changed(user_id: UUID, job_id: UUID) -> None:
    """Tell the pages of `user_id` that a job is worth reading again: at once, or when Redis is back."""
    outbox.say(channel(user_id), json.dumps({"kind": "job", "id": str(job_id)}))


def batch_changed(session: Session, user_id: UUID, batch_id: UUID) -> None:
    """Tell the pages of `user_id`, after commit, that a batch, and so any of its jobs, is worth reading again."""
    hint = json.dumps({"kind": "batch", "id": str(batch_id)})
    after_commit(session, lambda: outbox.say(channel(user_id), hint), once=("batch", user_id, batch_id))


def call_changed(session: Session, user_id: UUID, call_id: UUID) -> None:
    """Tell the pages of `user_id`, after commit, that a call without a job is worth reading again."""
    hint = json.dumps({"kind": "call", "id": str(call_id)})
    after_commit(session, lambda: outbox.say(channel(user_id), hint), once=("call", user_id, call_id))


def sessions_changed(session: Session, user_id: UUID) -> None:
    """Have the open tabs of `user_id` check, after commit, whether they are still signed in."""
    hint = json.dumps({"kind": "sessions"})
    after_commit(session, lambda: outbox.say(channel(user_id), hint), once=("sessions", user_id))


def vault_changed(session: Session, user_id: UUID) -> None:
    """Tell the pages of `user_id`, after commit, that pictures were kept, sorted, described or thrown away."""
    hint = json.dumps({"kind": "vault"})
    after_commit(session, lambda: outbox.say(channel(user_id), hint), once=("vault", user_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """An early picture a vendor streamed."""

    index: int  # from 1
    data: bytes = field(repr=False)


def _partial_key(call_id: UUID | str) -> str:
    return f"partial:{call_id}"


def keep_partial(call_id: UUID, index: int, data: bytes, *, seconds: int) -> None:
    """Keep the newest early picture of a call for `seconds`. Raises RedisError, as all below do when it is away."""
    key = _partial_key(call_id)
    with outbox.line() as redis:
        pipe = redis.pipeline(transaction=True)
        pipe.hset(key, mapping={"index": str(index), "data": data})
        pipe.expire(key, seconds)
        pipe.execute()


def partial(call_id: UUID | str) -> Partial | None:
    """The newest early picture of a call, while there is one."""
    with outbox.line() as redis:
        found: Any = redis.hgetall(_partial_key(call_id))
    if not found:
        return None
    return Partial(index=int(found[b"index"]), data=found[b"data"])


def partial_indexes(call_ids: list[UUID]) -> dict[UUID, int]:
    """Which calls have an early picture at hand, and which number it is."""
    if not call_ids:
        return {}
    with outbox.line() as redis:
        pipe = redis.pipeline(transaction=False)
        for call_id in call_ids:
            pipe.hget(_partial_key(call_id), "index")
        found = pipe.execute()
    return {call_id: int(index) for call_id, index in zip(call_ids, found, strict=True) if index}


def forget_partial(call_id: UUID) -> None:
    """Drop the early picture: the real one is there, or none will come."""
    with outbox.line() as redis:
        redis.delete(_partial_key(call_id))
