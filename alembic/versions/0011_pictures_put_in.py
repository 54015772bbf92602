"""Pictures that jobs are made from, and how a picture came here."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# As of the vault's step, but a mask is no picture of the vault.
ENTER = """
CREATE OR REPLACE FUNCTION vault_enter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO vault_items (
    image_id, user_id, created_at, kept, deleted_at, width, height, damaged, job_id, provider, model, origin,
    simulated, credits, usd_micros)
  SELECT entered.id, entered.user_id, entered.created_at, entered.kept, entered.deleted_at, entered.width,
    entered.height, EXISTS (SELECT FROM blobs WHERE blobs.sha256 = entered.sha256 AND damage IS NOT NULL),
    calls.job_id, calls.provider, calls.model, entered.origin, coalesce(calls.simulated, false),
    coalesce(calls.credits, 0), coalesce(calls.cost_usd_micros, 0)
  FROM new_rows AS entered LEFT JOIN calls ON calls.id = entered.call_id
  WHERE entered.origin <> 'mask';
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.add_column("jobs", sa.Column("remix", sa.VARCHAR(), nullable=True))
    op.add_column("jobs", sa.Column("strength", sa.INTEGER(), nullable=True))
    op.add_column("images", sa.Column("origin", sa.Text(), server_default="generated", nullable=False))
    op.create_table(
        "job_inputs",
        sa.Column("job_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.INTEGER(), nullable=False),
        sa.Column("image_id", sa.UUID(), nullable=True),
        sa.Column("role", sa.VARCHAR(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["image_id"], ["images.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("job_id", "position"),
    )
    op.create_index("ix_job_inputs_image_id", "job_inputs", ["image_id"])
    op.execute(ENTER)
