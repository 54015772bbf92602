"""Runs migrations over one connection; `runtz_core.migrations` names the database."""

from alembic import context
from sqlalchemy import NullPool, create_engine
from sqlmodel import AutoString, SQLModel

import runtz_core.connections.models
import runtz_core.credits.models
import runtz_core.flow.models
import runtz_core.images.models
import runtz_core.jobs.models
import runtz_core.prompts.models
import runtz_core.sharing.models
import runtz_core.users.models
import runtz_core.vault.models
import runtz_core.viewing.models
import runtz_core.writing.models  # noqa: F401


def written(kind: str, item: object, _context: object) -> str | bool:
    """How a drafted step spells a type; False is Alembic's own way. A step stands on SQLAlchemy alone."""
    return "sa.String()" if kind == "type" and isinstance(item, AutoString) else False


engine = create_engine(
    context.config.attributes["url"], connect_args={"connect_timeout": 5}, poolclass=NullPool
)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        transaction_per_migration=True,
        compare_type=True,
        render_item=written,
    )
    with context.begin_transaction():
        context.run_migrations()
