"""Studio and the job page: what a tab shows after each thing a person does."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from runtz_app.pages.history import HistoryState
from runtz_app.state.comparison import ComparisonState
from runtz_app.state.composer import ComposerState
from runtz_core.failures import FailureKind, NextStep
from runtz_core.images.intake import Stored
from runtz_core.jobs import queries, service, work
from runtz_core.jobs.models import CallState
from runtz_core.jobs.requests import ModelChoice, Submission
from runtz_core.providers.base import Done
from runtz_core.settings import get_settings
from runtz_core.users import service as users
from tests.app.tab import Tab, tab, visitor
from tests.conftest import make_person

__all__ = ["tab", "visitor"]  # fixtures

LIMITS = {"openai": 50, "gemini": 50, "ideogram": 10, "flux": 24}
PICTURE = Stored(sha256="ab" * 32, size=10, media_type="image/png", width=64, height=48)


@pytest.fixture(autouse=True)
def _simulated(database: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTZ_SIMULATOR_URL", "http://127.0.0.1:9")
    get_settings.cache_clear()


def draft(**changes: str) -> dict[str, str]:
    values = {"submission_key": uuid4().hex, "prompt": "a quiet harbour", "negative": "", "seed": ""}
    return values | changes


def run(**changes: str) -> Any:
    return ComposerState.run(draft(**changes))


def submitted(session: Session, person: UUID, *models: str) -> UUID:
    submission = Submission(
        submission_key=uuid4().hex,
        prompt="a quiet harbour",
        models=tuple(ModelChoice(model=model) for model in models or ("flux-2-pro",)),
    )
    job_id = service.submit(session, person, submission)
    session.commit()
    return job_id


def deliver(session: Session) -> int:
    """Every waiting call gets a picture."""
    claims = work.claim(session, worker="w", capacity=100, limits=LIMITS, lease=60)
    for claim in claims:
        work.intend(session, claim)
        work.succeed(session, claim, Done(data=b"x"), PICTURE)
    session.commit()
    return len(claims)


def fail(session: Session, kind: FailureKind) -> None:
    """Every waiting call fails like that."""
    for claim in work.claim(session, worker="w", capacity=100, limits=LIMITS, lease=60):
        work.intend(session, claim)
        work.fail(session, claim, kind)
    session.commit()


async def cards(tab: Tab) -> Any:
    return (await tab.state(ComparisonState)).cards


async def test_the_studio_opens_with_the_default_run_and_its_price(tab: Tab) -> None:
    await tab.send(ComposerState.load)
    composer = await tab.state(ComposerState)
    assert (composer.models, composer.count, composer.blocked) == (4, 4, "")
    assert composer.credits == sum(entry.chip.price_credits for entry in composer.row) > 0
    assert (composer.usd_micros, composer.simulated_note) == (0, "all simulated: $0")
    assert (await tab.state(ComparisonState)).job.job_id == ""


async def test_a_run_shows_its_cards_at_once(tab: Tab) -> None:
    await tab.send(ComposerState.load)
    await tab.send(run())
    assert [card.state for card in await cards(tab)] == [CallState.QUEUED] * 4
    composer = await tab.state(ComposerState)
    assert (composer.answers, composer.problem) == (1, "")


async def test_a_double_click_is_one_job(tab: Tab) -> None:
    await tab.send(ComposerState.load)
    twice = ComposerState.run(draft(submission_key="one"))
    await tab.send(twice)
    first = (await tab.state(ComparisonState)).job.job_id
    await tab.send(twice)
    assert (await tab.state(ComparisonState)).job.job_id == first
    assert (await tab.state(ComposerState)).earlier == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"prompt": "  "}, "Write a prompt first."),
        ({"prompt": "x" * 1_000_000}, "The prompt has 1,000,000 characters; shorten it to 32,000 or fewer."),
        ({"prompt": "bell \x07"}, "The prompt holds a control character (U+0007); remove it."),
        ({"prompt": "half \ud83d"}, "The prompt holds a broken character (half an emoji?); type it again."),
        ({"seed": "-1"}, "The seed must be a whole number, or empty for a random one."),
        ({"seed": "99999999999"}, "The seed must be between 0 and 2,147,483,647, not 99999999999."),
    ],
)
async def test_a_run_that_cannot_be_is_refused_in_words(tab: Tab, changes: dict[str, str], said: str) -> None:
    await tab.send(ComposerState.load)
    await tab.send(run(**changes))
    composer = await tab.state(ComposerState)
    assert (composer.problem, composer.answers) == (said, 1)
    assert await cards(tab) == []


async def test_too_few_credits_are_said_with_both_figures(visitor: Tab, session: Session) -> None:
    poor = make_person(session, available=7)
    visitor.cookie = f"session={users.start_session(session, poor)}"
    session.commit()
    await visitor.send(ComposerState.load)
    await visitor.send(run())
    composer = await visitor.state(ComposerState)
    assert composer.problem == (
        f"That needs {composer.credits:,} credits and you have 7. Use fewer models or samples."
    )


async def test_choices_change_the_total_and_are_kept(tab: Tab) -> None:
    await tab.send(ComposerState.load)
    first = (await tab.state(ComposerState)).row[0].chip
    await tab.send(ComposerState.toggle(first.model))
    await tab.send(ComposerState.step_samples(1))
    await tab.send(ComposerState.choose_ratio("16:9"))
    await tab.send(ComposerState.choose_tier("gpt-image-2.6-flare", "high"))
    after = await tab.state(ComposerState)
    assert (after.count, after.samples, after.ratio) == (6, 2, "16:9")
    assert [entry.on for entry in after.row] == [False, True, True, True]
    reopened = replace(tab, token=uuid4().hex)
    (await reopened.state(ComposerState)).stored = after.stored
    await reopened.send(ComposerState.load)
    again = await reopened.state(ComposerState)
    assert [entry.on for entry in again.row] == [entry.on for entry in after.row]
    assert (again.credits, again.ratio, again.samples) == (after.credits, "16:9", 2)


async def test_what_no_browser_sends_changes_nothing(tab: Tab) -> None:
    await tab.send(ComposerState.load)
    await tab.send(ComposerState.choose_ratio("5:7"))
    await tab.send(ComposerState.step_samples(-1_000_000))
    await tab.send(ComposerState.toggle("no-such-model"))
    await tab.send(ComposerState.add("no-such-model"))
    await tab.send(ComposerState.choose_tier("gpt-image-2.6-flare", "no-such-tier"))
    after = await tab.state(ComposerState)
    assert (after.ratio, after.samples, len(after.row)) == ("1:1", 1, 4)
    assert after.row[0].chip.tier in after.row[0].chip.tiers


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


async def test_words_come_back_without_the_model_that_is_to_change(
    tab: Tab, session: Session, person: UUID
) -> None:
    submitted(session, person)
    await tab.send(ComposerState.load)
    await tab.send(ComposerState.take("flux-2-pro", NextStep.CHANGE_MODEL))
    composer = await tab.state(ComposerState)
    assert '"prompt": "a quiet harbour"' in composer.fill
    assert {entry.chip.model: entry.on for entry in composer.row}["flux-2-pro"] is False
    await tab.send(ComposerState.filled)
    assert composer.fill == ""


async def test_history_pages_by_the_last_job(tab: Tab, session: Session, person: UUID) -> None:
    made = [str(submitted(session, person)) for _ in range(32)]
    await tab.send(HistoryState.load)
    first = await tab.state(HistoryState)
    assert [job.job_id for job in first.jobs] == made[:1:-1]
    tab.path, tab.query = "/history", {"before": first.older}
    await tab.send(HistoryState.load)
    second = await tab.state(HistoryState)
    assert ([job.job_id for job in second.jobs], second.older) == (made[1::-1], "")


async def test_a_visitor_is_sent_to_the_first_page(visitor: Tab) -> None:
    for event in (ComposerState.load, run(), ComparisonState.cancel_all, HistoryState.load):
        await visitor.send(event)
    assert set(visitor.redirects()) == {"/welcome"}
    assert (await visitor.state(ComposerState)).row == []


async def test_an_open_history_follows_the_work(tab: Tab, session: Session, person: UUID) -> None:
    submitted(session, person)
    await tab.send(HistoryState.load)
    deliver(session)
    state = await tab.state(HistoryState)
    await state._poke(None)
    assert [job.summary for job in state.jobs] == ["1 ready"]
