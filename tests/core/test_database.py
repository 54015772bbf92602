"""The pool notices what died while it rested; errors tell whether trying again can help."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from runtz_core import db


def _session_number(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


@pytest.fixture
def end_session(database: Engine) -> Callable[[int], None]:
    """End a server session from outside, as a restart of the server does."""
    other = db.make_engine(database.url.render_as_string(hide_password=False), pool_size=1)

    def end(number: int) -> None:
        with other.connect() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})
        other.dispose()

    return end


def test_a_peer_that_vanishes_from_the_network_is_noticed_within_half_a_minute(database: Engine) -> None:
    with database.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        parameters = driver.info.get_parameters()
    assert parameters["tcp_user_timeout"] == "30000"
    silent = int(parameters["keepalives_idle"])
    silent += int(parameters["keepalives_interval"]) * int(parameters["keepalives_count"])
    assert silent <= 30


def test_a_connection_that_died_while_it_rested_is_replaced(
    database: Engine, end_session: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = _session_number(database)
    end_session(number)
    monkeypatch.setattr(db, "_TRUSTED_FOR", 0.0)  # as if it had rested for long
    assert _session_number(database) != number


def test_a_busy_connection_is_not_asked_and_a_dead_one_costs_one_error(
    database: Engine, end_session: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = _session_number(database)
    monkeypatch.setattr(db, "_TRUSTED_FOR", 60.0)  # as if it had just been used
    assert _session_number(database) == number
    end_session(number)
    with pytest.raises(OperationalError):
        _session_number(database)
    assert _session_number(database) != number


@pytest.mark.parametrize(
    ("statement", "passes"),
    [
        ("SELECT pg_terminate_backend(pg_backend_pid())", True),
        ("SET LOCAL lock_timeout = 1; LOCK TABLE users", True),
        ("SELECT 1 / 0", False),
        ("SELECT CAST(:text AS text)", False),
        ("SELECT CAST(:json AS jsonb)", False),
    ],
    ids=["session ended", "lock held by another", "wrong arithmetic", "NUL in a text", "NUL in JSON"],
)
def test_an_error_that_would_come_again_is_not_taken_for_an_absent_database(
    database: Engine, statement: str, passes: bool
) -> None:
    given = {"text": "a\x00b", "json": '"\\u0000"'}
    with database.connect() as other, database.connect() as connection:
        other.execute(text("LOCK TABLE users"))
        *before, failing = statement.split(";")
        for one in before:
            connection.execute(text(one))
        named = {name: value for name, value in given.items() if f":{name}" in failing}
        with pytest.raises(DBAPIError) as failed:
            connection.execute(text(failing), named)
    assert db.may_pass(failed.value) is passes


def test_a_database_that_is_not_there_may_come() -> None:
    engine = db.make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none", pool_size=1)
    with pytest.raises(OperationalError) as failed:
        engine.connect()
    assert db.may_pass(failed.value)
