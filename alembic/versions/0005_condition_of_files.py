"""What was found when stored pictures were last looked at: per file, and per round of looking."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("blobs", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("blobs", sa.Column("damage", sa.String(), nullable=True))
    op.create_index("blobs_damaged", "blobs", ["sha256"], postgresql_where=sa.text("damage IS NOT NULL"))
    op.create_table(
        "scrubs",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("checked", sa.Integer(), nullable=False),
        sa.Column("damaged", sa.Integer(), nullable=False),
    )
