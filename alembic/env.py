"""Runs migrations over one connection; `runtz_core.migrations` names the database."""

from alembic import context
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import runtz_core.connections.models
import runtz_core.credits.models
import runtz_core.images.models
import runtz_core.jobs.models
import runtz_core.users.models  # noqa: F401

engine = create_engine(context.config.attributes["url"], connect_args={"connect_timeout": 5})
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
