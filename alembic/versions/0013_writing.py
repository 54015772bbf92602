"""Writing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gradings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("idea", sa.Text(), nullable=False),
        sa.Column("grader", sa.String(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("most_credits", sa.Integer(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended", sa.String(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("gradings_newest", "gradings", ["user_id", "created_at"], unique=False)
    op.create_table(
        "writing_choices",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("writers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("enhance", sa.Boolean(), nullable=False),
        sa.Column("judge_new", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id"),
    )
    op.create_table(
        "grading_rounds",
        sa.Column("grading_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("marks", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["grading_id"], ["gradings.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("grading_id", "position"),
        sa.UniqueConstraint("call_id"),
    )
    op.create_table(
        "rulings",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("judge", sa.String(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("left_image_id", sa.Uuid(), nullable=False),
        sa.Column("right_image_id", sa.Uuid(), nullable=False),
        sa.Column("left_chars", sa.Integer(), nullable=False),
        sa.Column("right_chars", sa.Integer(), nullable=False),
        sa.Column("winner", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("left_checks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("right_checks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["left_image_id"], ["images.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["right_image_id"], ["images.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("call_id"),
    )
    op.create_index(op.f("ix_rulings_job_id"), "rulings", ["job_id"], unique=False)
    op.create_index("rulings_of_judge", "rulings", ["user_id", "judge", "simulated"], unique=False)
    op.add_column("jobs", sa.Column("writing", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
