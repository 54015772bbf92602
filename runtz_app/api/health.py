"""Is this process serving, and could the installation do work? For the supervisor, a proxy and monitors."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from runtz_app.threads import run_blocking, run_core
from runtz_core import events
from runtz_core.images.condition import require_room
from runtz_core.images.errors import StorageFull
from runtz_core.images.intake import get_store
from runtz_core.jobs import figures
from runtz_core.settings import get_settings

log = logging.getLogger(__name__)

PATIENCE = 3.0  # seconds for one part to answer
TRUSTED = 1.0  # seconds for which an answer counts, so that asking often costs nothing

_last: tuple[float, dict[str, str]] | None = None


async def health(request: Request) -> Response:
    """200 as soon as the process answers; says nothing about the installation."""
    return JSONResponse({"status": "ok"})


async def ready(request: Request) -> Response:
    """200 when database, Redis, a worker and the disk are all there, else 503; each named, without particulars."""
    global _last
    if _last is None or monotonic() - _last[0] >= TRUSTED:
        looks = {"database": _database, "redis": _redis, "worker": _worker, "disk": _disk}
        found = await asyncio.gather(*(_answers(look) for look in looks.values()))
        parts = {name: "ok" if good else "away" for name, good in zip(looks, found, strict=True)}
        if _last is None or _last[1] != parts:
            level = logging.INFO if all(found) else logging.WARNING
            log.log(level, "ready: %s", ", ".join(f"{name} {state}" for name, state in parts.items()))
        _last = monotonic(), parts
    parts = _last[1]
    good = all(state == "ok" for state in parts.values())
    return JSONResponse(
        {"status": "ready" if good else "not ready", **parts},
        200 if good else 503,
        {"Cache-Control": "no-store"},
    )


async def _answers(look: Callable[[], Awaitable[bool]]) -> bool:
    with suppress(SQLAlchemyError, RedisError, OSError, TimeoutError, StorageFull, LookupError):
        async with asyncio.timeout(PATIENCE):
            return await look()
    return False


async def _database() -> bool:
    def ask(session: Session) -> bool:
        return bool(session.connection().exec_driver_sql("SELECT 1").scalar_one())

    return await run_core(ask)


async def _redis() -> bool:
    # A write, since a full Redis still answers pings and takes no messages any more.
    return bool(await run_blocking(lambda: events.hints().set("ready", "1", ex=60)))


async def _worker() -> bool:
    """At least one worker gave a sign within a lease."""
    silent = get_settings().timing.lease
    return await run_core(lambda session: figures.workers_alive(session, silent=silent)) > 0


async def _disk() -> bool:
    await run_blocking(lambda: require_room(get_store(), least=get_settings().limits.disk_free))
    return True
