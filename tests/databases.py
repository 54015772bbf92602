"""Databases for tests: each gets one as the migrations left it, swept after the test before instead of made anew.

Making and dropping one takes 180 ms, and a run of all tests asks for thousands; sweeping one takes 20.
"""

import select
import time
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from runtz_core.ids import new_id
from runtz_core.supervisor.installation import Installation

Connection = psycopg.Connection[tuple[Any, ...]]

PATIENCE = 5.0  # seconds
MANY = 20_000  # deleted rows that are left behind as garbage, until a database is not worth sweeping
# What a test changed in the schema itself: then the database is dropped.
SHAPE = """
SELECT sum(hashtextextended(one, 0)) FROM (
  SELECT concat(oid, xmin, relfilenode) FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat(oid, xmin) FROM pg_trigger
  UNION ALL SELECT concat(oid, xmin) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT concat(oid, xmin) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT concat(oid, xmin) FROM pg_namespace WHERE NOT starts_with(nspname, 'pg_')
) AS shape(one)
"""
CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE datname = {} AND backend_type = 'client backend'"
NAMES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = %s ORDER BY relname"


@dataclass
class Swept:
    """A database nobody uses: its name, its shape when it was new, and the garbage in it."""

    name: str
    shape: str
    garbage: int = 0


class Databases:
    """The databases of one test process, all on its own server."""

    def __init__(self, installation: Installation) -> None:
        self._template: URL = make_url(installation.settings.database_url or "")
        self._owner: URL = make_url(installation.settings.migration_database_url or "")
        self._admin = self._connected("postgres", str(self._owner.username))
        self._free: list[Swept] = []
        self._sweep = sql.Composed([])

    def close(self) -> None:
        self._admin.close()

    def url(self, one: Swept) -> str:
        """Where tests connect to it."""
        return self._template.set(database=one.name).render_as_string(hide_password=False)

    def take(self) -> Swept:
        """One as the migrations left it."""
        if self._free:
            return self._free.pop()
        name = fresh_name()
        self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, str(self._template.database))
        with self._connected(name, "postgres") as connection:
            if not list(self._sweep):
                self._remember(connection)
            return Swept(name=name, shape=shape(connection))

    def give_back(self, one: Swept) -> None:
        """Sweep it for another test. Fails when somebody is still connected: that test left something running."""
        self._left(one.name)
        name = fresh_name()  # who still knows the old name does not reach the next test's data
        self._run("ALTER DATABASE {} RENAME TO {}", one.name, name)
        one.name = name
        with self._connected(name, "postgres") as connection:
            if shape(connection) == one.shape:
                one.garbage += self._swept(connection)
                usable = one.garbage < MANY
            else:
                usable = False
        if usable:
            self._free.append(one)
        else:
            self._run("DROP DATABASE {}", name)

    def _run(self, statement: str, *names: str) -> None:
        self._admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _connected(self, database: str, role: str) -> Connection:
        return psycopg.connect(
            host=str(self._owner.query["host"]),
            user=role,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def _remember(self, connection: Connection) -> None:
        """Write down how to sweep: what the migrations put into the tables is put there again."""
        sweep: list[sql.Composable] = [
            sql.SQL("SET LOCAL session_replication_role = replica")  # no trigger, no foreign key
        ]
        filled: list[sql.Composable] = []
        for (name,) in connection.execute(NAMES, ["r"]).fetchall():
            table = sql.Identifier(name)
            sweep.append(sql.SQL("DELETE FROM {}").format(table))
            rows = sql.SQL("SELECT json_agg(t)::text FROM {} t").format(table)
            if content := only(connection, rows):
                fill = "INSERT INTO {0} SELECT * FROM json_populate_recordset(NULL::{0}, {1})"
                filled.append(sql.SQL(fill).format(table, sql.Literal(content)))
        for (name,) in connection.execute(NAMES, ["S"]).fetchall():
            counter = sql.SQL(
                "SELECT format('SELECT setval(%L, %s, %L)', {}::text, last_value, is_called) FROM {}"
            )
            filled.append(sql.SQL(only(connection, counter.format(sql.Literal(name), sql.Identifier(name)))))
        self._sweep = sql.SQL("; ").join([*sweep, *filled])

    def _swept(self, connection: Connection) -> int:
        """Put everything back; returns how many rows were deleted."""
        done, deleted = connection.execute(self._sweep), 0
        while done.nextset():
            if (done.statusmessage or "").startswith("DELETE"):
                deleted += done.rowcount
        return deleted

    def _left(self, name: str) -> None:
        """Wait until nobody is connected: Postgres itself looks only ten times a second."""
        end = time.monotonic() + PATIENCE
        while only(self._admin, sql.SQL(CONNECTED).format(name)) and time.monotonic() < end:
            select.select([], [], [], 0.001)


def fresh_name() -> str:
    return f"t_{new_id().hex}"


def shape(connection: Connection) -> str:
    """A digest of the schema."""
    return str(only(connection, sql.SQL(SHAPE).format()))


def only(connection: Connection, query: sql.Composed) -> Any:
    """The only value of the only row."""
    (found,) = connection.execute(query).fetchone() or (None,)
    return found
