"""Bringing a database to the schema this code expects, by Alembic."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from runtz_core.settings import PROJECT_ROOT


def pending(url: str) -> bool:
    """Whether the database at `url` (SQLAlchemy form) is behind. Raises sqlalchemy.exc.OperationalError."""
    engine = create_engine(url, connect_args={"connect_timeout": 5})
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return current != ScriptDirectory.from_config(_config(url)).get_current_head()


def has_data(url: str) -> bool:
    """Whether any migration ever ran here, so that there may be something to back up."""
    engine = create_engine(url, connect_args={"connect_timeout": 5})
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return current is not None


def upgrade(url: str, *, app_role: str | None = None) -> None:
    """Run every missing migration, in one transaction each, then let `app_role` use the tables (D10)."""
    command.upgrade(_config(url), "head")
    if app_role is not None:
        _grant(url, app_role)


def _grant(url: str, role: str) -> None:
    """`role` reads and writes rows, changes no table, and cannot touch what the ledger has written."""
    engine = create_engine(url, connect_args={"connect_timeout": 5})
    with engine.begin() as connection:
        name = connection.dialect.identifier_preparer.quote(role)
        for statement in (
            f"GRANT USAGE ON SCHEMA public TO {name}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
            f"REVOKE UPDATE, DELETE, TRUNCATE ON transfers, entries, audit_entries FROM {name}",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(PROJECT_ROOT / "alembic").replace("%", "%%"))
    config.attributes["url"] = url
    return config
