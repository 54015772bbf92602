"""What a test leaves in its database does not reach the next one."""

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import create_engine, make_url
from sqlmodel import Session

from runtz_core.supervisor.installation import Installation
from tests.conftest import admin, make_person
from tests.databases import Databases, Swept

TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')"


def content(installation: Installation, name: str) -> dict[str, list[str]]:
    with admin(installation, name) as connection:
        tables = [table for (table,) in connection.execute(TABLES).fetchall()]
        rows = {
            table: connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall()
            for table in tables
        }
    return {table: sorted(map(str, found)) for table, found in rows.items()}


def template(installation: Installation) -> str:
    return str(make_url(installation.settings.database_url or "").database)


@pytest.fixture
def taken(databases: Databases) -> Swept:
    return databases.take()


def run(installation: Installation, name: str, *statements: str) -> None:
    with admin(installation, name) as connection:
        for statement in statements:
            connection.execute(statement)


def test_what_was_written_changed_and_deleted_is_undone(
    installation: Installation, databases: Databases, taken: Swept
) -> None:
    engine = create_engine(databases.url(taken))
    with Session(engine) as session:
        make_person(session)  # with credits: rows of tables that only grow
    engine.dispose()
    run(
        installation, taken.name, "DELETE FROM one_time_links", "UPDATE users SET name = 'Eve'",
        "SELECT setval('house_rules_id_seq', 70)",
    )  # fmt: skip
    changed = content(installation, taken.name)
    new = content(installation, template(installation))
    assert {table for table in new if changed[table] != new[table]} > {
        "users",
        "entries",
        "house_rules_id_seq",
    }
    before = taken.name
    databases.give_back(taken)
    again = databases.take()
    assert again is taken
    assert again.name != before, "who still knows the old name finds nothing"
    assert content(installation, again.name) == new
    databases.give_back(again)


@pytest.mark.parametrize(
    "change",
    ["ALTER TABLE users ADD COLUMN x int", "ALTER TABLE transfers DISABLE TRIGGER USER", "CREATE SCHEMA mine",
     "CREATE TABLE more (id int)", "REVOKE SELECT ON users FROM runtz", "CREATE INDEX more ON users (name)"],
)  # fmt: skip
def test_who_changed_the_schema_is_the_last_to_use_it(
    installation: Installation, databases: Databases, taken: Swept, change: str
) -> None:
    run(installation, taken.name, change)
    databases.give_back(taken)
    other = databases.take()
    assert other is not taken
    databases.give_back(other)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        admin(installation, taken.name)
