"""Studio and history: what a tab shows after each thing a person does."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from runtz_app.pages.history import HistoryState
from runtz_app.state.comparison import ComparisonState
from runtz_app.state.composer import ComposerState
from runtz_core.failures import NextStep
from runtz_core.jobs.models import CallState
from runtz_core.users import service as users
from tests.app.tab import Tab, tab, visitor
from tests.app.work import cards, deliver, draft, run, simulated, submitted
from tests.conftest import make_person

__all__ = ["simulated", "tab", "visitor"]  # fixtures


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
