"""What the owner is told when a provider charges more than it promised."""

from sqlalchemy import update
from sqlmodel import Session

from runtz_core.jobs.dearer import dearer
from runtz_core.jobs.models import Call
from tests.core.conftest import Submit


def test_the_owner_is_told_of_models_dearer_than_promised_and_of_no_trifles(
    session: Session, submit: Submit
) -> None:
    submit("flux-2-pro", "ideogram-4-5", samples=2)
    assert dearer(session) == []
    ended = {"finished_at": Call.created_at, "price_usd_micros": 30_000}
    session.execute(update(Call).where(Call.provider == "flux").values(cost_usd_micros=90_000, **ended))
    session.execute(update(Call).where(Call.provider == "ideogram").values(cost_usd_micros=30_100, **ended))
    (found,) = dearer(session)
    assert found.label.startswith("FLUX")
    assert (found.calls, found.text) == (
        2, "$0.090 instead of $0.030, 2 times: $0.120 that nobody was charged for.",
    )  # fmt: skip
    assert dearer(session, days=0) == []
