"""Accounts and limits: house rules, invites, sign-in limits, audit, caps, markup, people's own keys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "house_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("daily_cap", sa.Integer(), nullable=True),
        sa.Column("person_daily_cap", sa.Integer(), nullable=True),
        sa.Column("person_storage_quota", sa.BigInteger(), nullable=True),
        sa.Column("confirm_above", sa.Integer(), nullable=True),
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "model_rules",
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("markup_basis_points", sa.Integer(), nullable=False),
        sa.CheckConstraint("markup_basis_points >= 0", name="markup_known"),
        sa.PrimaryKeyConstraint("model"),
    )
    op.create_table(
        "provider_caps",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("daily_cap", sa.Integer(), nullable=False),
        sa.CheckConstraint("daily_cap >= 0", name="cap_known"),
        sa.PrimaryKeyConstraint("provider"),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_sha256", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "attempts_by_account", "sign_in_attempts", ["account_sha256", "address", "created_at"], unique=False
    )
    op.create_index("attempts_by_address", "sign_in_attempts", ["address", "created_at"], unique=False)
    op.create_table(
        "spendings",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("credits >= 0", name="not_below_zero"),
        sa.PrimaryKeyConstraint("scope", "day"),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["subject_id"], ["users.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_newest", "audit_entries", ["created_at", "id"], unique=False)
    op.create_table(
        "invites",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code_sha256", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["used_by"], ["users.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_sha256"),
    )
    op.add_column("calls", sa.Column("key_owner_id", sa.Uuid(), nullable=True))
    op.add_column("calls", sa.Column("resolution", sa.String(), nullable=True))
    op.add_column("calls", sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("calls", sa.Column("spent_day", sa.Date(), nullable=True))
    op.create_foreign_key(None, "calls", "users", ["key_owner_id"], ["id"], ondelete="RESTRICT")
    op.add_column("users", sa.Column("google_subject", sa.String(), nullable=True))
    op.add_column("users", sa.Column("daily_cap", sa.Integer(), nullable=True))
    op.add_column("users", sa.Column("storage_quota", sa.BigInteger(), nullable=True))
    op.add_column("users", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(None, "users", ["google_subject"])
    op.execute("INSERT INTO house_rules (id, registration) VALUES (1, 'invite')")
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite()"
    )
