"""Keep what is known of each lane, and find a lane's next calls without reading its whole queue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lanes",
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=True),
        sa.Column("successes", sa.Integer(), nullable=False),
        sa.Column("cut_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("tripped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tripped_by", sa.Text(), nullable=True),
        sa.Column("recent", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("latency", sa.Float(), nullable=True),
        sa.Column("refused_key", sa.String(), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("lane"),
        sa.CheckConstraint("room >= 1", name="room_for_one"),
    )
    # One person's next calls in a lane, the oldest first; those that are not due are passed over in the index.
    op.create_index(
        "calls_queue",
        "calls",
        ["lane", "user_id", "created_at", "id", "not_before"],
        postgresql_where=sa.text("state = 'queued' AND reference IS NULL"),
    )
    op.create_index(
        "calls_resumable",
        "calls",
        ["not_before"],
        postgresql_where=sa.text("state = 'queued' AND reference IS NOT NULL"),
    )
