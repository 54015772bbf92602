"""The database: one engine per process, one transaction per unit of work, side effects after commit."""

import logging
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from time import monotonic
from typing import Any

import psycopg
from sqlalchemy import DateTime, Engine, create_engine, func, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError, InterfaceError, InvalidatePoolError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Field, Session

from runtz_core.settings import Settings, get_settings, postgres_url

log = logging.getLogger(__name__)

_AFTER_COMMIT = "after_commit"
# A process that is stopped in the middle of a transaction must not hold its locks for ever: Postgres ends it.
# Over a network: a peer that has vanished without a word is noticed within half a minute; sockets of files ignore it.
_HALF_OPEN = {
    "keepalives_idle": 15,  # seconds
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}
_OPTIONS = "-c timezone=UTC -c lock_timeout=5000 -c idle_in_transaction_session_timeout=10000"


# Seconds. A server that was restarted was away for longer, so a connection used since then is not asked first.
_TRUSTED_FOR = 0.2
_FREE_SINCE = "free_since"


def make_engine(url: str, *, pool_size: int) -> Engine:
    """An engine for `url`. Dead connections are noticed before use; a waiting caller gives up after 5 s."""
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        hide_parameters=True,  # an error text must not carry prompts
        connect_args={"connect_timeout": 5, "options": _OPTIONS, **_HALF_OPEN},
    )
    listen(engine, "checkin", _note_the_time)
    listen(engine, "checkout", lambda taken, record, _proxy: _ask_whether_it_lives(engine, taken, record))
    return engine


def _note_the_time(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[_FREE_SINCE] = monotonic()


def _ask_whether_it_lives(engine: Engine, connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    """What `pool_pre_ping` does, but not for a busy pool, where it is a tenth of a short transaction."""
    if monotonic() - record.info.get(_FREE_SINCE, monotonic()) < _TRUSTED_FOR:
        return
    try:
        engine.dialect.do_ping(connection)
    except psycopg.Error:
        raise InvalidatePoolError from None  # the pool connects anew


@cache
def get_engine() -> Engine:
    """This process's engine, made at first use (after the web server forked)."""
    settings = get_settings()
    return make_engine(database_url(settings), pool_size=settings.database_pool)


def database_url(settings: Settings) -> str:
    """The configured database as SQLAlchemy wants it. Raises LookupError when there is none, ValueError."""
    if settings.database_url is None:
        raise LookupError("no database: start it with `./runtz up`, or set RUNTZ_DATABASE_URL")
    return postgres_url(settings.database_url, driver="psycopg")


@contextmanager
def unit_of_work(engine: Engine | None = None) -> Iterator[Session]:
    """One transaction: commits on exit, rolls back on any exception, then runs the `after_commit` calls."""
    with Session(engine or get_engine(), expire_on_commit=False) as session:
        yield session
        session.commit()
        for effect in session.info.pop(_AFTER_COMMIT, {}).values():
            _run(effect)


def after_commit(session: Session, effect: Callable[[], object], *, once: Hashable = None) -> None:
    """Run `effect` once the transaction is durable; never on rollback. A failing effect is logged.

    Effects with the same `once` run one time.
    """
    effects: dict[Hashable, Callable[[], object]] = session.info.setdefault(_AFTER_COMMIT, {})
    effects.setdefault(effect if once is None else once, effect)


def _run(effect: Callable[[], object]) -> None:
    try:
        effect()
    except Exception:
        log.exception("after-commit effect failed")


def may_pass(error: SQLAlchemyError) -> bool:
    """Whether trying again can help: no connection was to be had, it broke, or two transactions collided."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolTimeout)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # nothing came from the server
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    # 08 connection, 40 serialization and deadlock, 53 resources, 55P03 lock not available, 57P0x shutdown
    return (
        error.connection_invalidated
        or state[:2] in ("08", "40", "53")
        or state in ("55P03", "57P01", "57P02", "57P03")
    )


def database_now(session: Session) -> datetime:
    """The database's clock, the one all leases and deadlines run on."""
    now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return now


def utc_now() -> datetime:
    """This machine's clock, aware UTC; for what people read, never for leases."""
    return datetime.now(UTC)


def created_column(**options: Any) -> Any:
    """An aware UTC timestamp set by the database when the row is inserted."""
    return Field(
        default=None,
        sa_type=DateTime(timezone=True),
        sa_column_kwargs={"server_default": func.clock_timestamp(), "nullable": False},
        **options,
    )


def time_column(**options: Any) -> Any:
    """An optional aware UTC timestamp."""
    return Field(default=None, sa_type=DateTime(timezone=True), nullable=True, **options)
