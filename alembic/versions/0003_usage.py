"""Indexes the usage page reads by: a person's calls, and transfers that are no call's own."""

from alembic import op
from sqlalchemy import text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("calls_of_person", "calls", ["user_id", "created_at", "id"])
    op.create_index(
        "transfers_apart",
        "transfers",
        ["created_at", "id"],
        postgresql_where=text("purpose NOT IN ('reserve', 'settle', 'release')"),
    )
