"""What the owner sets, gives and takes back."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session

from runtz_core.credits import service as credits
from runtz_core.images.intake import Stored
from runtz_core.jobs import house, service, work
from runtz_core.jobs.chips import chips
from runtz_core.jobs.house import BadLimit, Deed
from runtz_core.jobs.requests import SubmissionRefused
from runtz_core.providers.base import Done
from runtz_core.settings import get_settings
from tests.core.test_caps import PRICE, TODAY, cap, in_order, run

BAD = [-1, 2**63, float("nan"), 1.5, "1", True]


def test_markup_and_switch_count_for_new_runs_only(
    session: Session, person: UUID, simulated: None, owner: UUID
) -> None:
    run(session, person)
    house.set_model(session, "flux-2-pro", enabled=True, markup=15_000, actor=owner)
    session.commit()
    shown = chips(session, get_settings(), person, ratio="1:1", tiers={}, today=TODAY)
    assert next(chip for chip in shown if chip.model == "flux-2-pro").price_credits == 45
    run(session, person)
    assert credits.balance(session, person).held == 30 + 45
    house.set_model(session, "flux-2-pro", enabled=False, markup=15_000, actor=owner)
    session.commit()
    with pytest.raises(SubmissionRefused, match="switched off by the owner"):
        run(session, person)
    session.rollback()
    shown = chips(session, get_settings(), person, ratio="1:1", tiers={}, today=TODAY)
    assert next(chip for chip in shown if chip.model == "flux-2-pro").available is False
    for claim in work.claim(session, worker="w", capacity=9, limits={"flux": 9}, lease=60):
        work.intend(session, claim)
        picture = Stored(sha256="ab" * 32, size=10, media_type="image/png", width=64, height=48)
        work.succeed(session, claim, Done(data=b"x"), picture)
    session.commit()
    assert credits.balance(session, person) == credits.Balance(available=10_000 - 75, held=0)
    in_order(session)


@pytest.mark.parametrize("limit", BAD)
def test_a_limit_that_is_none_is_refused(session: Session, owner: UUID, limit: int) -> None:
    with pytest.raises(BadLimit):
        cap(session, owner, daily_cap=limit)
    session.rollback()
    with pytest.raises(BadLimit):
        house.set_model(session, "flux-2-pro", enabled=True, markup=limit, actor=owner)
    session.rollback()
    with pytest.raises(credits.BadAmount):
        house.give(
            session, Deed(actor=owner, subject=owner, key="k"), limit if limit != -1 else 0, reason="x"
        )
    session.rollback()
    assert house.limits(session).daily_cap is None


def test_what_the_owner_gives_is_given_once_and_audited(
    session: Session, person: UUID, simulated: None, owner: UUID
) -> None:
    deed = Deed(actor=owner, subject=person, key="one")
    assert house.give(session, deed, 100, reason="for the poster") is True
    assert house.give(session, deed, 100, reason="for the poster") is False
    assert house.correct(session, deed, -40, reason="too much") is True
    with pytest.raises(credits.InsufficientCredits):
        house.correct(session, Deed(actor=owner, subject=person, key="two"), -20_000, reason="all of it")
    with pytest.raises(credits.BadAmount):
        house.give(session, Deed(actor=owner, subject=person, key="three"), 5, reason="  ")
    session.commit()
    assert credits.balance(session, person).available == 10_060
    actions = session.execute(
        text("SELECT action, details ->> 'amount' AS amount FROM audit_entries ORDER BY id")
    )
    assert [(row.action, row.amount) for row in actions] == [("granted", "100"), ("adjusted", "-40")]
    in_order(session)


def test_a_refund_is_for_the_person_who_was_charged(
    session: Session, person: UUID, simulated: None, owner: UUID
) -> None:
    run(session, person)
    (claim,) = work.claim(session, worker="w", capacity=9, limits={"flux": 9}, lease=60)
    session.commit()
    deed = Deed(actor=owner, subject=person, key="r")
    with pytest.raises(credits.RefundTooLarge) as early:
        house.refund(session, deed, claim.call_id, 1, reason="not charged yet")
    assert early.value.left == 0
    session.rollback()
    work.intend(session, claim)
    picture = Stored(sha256="ab" * 32, size=10, media_type="image/png", width=64, height=48)
    work.succeed(session, claim, Done(data=b"x"), picture)
    session.commit()
    with pytest.raises(service.NotFound):
        house.refund(
            session, Deed(actor=owner, subject=owner, key="x"), claim.call_id, 1, reason="not theirs"
        )
    assert house.refund(session, deed, claim.call_id, 20, reason="blurred") is True
    assert house.refund(session, deed, claim.call_id, 20, reason="blurred") is False
    with pytest.raises(credits.RefundTooLarge):
        house.refund(session, Deed(actor=owner, subject=person, key="r2"), claim.call_id, 11, reason="more")
    session.commit()
    assert credits.balance(session, person).available == 10_000 - PRICE + 20
    in_order(session)
