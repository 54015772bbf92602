"""How often one may try, and what is written down about accounts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col

from runtz_core.db import unit_of_work
from runtz_core.users import audit, limits, links, people, registration, signing
from runtz_core.users import service as users
from runtz_core.users.models import AuditEntry, Registration, Tier
from runtz_core.users.registration import Applicant
from runtz_core.users.signing import Visit

VISIT = Visit(day=date(2026, 11, 22), user_agent="Firefox", address="10.0.0.1")
HASH = "$argon2id$v=19$m=19456,t=2,p=1$aaaa$bbbb"


def applicant(email: str = "ada@vela.studio", name: str = "Ada", **more: Any) -> Applicant:
    return Applicant(name=name, email=email, password_hash=HASH, **more)


@pytest.fixture
def owner(session: Session) -> UUID:
    """The owner, on a server that is open to all."""
    owner = users.ensure_owner(session).id
    registration.set_rule(session, Registration.OPEN, actor=owner)
    session.commit()
    return owner


def member(session: Session, email: str = "ada@vela.studio") -> UUID:
    made = registration.register(session, applicant(email))
    session.commit()
    assert made is not None
    return made


def actions(session: Session) -> list[str]:
    return list(session.execute(select(col(AuditEntry.action)).order_by(col(AuditEntry.id))).scalars())


# --- limits


def tries(session: Session, account: str, address: str, count: int) -> int:
    """How many of so many tries were let through."""
    through = 0
    for _ in range(count):
        try:
            limits.begin_try(session, account, address)
        except limits.TooManyTries:
            continue
        through += 1
    return through


def test_five_tries_for_one_account_from_one_address(session: Session) -> None:
    assert tries(session, "ada@vela.studio", "10.0.0.1", 8) == 5
    assert tries(session, " ADA@vela.studio", "10.0.0.1", 1) == 0, "the same account"
    assert tries(session, "bob@vela.studio", "10.0.0.1", 1) == 1
    assert tries(session, "ada@vela.studio", "10.0.0.2", 1) == 1, "nobody is locked out from elsewhere"


def test_fifty_tries_from_one_address_whatever_the_accounts(session: Session) -> None:
    assert sum(tries(session, f"{number}@vela.studio", "10.0.0.1", 1) for number in range(60)) == 50


def test_tries_at_once_are_counted_too(database: Engine) -> None:
    together = Barrier(8)

    def run(_: int) -> int:
        together.wait()
        with unit_of_work(database) as session:
            return tries(session, "ada@vela.studio", "10.0.0.1", 1)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(run, range(8))) == 5


def test_the_window_moves_on_by_the_databases_clock(session: Session) -> None:
    tries(session, "ada@vela.studio", "10.0.0.1", 5)
    with pytest.raises(limits.TooManyTries) as limit:
        limits.begin_try(session, "ada@vela.studio", "10.0.0.1")
    assert limit.value.minutes == 15
    assert str(limit.value).startswith("Too many tries. Nothing was checked")
    session.execute(
        text("UPDATE sign_in_attempts SET created_at = created_at - interval '14 minutes 30 seconds'")
    )
    with pytest.raises(limits.TooManyTries, match="in 1 minute"):
        limits.begin_try(session, "ada@vela.studio", "10.0.0.1")
    session.execute(text("UPDATE sign_in_attempts SET created_at = created_at - interval '31 seconds'"))
    assert tries(session, "ada@vela.studio", "10.0.0.1", 6) == 5


def test_a_clock_that_jumps_back_locks_nobody_out_for_ever(session: Session) -> None:
    tries(session, "ada@vela.studio", "10.0.0.1", 5)
    session.execute(text("UPDATE sign_in_attempts SET created_at = created_at + interval '2 hours'"))
    with pytest.raises(limits.TooManyTries):
        limits.begin_try(session, "ada@vela.studio", "10.0.0.1")
    session.execute(text("UPDATE sign_in_attempts SET created_at = created_at - interval '2 days'"))
    assert tries(session, "ada@vela.studio", "10.0.0.1", 1) == 1
    left = session.execute(text("SELECT count(*) FROM sign_in_attempts")).scalar_one()
    assert left == 1, "what is older than a day is dropped"


def test_a_right_password_forgets_the_mistyped_ones(session: Session, owner: UUID) -> None:
    member(session)
    tries(session, "ada@vela.studio", VISIT.address, 4)
    tries(session, "bob@vela.studio", VISIT.address, 4)
    somebody = signing.known(session, "ada@vela.studio")
    signing.arrive_with_password(session, "ada@vela.studio", somebody, VISIT)
    assert tries(session, "ada@vela.studio", VISIT.address, 6) == 5
    assert tries(session, "bob@vela.studio", VISIT.address, 6) == 1


def test_what_was_typed_is_not_kept(session: Session) -> None:
    limits.begin_try(session, "ada@vela.studio", "10.0.0.1")
    assert (
        "ada" not in session.execute(text("SELECT sign_in_attempts::text FROM sign_in_attempts")).scalar_one()
    )


# --- what is written down


def test_everything_about_accounts_is_written_down(session: Session, owner: UUID) -> None:
    user_id = member(session)
    somebody = signing.known(session, "ada@vela.studio")
    signing.refuse(session, somebody, address="10.0.0.1")
    token = signing.arrive_with_password(session, "ada@vela.studio", somebody, VISIT)
    signing.leave(session, token or "")
    people.set_tier(session, user_id, Tier.PRO, actor=owner)
    code = links.new_reset_link(session, user_id, actor=owner, seconds=60)
    signing.reset_password(session, code, "fresh", VISIT)
    people.set_disabled(session, user_id, True, actor=owner)
    assert actions(session) == [
        "registration_changed", "registered", "sign_in_failed", "signed_in", "signed_out", "tier_changed",
        "reset_link_made", "password_reset", "signed_in", "disabled",
    ]  # fmt: skip
    tier = next(row for row in audit.entries(session) if row.action == "tier_changed")
    assert (tier.actor, tier.subject, tier.details) == ("Owner", "Ada", {"before": "free", "after": "pro"})


def test_no_secret_is_written_down(session: Session, owner: UUID) -> None:
    user_id = member(session)
    code = links.new_reset_link(session, user_id, actor=owner, seconds=60)
    invite = links.new_invite(session, actor=owner, seconds=60)
    token = signing.reset_password(session, code, "fresh-hash", VISIT)
    written = " ".join(session.execute(text("SELECT audit_entries::text FROM audit_entries")).scalars())
    assert not [
        secret for secret in (code, invite, token, HASH, "fresh-hash") if secret and secret in written
    ]


def test_no_entry_starts_a_line_of_its_own(session: Session) -> None:
    audit.record(session, "signed_in", actor=None, address="1.2.3.4\r\nFAKE", how="x\x1b[31m\n" + "y" * 1000)
    row = audit.entries(session)[0]
    assert row.address == "1.2.3.4FAKE"
    assert str(row.details["how"]).startswith("x[31my")
    assert len(str(row.details["how"])) == audit.DETAIL_CHARS


@pytest.mark.parametrize("rewrite", ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries"])
def test_what_is_written_down_cannot_be_rewritten(session: Session, owner: UUID, rewrite: str) -> None:
    with pytest.raises(DBAPIError):
        session.execute(text(rewrite))
    session.rollback()
    assert actions(session) == ["registration_changed"]


def test_the_log_is_read_page_by_page(session: Session) -> None:
    for number in range(5):
        audit.record(session, f"number_{number}", actor=None)
    session.commit()
    first = audit.entries(session, limit=2)
    rest = audit.entries(session, limit=9, before=(first[-1].at, first[-1].entry_id))
    assert [row.action for row in (*first, *rest)] == [f"number_{number}" for number in (4, 3, 2, 1, 0)]
