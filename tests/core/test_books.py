"""The check of the books finds every kind of damage, and nothing where there is none."""

from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, text
from sqlmodel import Session

from runtz_core.credits import books
from runtz_core.credits import service as credits
from runtz_core.images.intake import Stored
from runtz_core.jobs import service, work
from runtz_core.providers.base import Done
from tests.conftest import admin
from tests.core.conftest import Submit

PICTURE = Stored(sha256="ab" * 32, size=10, media_type="image/png", width=64, height=48)


@pytest.fixture
def kept(session: Session, person: UUID, submit: Submit) -> None:
    """One charged call, one released, one refund, one that waits."""
    submit("flux-2-pro")
    (claim,) = work.claim(session, worker="w", capacity=9, limits={"flux": 9}, lease=60)
    work.intend(session, claim)
    work.succeed(session, claim, Done(data=b"x"), PICTURE)
    credits.refund(session, person, claim.call_id, 10, key="r", reason="sorry")
    service.cancel_job(session, person, submit("flux-2-pro"))
    submit("flux-2-pro")
    session.commit()


def look(database: Engine, *, at_rest: bool = False) -> books.Report:
    with Session(database) as session:
        return books.check(session, at_rest=at_rest)


def test_books_in_order_are_said_to_be(database: Engine, kept: None) -> None:
    report = look(database)
    assert report.in_order, "\n".join(report.lines())
    assert {check.invariant for check in report.checks} == {"I1", "I2", "I3", "I4", "I5", "I6"}
    assert (report.counted["calls"], report.counted["transfers"], report.counted["entries"]) == (3, 7, 14)
    assert list(report.lines())[-1] == "The books are in order."
    assert report.as_dict()["in_order"] is True


def test_a_call_under_way_is_not_rest(database: Engine, kept: None) -> None:
    broken = [check for check in look(database, at_rest=True).checks if not check.holds]
    assert [(check.invariant, check.broken) for check in broken] == [("I6", 1)]


DAMAGE = [
    ("I1", "DELETE FROM entries WHERE version = 2"),
    ("I1", "UPDATE entries SET amount = amount + 1 WHERE balance IS NULL"),
    ("I1", "UPDATE transfers SET purpose = 'grant', call_id = NULL WHERE purpose = 'refund'"),
    ("I1", "UPDATE transfers SET call_id = NULL WHERE purpose = 'refund'"),
    ("I2", "UPDATE accounts SET balance = balance + 1 WHERE kind = 'available'"),
    ("I2", "UPDATE accounts SET version = version + 1 WHERE kind = 'held'"),
    ("I2", "UPDATE entries SET balance = balance + 1 WHERE version = 2"),
    ("I4", "DELETE FROM images; UPDATE calls SET state = 'running' WHERE state = 'succeeded'"),
    ("I4", "UPDATE calls SET state = 'failed' WHERE state = 'queued'"),
    ("I4", "UPDATE calls SET credits = credits + 1"),
    ("I5", "DELETE FROM images"),
    ("I5", "UPDATE calls SET state = 'failed' WHERE state = 'succeeded'"),
    ("I5", "UPDATE transfers SET amount = 31 WHERE purpose = 'refund'"),
    ("I6", "UPDATE calls SET state = 'running', lease_until = '2026-01-01' WHERE state = 'queued'"),
    ("I6", "INSERT INTO spendings (scope, day, credits) VALUES ('all', '2026-11-22', 1000)"),
]  # fmt: skip


@pytest.mark.parametrize(("invariant", "damage"), DAMAGE)
def test_every_kind_of_damage_is_found(
    database: Engine, installation: object, kept: None, invariant: str, damage: str
) -> None:
    """Only the role that owns the tables can do this at all, with the triggers switched off."""
    name = database.url.database or ""
    with admin(installation, name) as connection:  # type: ignore[arg-type]
        for table in ("transfers", "entries"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in damage.split("; "):
            connection.execute(statement)
    report = look(database)
    assert not report.in_order
    found = {check.invariant for check in report.checks if not check.holds}
    assert invariant in found
    assert any("FAIL" in line for line in report.lines())
    assert all(check.rows for check in report.checks if not check.holds)


def test_many_broken_rows_are_counted_and_some_shown(
    database: Engine, session: Session, person: UUID, submit: Submit
) -> None:
    submit("flux-2-pro", samples=16)
    submit("flux-2-pro", samples=16)
    session.execute(text("UPDATE calls SET credits = credits + 1"))
    session.commit()
    report = look(database)
    check = next(check for check in report.checks if check.invariant == "I4")
    assert (check.broken, len(check.rows)) == (32, books.SHOWN)
    assert "          … and 12 more" in list(report.lines())


def test_a_check_sees_one_moment(database: Engine, session: Session, person: UUID, submit: Submit) -> None:
    """A call that ends between two of the queries must raise no alarm."""
    job_id = submit("flux-2-pro")
    with Session(database) as looking:
        connection: Connection = looking.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        connection.execute(text("SELECT 1 FROM calls"))
        service.cancel_job(session, person, job_id)
        session.commit()
        assert all(
            books._look(looking, *one).holds
            for one in books._CHECKS  # the queries, on the earlier moment
        )
