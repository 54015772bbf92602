"""Keep a link's purpose as text."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column(
        "one_time_links", "purpose", existing_type=sa.VARCHAR(), type_=sa.Text(), existing_nullable=False
    )
