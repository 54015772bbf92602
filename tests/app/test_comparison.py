"""The comparison and the job page: pokes, cards, receipts, and other people's jobs."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlmodel import Session

from runtz_app.state.comparison import ComparisonState
from runtz_app.state.composer import ComposerState
from runtz_core.failures import FailureKind, NextStep
from runtz_core.jobs import queries, work
from runtz_core.jobs.models import CallState
from runtz_core.users.models import HouseRules
from tests.app.tab import Tab, tab, visitor
from tests.app.work import LIMITS, cards, deliver, fail, run, simulated, submitted
from tests.conftest import make_person

__all__ = ["simulated", "tab", "visitor"]  # fixtures


async def test_a_poke_brings_the_picture_and_says_so(tab: Tab, session: Session) -> None:
    await tab.send(ComposerState.load)
    await tab.send(run())
    assert deliver(session) == 4
    state = await tab.state(ComparisonState)
    await state._poke(state.job.job_id)
    shown = await cards(tab)
    assert {card.state for card in shown} == {CallState.SUCCEEDED}
    assert all(card.thumb_url and card.image_url for card in shown)
    assert state.said == ", ".join(f"{card.model_label} ready" for card in shown)
    await state._poke(state.job.job_id)
    assert state.said == ""


async def test_lost_hints_read_the_job_again_and_other_jobs_do_not(tab: Tab, session: Session) -> None:
    await tab.send(ComposerState.load)
    await tab.send(run())
    deliver(session)
    state = await tab.state(ComparisonState)
    await state._poke(str(uuid4()))
    assert state.job.working == 4
    await state._poke(None)
    assert state.job.working == 0


async def test_a_failed_card_is_retried_in_its_place(tab: Tab, session: Session, person: UUID) -> None:
    submitted(session, person)
    fail(session, FailureKind.CONTENT_BLOCKED)
    await tab.send(ComposerState.load)
    (card,) = await cards(tab)
    assert (card.state, card.next_step) == (CallState.FAILED, NextStep.EDIT_PROMPT)
    await tab.send(ComparisonState.act("again", card.call_id))
    (again,) = await cards(tab)
    assert (again.state, again.call_id != card.call_id) == (CallState.QUEUED, True)


async def test_a_picture_stays_beside_its_retry(tab: Tab, session: Session, person: UUID) -> None:
    submitted(session, person)
    deliver(session)
    await tab.send(ComposerState.load)
    (card,) = await cards(tab)
    await tab.send(ComparisonState.act("again", card.call_id))
    assert [shown.state for shown in await cards(tab)] == [CallState.SUCCEEDED, CallState.QUEUED]


async def test_a_dear_card_is_run_again_only_after_a_yes(tab: Tab, session: Session, person: UUID) -> None:
    submitted(session, person)
    fail(session, FailureKind.INVALID)
    session.execute(update(HouseRules).values(confirm_above=29))
    session.commit()
    await tab.send(ComposerState.load)
    (card,) = await cards(tab)
    await tab.send(ComparisonState.act("again", card.call_id))
    state = await tab.state(ComparisonState)
    assert (state.asking, state.asking_credits, state.asking_above) == (True, 30, 29)
    await tab.send(ComparisonState.decline)
    await tab.send(ComparisonState.confirm)  # nothing waits any more
    assert [shown.state for shown in await cards(tab)] == [CallState.FAILED]
    await tab.send(ComparisonState.act("again", card.call_id))
    await tab.send(ComparisonState.confirm)
    assert [shown.state for shown in await cards(tab)] == [CallState.QUEUED]
    assert (await tab.state(ComparisonState)).asking is False


@pytest.mark.parametrize(("said", "words"), [("billed", "billed it"), ("not_billed", "did not bill it")])
async def test_an_unknown_outcome_is_settled_on_its_card(
    tab: Tab, session: Session, person: UUID, said: str, words: str
) -> None:
    submitted(session, person)
    fail(session, FailureKind.OUTCOME_UNKNOWN)
    await tab.send(ComposerState.load)
    (card,) = await cards(tab)
    assert card.state == CallState.UNKNOWN
    await tab.send(ComparisonState.settle(card.call_id, "perhaps"))
    assert [shown.state for shown in await cards(tab)] == [CallState.UNKNOWN]
    await tab.send(ComparisonState.settle(card.call_id, said))
    (card,) = await cards(tab)
    assert card.state == CallState.FAILED
    assert words in card.money_text


async def test_keeping_and_its_undoing(tab: Tab, session: Session, person: UUID) -> None:
    submitted(session, person)
    deliver(session)
    await tab.send(ComposerState.load)
    (card,) = await cards(tab)
    for kept in (True, False):
        await tab.send(ComparisonState.act("keep", card.call_id))
        assert [shown.kept for shown in await cards(tab)] == [kept]


async def test_cancelling_one_and_all(tab: Tab, session: Session, person: UUID) -> None:
    submitted(session, person, "flux-2-pro", "ideogram-4-5", "gpt-image-2.6-flare")
    await tab.send(ComposerState.load)
    shown = await cards(tab)
    await tab.send(ComparisonState.cancel(shown[1].call_id))
    assert [card.state for card in await cards(tab)] == ["queued", "cancelled", "queued"]
    await tab.send(ComparisonState.cancel_all)
    assert {card.state for card in await cards(tab)} == {CallState.CANCELLED}


async def test_the_receipt_opens_and_closes(tab: Tab, session: Session, person: UUID) -> None:
    submitted(session, person)
    deliver(session)
    await tab.send(ComposerState.load)
    (card,) = await cards(tab)
    await tab.send(ComparisonState.act("details", card.call_id))
    state = await tab.state(ComparisonState)
    assert (state.receipt_open, state.receipt.call_id) == (True, card.call_id)
    assert len(state.receipt.stage_seconds) == 4
    await tab.send(ComparisonState.close_receipt)
    assert state.receipt_open is False


@pytest.mark.parametrize(
    "address", ["/jobs/nonsense", "/jobs/00000000-0000-7000-8000-000000000000", "/jobs/"]
)
async def test_an_unknown_job_is_said(tab: Tab, address: str) -> None:
    tab.path = address
    await tab.send(ComparisonState.open_route)
    state = await tab.state(ComparisonState)
    assert (state.missing, state.job.job_id) == (True, "")


async def test_another_persons_job_looks_unknown(tab: Tab, session: Session) -> None:
    theirs = submitted(session, make_person(session, name="Bea"))
    tab.path = f"/jobs/{theirs}"
    await tab.send(ComparisonState.open_route)
    state = await tab.state(ComparisonState)
    assert (state.missing, state.cards) == (True, [])


@pytest.mark.parametrize("action", ["again", "details", "keep"])
async def test_another_persons_card_cannot_be_touched(tab: Tab, session: Session, action: str) -> None:
    stranger = make_person(session, name="Bea")
    theirs = submitted(session, stranger)
    (claim,) = work.claim(session, worker="w", capacity=1, limits=LIMITS, lease=60)
    session.commit()
    await tab.send(ComposerState.load)
    await tab.send(ComparisonState.act(action, str(claim.call_id)))
    await tab.send(ComparisonState.cancel(str(claim.call_id)))
    state = await tab.state(ComparisonState)
    assert (state.receipt_open, state.cards) == (False, [])
    view = queries.job_view(session, stranger, theirs)
    assert view is not None
    assert [card.state for card in view.cards] == [CallState.RUNNING]


async def test_run_again_follows_the_new_job(tab: Tab, session: Session, person: UUID) -> None:
    job_id = submitted(session, person)
    tab.path = f"/jobs/{job_id}"
    await tab.send(ComparisonState.open_route)
    for _ in range(2):
        await tab.send(ComposerState.run_again(str(job_id), "same key"))
    fresh = (await tab.state(ComparisonState)).job.job_id
    assert fresh != str(job_id)
    assert set(tab.redirects()) == {f"/jobs/{fresh}"}
