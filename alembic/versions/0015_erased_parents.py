"""Pictures that were deleted for good keep their number in what was made from them, so that a family stays whole."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("job_inputs_image_id_fkey", "job_inputs", type_="foreignkey")
