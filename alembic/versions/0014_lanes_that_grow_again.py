"""Lanes that grow again."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lanes", sa.Column("grown_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "calls_dearer",
        "calls",
        ["finished_at"],
        unique=False,
        postgresql_where=sa.text("cost_usd_micros > price_usd_micros"),
    )
