"""What a person reads of their spending: sums, lines, balances, and the outcomes they settle."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlmodel import Session

from runtz_core.credits import service as credits
from runtz_core.failures import FailureKind
from runtz_core.images.intake import Stored
from runtz_core.jobs import queries, resolution, statement, work
from runtz_core.jobs.claims import Claim
from runtz_core.jobs.models import Call
from runtz_core.jobs.resolution import Resolution
from runtz_core.jobs.service import NotFound
from runtz_core.jobs.usage import Overview, overview
from runtz_core.providers.base import Cost, Done
from tests.conftest import make_person
from tests.core.conftest import Submit

UTC_ZONE = ZoneInfo("UTC")
LIMITS = {"openai": 50, "gemini": 50, "ideogram": 10, "flux": 24}


def claim_all(session: Session) -> list[Claim]:
    claims = work.claim(session, worker="w", capacity=100, limits=LIMITS, lease=60)
    for claim in claims:
        work.intend(session, claim)
    session.commit()
    return claims


def deliver(session: Session, claim: Claim, cost: Cost | None = None) -> None:
    stored = Stored(sha256="ab" * 32, size=10, media_type="image/png", width=64, height=48)
    work.succeed(session, claim, Done(data=b"x", cost=cost), stored)
    session.commit()


def fail(session: Session, claim: Claim, kind: FailureKind) -> None:
    work.fail(session, claim, kind)
    session.commit()


def make_real(session: Session) -> None:
    session.execute(update(Call).values(simulated=False))
    session.commit()


def month(session: Session, person: UUID, zone: ZoneInfo = UTC_ZONE) -> Overview:
    today = datetime.now(zone).date()
    return overview(session, person, today, today=today, zone=zone)


def unknown(session: Session, submit: Submit) -> UUID:
    submit("flux-2-pro")
    make_real(session)
    (claim,) = claim_all(session)
    fail(session, claim, FailureKind.OUTCOME_UNKNOWN)
    return claim.call_id


def test_a_month_counts_charges_failures_refusals_and_both_moneys(
    session: Session, person: UUID, submit: Submit
) -> None:
    submit("gpt-image-2.6-flare", "gemini-nano-banana-2.1", "ideogram-4-5", "flux-2-pro")
    make_real(session)
    by_provider = {claim.provider: claim for claim in claim_all(session)}
    deliver(session, by_provider["openai"], Cost(usd_micros=51_000, basis="usage"))
    deliver(session, by_provider["flux"], Cost(usd_micros=29_000, basis="quote"))
    fail(session, by_provider["gemini"], FailureKind.CONTENT_BLOCKED)
    fail(session, by_provider["ideogram"], FailureKind.TRANSIENT)
    shown = month(session, person)
    uses = {use.label: use for use in shown.providers}
    assert shown.credits == sum(use.credits for use in shown.models) == 10_000 - shown.available
    assert (uses["OpenAI"].money, uses["OpenAI"].money_basis) == ("$0.051", "from reported tokens")
    assert (uses["Black Forest Labs"].money, uses["Black Forest Labs"].money_basis) == ("$0.029", "as quoted")
    assert [(use.made, use.failed, use.refused) for use in shown.providers if use.refused] == [(0, 0, 1)]
    assert [(use.made, use.failed, use.refused) for use in shown.providers if use.failed] == [(0, 1, 0)]
    assert shown.made == "2 made · $0.080"
    assert shown.days[-1].credits == shown.credits == sum(part.credits for part in shown.series)


def test_nobody_elses_spending_is_shown(session: Session, person: UUID, submit: Submit) -> None:
    submit("flux-2-pro")
    other = make_person(session, name="Bea")
    assert month(session, other).providers == []
    lines, following = statement.lines(session, other)
    assert ([line.what for line in lines], following) == (["Granted: test"], None)


def test_a_day_is_one_of_the_houses_zone(session: Session, person: UUID, submit: Submit) -> None:
    submit("flux-2-pro")
    (claim,) = claim_all(session)
    deliver(session, claim)
    late = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    session.execute(update(Call).values(created_at=late))
    session.commit()
    asked = {"today": date(2026, 11, 22)}
    in_utc = overview(session, person, date(2026, 10, 1), zone=UTC_ZONE, **asked)
    in_berlin = overview(session, person, date(2026, 11, 1), zone=ZoneInfo("Europe/Berlin"), **asked)
    assert (in_utc.days[-1].label, in_utc.days[-1].credits) == ("31 Oct", 30)
    assert (in_berlin.days[0].label, in_berlin.days[0].credits) == ("1 Nov", 30)
    assert (in_utc.later, in_berlin.earlier) == ("2026-11", "")


def test_lines_explain_the_balance_page_by_page(session: Session, person: UUID, submit: Submit) -> None:
    for _ in range(3):
        submit()
    claims = claim_all(session)
    for claim in claims[:4]:
        deliver(session, claim)
    for claim in claims[4:7]:
        fail(session, claim, FailureKind.TRANSIENT)
    credits.adjust(session, person, -7, key="k", reason="typo")
    session.commit()
    whole, following = statement.lines(session, person)
    assert following is None
    assert len(whole) == 14
    assert whole[0].balance == credits.balance(session, person).available
    for newer, older in pairwise(whole):
        assert newer.balance is not None
        assert older.balance == newer.balance - newer.credits
    assert whole[-1].balance == whole[-1].credits == 10_000
    paged, cursor = [], None
    for _ in range(5):
        page, cursor = statement.lines(session, person, before=cursor, limit=3)
        cursor = statement.parse_cursor(str(cursor)) if cursor else None
        paged += page
    assert (paged, cursor) == (whole, None)


def test_lines_can_be_chosen(session: Session, person: UUID, submit: Submit) -> None:
    submit()
    claims = claim_all(session)
    deliver(session, claims[0])
    fail(session, claims[1], FailureKind.CONTENT_BLOCKED)
    fail(session, claims[2], FailureKind.OUTCOME_UNKNOWN)
    outcomes = {
        which: [line.outcome for line in statement.lines(session, person, which=which)[0]]
        for which in ("charged", "released", "needs_you")
    }
    assert outcomes["charged"] == ["charged"]
    assert sorted(outcomes["released"]) == ["needs you", "not charged"]
    assert outcomes["needs_you"] == ["needs you"]


@pytest.mark.parametrize(
    "written", ["", "1", "1.2.3", "x.y.z", "9" * 400 + ".0.0", "1.00000000000000000000000000000000.q"]
)
def test_a_forged_cursor_is_none(written: str) -> None:
    assert statement.parse_cursor(written) is None


def test_a_cursor_survives_its_address() -> None:
    at = datetime(2026, 11, 22, 12, 0, 0, 123457, tzinfo=UTC) + timedelta(days=200_000)
    cursor = statement.Cursor(at=at, line_id=UUID(int=7), balance=-3)
    assert statement.parse_cursor(str(cursor)) == cursor


@pytest.mark.parametrize(("said", "cost"), [(Resolution.BILLED, 30_000), (Resolution.NOT_BILLED, 0)])
def test_an_unknown_outcome_counts_its_cost_until_it_is_settled(
    session: Session, person: UUID, submit: Submit, said: Resolution, cost: int
) -> None:
    call_id = unknown(session, submit)
    job_id = session.get_one(Call, call_id).job_id
    assert job_id is not None
    before = month(session, person)
    assert [(one.call_id, one.possible) for one in before.unsettled] == [(str(call_id), "$0.030")]
    assert (before.pending, before.made, before.credits) == ("1 unresolved", "0 made · $0.030", 0)
    assert resolution.resolve(session, person, call_id, said) is True
    assert resolution.resolve(session, person, call_id, Resolution.BILLED) is False
    session.commit()
    session.expire_all()
    after = month(session, person)
    settled = session.get_one(Call, call_id)
    assert (after.unsettled, settled.cost_usd_micros, settled.cost_basis) == ([], cost, "person")
    view = queries.job_view(session, person, job_id)
    assert view is not None
    assert (view.needs_you, view.failed, view.cards[0].state) == (0, 1, "failed")
    assert view.cards[0].money_text.startswith("Not charged here. You found that")
    assert credits.balance(session, person) == credits.Balance(available=10_000, held=0)


def test_only_ones_own_unknown_outcomes_can_be_settled(
    session: Session, person: UUID, submit: Submit
) -> None:
    call_id = unknown(session, submit)
    other = make_person(session, name="Bea")
    with pytest.raises(NotFound):
        resolution.resolve(session, other, call_id, Resolution.BILLED)
    submit("flux-2-pro")
    (claim,) = claim_all(session)
    with pytest.raises(NotFound):
        resolution.resolve(session, person, claim.call_id, Resolution.BILLED)
