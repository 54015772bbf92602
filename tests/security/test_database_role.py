"""What the role that runs the app may not do in the database (S30)."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import Session


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)", "ALTER TABLE users ADD COLUMN x int", "DROP TABLE entries", "CREATE ROLE mine",
        "UPDATE entries SET amount = 0", "DELETE FROM transfers", "TRUNCATE audit_entries", "DELETE FROM audit_entries",
        "ALTER TABLE entries DISABLE TRIGGER ALL", "CREATE EXTENSION dblink", "SELECT pg_read_file('/etc/passwd')",
        "COPY users TO PROGRAM 'cat'", "SET ROLE postgres",
    ],
)  # fmt: skip
def test_the_running_role_neither_changes_tables_nor_rewrites_books(session: Session, statement: str) -> None:
    with pytest.raises(ProgrammingError):
        session.execute(text(statement))
