"""Core functions for the event loop: a few threads, one transaction each, patience while the database restarts."""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from runtz_core.db import may_pass, unit_of_work

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

# Seconds between tries: about ten in all, which outlasts a restart of Postgres. Core writes are fenced, so
# repeating one whose commit was lost on the way back changes nothing.
_PATIENCE = (0.05, 0.2, 0.5, 1.0, 3.0, 5.0)
# For the end of what is paid for and here already: two minutes more. Giving up would lose a bought picture.
_PATIENCE_OF_MONEY = (*_PATIENCE, *(5.0 for _ in range(24)))


class Database:
    """Runs synchronous core functions for asynchronous callers."""

    def __init__(self, engine: Engine, *, threads: int) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="database")

    async def run(
        self, function: Callable[Concatenate[Session, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Call `function(session, …)` in one transaction. Retries while the database is away, then raises."""
        return await self._tried(_PATIENCE, lambda session: function(session, *args, **kwargs))

    async def run_for_long(
        self, function: Callable[Concatenate[Session, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """The same for what must not be given up after ten seconds: it is tried for about two minutes."""
        return await self._tried(_PATIENCE_OF_MONEY, lambda session: function(session, *args, **kwargs))

    async def _tried(self, pauses: Iterable[float], function: Callable[[Session], R]) -> R:
        def once() -> R:
            with unit_of_work(self._engine) as session:
                return function(session)

        loop = asyncio.get_running_loop()
        for pause in pauses:
            try:
                return await loop.run_in_executor(self._threads, once)
            except SQLAlchemyError as error:
                if not may_pass(error):
                    raise
                log.warning("database away, trying again", extra={"error": type(error).__name__})
                # Not all at the same moment: what collided would collide again.
                await asyncio.sleep(pause * random.uniform(0.5, 1.5))
        return await loop.run_in_executor(self._threads, once)

    async def aside(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run something short that waits but needs no transaction (a hint over Redis)."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: function(*args, **kwargs)
        )

    def close(self) -> None:
        """Take no more work; what runs is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
