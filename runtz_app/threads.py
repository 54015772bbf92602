"""The one bounded pool in which handlers and routes call the synchronous core (D8)."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlmodel import Session

from runtz_core.db import unit_of_work
from runtz_core.settings import get_settings

PATIENCE = 8.0  # seconds for one call; Reflex gives up the lock on a tab's state after 10

P = ParamSpec("P")
T = TypeVar("T")


@cache
def _pool() -> ThreadPoolExecutor:
    """As many threads as database connections; made at first use, after the server forked."""
    return ThreadPoolExecutor(get_settings().database_pool, thread_name_prefix="core")


async def run_core(function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `function(session, …)` in a transaction of its own, off the event loop; raises what it raises.

    Raises TimeoutError when it takes longer than PATIENCE. Neither that nor a cancelled caller (the tab
    navigated away) stops the transaction: it commits or rolls back whole.
    """

    def work() -> T:
        with unit_of_work() as session:
            return function(session, *args, **kwargs)

    return await run_blocking(work)


@cache
def _hashing() -> ThreadPoolExecutor:
    """Two threads for passwords: each takes 19 MiB and a whole core for its moment (D9)."""
    return ThreadPoolExecutor(2, thread_name_prefix="hash")


async def run_hashing(function: Callable[..., T], *args: Any) -> T:
    """Hash or check a password: two at a time, holding no database connection, off the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_hashing(), partial(function, *args))


async def run_blocking(function: Callable[..., T], *args: Any) -> T:
    """Run something that waits for disk or Redis in the same pool, without a transaction."""
    async with asyncio.timeout(PATIENCE):
        return await asyncio.get_running_loop().run_in_executor(_pool(), partial(function, *args))
