"""From the first schema's data to today's: every step runs on a used database, and everything in it is still true."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, make_url, text
from sqlmodel import Session, col, select

from runtz_core import db, migrations
from runtz_core.credits import books
from runtz_core.credits import service as credits
from runtz_core.ids import new_id
from runtz_core.images import service as images
from runtz_core.images.models import Image
from runtz_core.images.store import BlobStore
from runtz_core.jobs import queries, receipts, service
from runtz_core.jobs.models import Call, Job
from runtz_core.supervisor.installation import Installation
from tests.conftest import admin, forget_configuration
from tests.core.conftest import submission

FIRST = Path(__file__).with_name("first_schema.sql")
TABLES = ("users", "jobs", "calls", "images", "blobs", "accounts", "transfers", "entries")


@pytest.fixture
def old(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A database of the first schema with data of its time, brought up to date by the role that migrates."""
    owner = make_url(installation.settings.migration_database_url or "")
    runner = make_url(installation.settings.database_url or "")
    name = f"t_{new_id().hex}"
    with admin(installation) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    url = owner.set(database=name).render_as_string(hide_password=False)
    command.upgrade(migrations._config(url), "0001")
    with admin(installation, name) as connection, connection.transaction():
        connection.execute(FIRST.read_text("utf-8"))
    with admin(installation, name) as connection:
        before = counted(connection.execute(query) for query in count_queries())
    migrations.upgrade(url, app_role=runner.username)
    with admin(installation, name) as connection:
        assert counted(connection.execute(query) for query in count_queries()) == before
    for variable, value in installation.environment.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("RUNTZ_DATABASE_URL", runner.set(database=name).render_as_string(hide_password=False))
    monkeypatch.setenv("RUNTZ_SIMULATOR_URL", "http://127.0.0.1:9")
    forget_configuration()
    yield db.get_engine()
    forget_configuration()
    with admin(installation) as connection:
        connection.execute(f'DROP DATABASE "{name}"')


def count_queries() -> list[str]:
    return [f"SELECT '{table}', count(*) FROM {table}" for table in TABLES]  # noqa: S608


def counted(results: Iterator[object]) -> dict[str, int]:
    return dict(result.fetchone() for result in results)  # type: ignore[attr-defined]


def test_everything_in_a_database_of_the_first_schema_is_still_true(old: Engine, tmp_path: Path) -> None:
    with Session(old) as session:
        assert books.check(session, at_rest=True).in_order
    with Session(old) as session:
        person = session.execute(select(Job.user_id).distinct()).scalar_one()
        jobs = session.execute(select(Job).order_by(col(Job.created_at))).scalars().all()
        assert [job.prompt for job in jobs] == [
            "a quiet harbour",
            "a fox [fail:content_blocked@gemini]",
            "rain [fail:reset@openai]",
            "ünïcode 🦊 %s \\ ' quote",
        ]
        states = []
        for job in jobs:
            view = queries.job_view(session, person, job.id)
            assert view is not None
            states.append(Counter(card.state for card in view.cards))
            assert len(images.job_files(session, person, job.id, store=BlobStore(tmp_path))) == sum(
                card.state == "succeeded" for card in view.cards
            )
        assert states == [
            {"succeeded": 8}, {"succeeded": 6, "failed": 2}, {"succeeded": 6, "unknown": 2}, {"succeeded": 8}
        ]  # fmt: skip
        for call_id in session.execute(select(Call.id)).scalars():
            assert receipts.receipt(session, person, call_id) is not None
        for image_id in session.execute(select(Image.id)).scalars():
            assert images.find(session, person, image_id, store=BlobStore(tmp_path)) is not None


def test_a_database_of_the_first_schema_takes_orders(old: Engine) -> None:
    with Session(old) as session:
        person = session.execute(select(Job.user_id).distinct()).scalar_one()
        before = credits.balance(session, person)
        job_id = service.submit(session, person, submission())
        session.commit()
        view = queries.job_view(session, person, job_id)
        assert view is not None
        assert credits.balance(session, person).held == view.credits_held > 0
        assert credits.balance(session, person).available == before.available - view.credits_held
        assert session.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1
