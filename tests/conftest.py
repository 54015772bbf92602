"""Real Postgres and Valkey for the tests: one pair a session, a database of its own for each test."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Engine, make_url
from sqlmodel import Session
from xdist.remote import Producer

from runtz_core import db, events, queue
from runtz_core.credits import service as credits
from runtz_core.credits.models import Purpose
from runtz_core.images.intake import get_store
from runtz_core.settings import Settings, get_settings
from runtz_core.supervisor.installation import Installation, embedded_in_thread
from runtz_core.users import service as users
from runtz_core.users.models import Tier, User
from tests.databases import Databases
from tests.order import Shares, longest_first


def forget_configuration() -> None:
    """Make this process read its settings and open its connections anew."""
    if db.get_engine.cache_info().currsize:
        db.get_engine().dispose()
    for cached in (get_settings, db.get_engine, events.hints, queue.sender, get_store):
        cached.cache_clear()


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Postgres with the newest schema, and Valkey."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), _env_file=None)
    with embedded_in_thread(settings, durable=False) as running:
        yield running


def admin(
    installation: Installation, database: str = "postgres", role: str | None = None
) -> psycopg.Connection:
    """A connection of `role`, by itself the one that may make databases."""
    url = make_url(installation.settings.migration_database_url or "")
    return psycopg.connect(
        host=str(url.query["host"]), user=role or url.username, dbname=database, autocommit=True, connect_timeout=5
    )  # fmt: skip


@pytest.fixture(scope="session")
def databases(installation: Installation) -> Iterator[Databases]:
    """What `database` is taken from."""
    databases = Databases(installation)
    yield databases
    databases.close()


@pytest.fixture
def database(
    installation: Installation, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """A database as the migrations left it; `RUNTZ_DATABASE_URL` and this process's engine point at it."""
    taken = databases.take()
    for variable, value in installation.environment.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("RUNTZ_DATABASE_URL", databases.url(taken))
    forget_configuration()
    yield db.get_engine()
    forget_configuration()
    databases.give_back(taken)


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    """A session that the test commits itself."""
    with Session(database, expire_on_commit=False) as session:
        yield session


def make_person(session: Session, *, available: int = 10_000, name: str = "Ada") -> UUID:
    """A member with so many credits, committed."""
    person = User(name=name, tier=Tier.FREE)
    session.add(person)
    session.flush()
    credits.open_accounts(session, person.id)
    if available:
        credits.grant(
            session, person.id, available, key=f"test:{person.id}", purpose=Purpose.GRANT, reason="test"
        )
    session.commit()
    return person.id


@pytest.fixture
def person(session: Session) -> UUID:
    """A member with 10,000 credits."""
    return make_person(session)


@pytest.fixture
def owner(session: Session) -> UUID:
    """The owner."""
    owner = users.ensure_owner(session).id
    session.commit()
    return owner


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Shares | None:
    """Only `./runtz test`, which asks for whole files, gets its own shares."""
    return Shares(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tests send half characters on purpose; what was logged of them must still be printable."""
    report = yield
    report.sections = [
        (title, text.encode("utf-8", "backslashreplace").decode()) for title, text in report.sections
    ]
    return report


@pytest.fixture(scope="session")
def project_root() -> Path:
    return Path(__file__).resolve().parent.parent


# A person's own `.env` must not reach the tests: with a real key in it they would spend money.
os.environ["RUNTZ_ENV_FILE"] = ""
assert "RUNTZ_DATABASE_URL" not in os.environ, "tests bring their own database; unset RUNTZ_DATABASE_URL"
