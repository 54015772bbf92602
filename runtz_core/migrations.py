"""Bringing a database to the schema this code expects, by Alembic."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import create_engine

from runtz_core.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "alembic"


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


def draft(url: str, what: str, *, folder: Path = FOLDER) -> Path | None:
    """Write the step that brings the up-to-date database at `url` to what the tables' classes say.

    `what` becomes its docstring and its name. Returns the file, None when there is nothing to bring. Raises
    alembic.util.CommandError when the database at `url` is behind.
    """
    config = _config(url, folder)
    head = ScriptDirectory.from_config(config).get_current_head()
    made = command.revision(
        config,
        message=what,
        autogenerate=True,
        rev_id=f"{int(head or 0) + 1:04}",
        process_revision_directives=_forward_only,
    )
    return Path(made.path) if isinstance(made, Script) else None


def _forward_only(_context: object, _revision: object, steps: list[Any]) -> None:
    """Alembic's draft without an empty step and without the way back, which a backup is."""
    steps[:] = [step for step in steps if not step.upgrade_ops.is_empty()]
    for step in steps:
        step.downgrade_ops.ops.clear()


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


def _config(url: str, folder: Path = FOLDER) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["url"] = url
    return config
