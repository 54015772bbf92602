"""${message}"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ## without Alembic's own remarks around the commands
    ${"\n".join(line for line in upgrades.splitlines() if "###" not in line).strip()}
