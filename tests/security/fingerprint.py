"""What is in the database, in one line for each table, so that two moments can be compared."""

from sqlalchemy import text
from sqlmodel import Session

PASSING = ("sessions", "sign_in_attempts", "alembic_version", "workers")  # change by being looked at


def fingerprint(session: Session) -> dict[str, str]:
    """A hash of every table's rows."""
    session.rollback()
    tables = (
        session.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
    )
    return {
        table: session.execute(
            text(f"SELECT coalesce(md5(string_agg(r::text, '|' ORDER BY r::text)), '') FROM {table} AS r")  # noqa: S608
        ).scalar_one()
        for table in tables
        if table not in PASSING
    }
