"""The writing panel and the judging of a job, as a tab without a browser sees them."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from runtz_app.access import may_start_work
from runtz_app.pages.settings.writers import WritersState
from runtz_app.state.comparison import ComparisonState
from runtz_app.state.composer import ComposerState
from runtz_app.state.craft import CraftState
from runtz_app.state.judging import JudgingState
from runtz_core.jobs.models import Call, CallKind, Job
from runtz_core.settings import get_settings
from runtz_sim.faults import FaultKind
from tests.app.tab import Tab, tab, visitor
from tests.app.work import deliver, run, simulated
from tests.writing.conftest import CLAUDE, Desk

__all__ = ["simulated", "tab", "visitor"]  # fixtures

WORDS = {"prompt": "two candles on a table", "negative": ""}


async def opened(tab: Tab, wanted: str = "") -> Any:
    await tab.send(ComposerState.load)
    await tab.send(CraftState.load)
    await tab.send(CraftState.choose_writer(wanted))
    return await tab.state(CraftState)


async def test_the_panel_says_who_would_write_and_for_how_much(tab: Tab) -> None:
    state = await opened(tab)
    assert (state.on, state.by_rules, state.write_credits) == (True, True, 0)
    assert state.options[0].value == ""
    state = await opened(tab, CLAUDE)
    assert (state.by_rules, state.write_credits > 0, state.write_usd_micros) == (False, True, 0)
    await tab.send(CraftState.choose_writer("nobody"))
    assert (await tab.state(CraftState)).wanted == ""


async def test_a_run_sends_what_was_written_and_keeps_the_persons_words(tab: Tab, session: Session) -> None:
    await opened(tab)
    await tab.send(CraftState.write(WORDS))
    state = await tab.state(CraftState)
    assert (state.draft.state, len(state.draft.versions)) == ("ready", 4)
    first = state.draft.versions[0].model
    room = min(one.longest for one in state.draft.versions)
    await tab.send(CraftState.negative("blur"))
    assert min(one.longest for one in (await tab.state(CraftState)).draft.versions) < room
    await tab.send(CraftState.negative(""))
    await tab.send(CraftState.edit(first, "half \ud83d"))
    state = await tab.state(CraftState)
    assert ("broken character" in state.problem, "half" in state.draft.versions[0].prompt) == (True, False)
    await tab.send(CraftState.use_master)
    versions = (await tab.state(CraftState)).draft.versions
    assert len({one.prompt for one in versions}) == 1
    await tab.send(CraftState.edit(first, "candles"))
    assert (await tab.state(CraftState)).draft.versions[0].lost == ["two candles", "table"]
    await tab.send(CraftState.restore(first))
    assert (await tab.state(CraftState)).draft.versions[0].lost == []
    await tab.send(run(prompt=WORDS["prompt"]))
    job = session.execute(select(Job)).scalar_one()
    assert (job.prompt, job.writing["writer"]) == (WORDS["prompt"], "Built-in rules, edited by you")
    sent = session.execute(select(col(Call.request)).where(col(Call.model) == first)).scalar_one()
    assert sent["prompt"].startswith("candles, two candles, table")


async def test_other_words_off_or_dropped_run_as_they_are(tab: Tab, session: Session) -> None:
    await opened(tab)
    await tab.send(CraftState.write(WORDS))
    await tab.send(run(submission_key="a", prompt="something else"))
    await tab.send(CraftState.toggle)
    await tab.send(run(submission_key="b", prompt=WORDS["prompt"]))
    await tab.send(CraftState.toggle)
    await tab.send(CraftState.drop)
    await tab.send(run(submission_key="c", prompt=WORDS["prompt"]))
    assert session.execute(select(col(Job.writing))).scalars().all() == [None, None, None]


async def test_off_stays_off(tab: Tab) -> None:
    await opened(tab)
    await tab.send(CraftState.toggle)
    assert (await opened(tab)).on is False


async def test_an_answer_reaches_the_tab_and_a_writer_at_work_can_be_stopped(
    tab: Tab, session: Session, person: UUID
) -> None:
    await opened(tab, CLAUDE)
    await tab.send(CraftState.write(WORDS))
    state = await tab.state(CraftState)
    assert state.draft.state == "waiting"
    await tab.send(CraftState.drop)
    assert session.execute(select(col(Call.state))).scalar_one() == "cancelled"
    await tab.send(CraftState.write(WORDS))
    Desk(session, person).answer()
    state = await tab.state(CraftState)
    await state._poke_calls()
    assert (state.draft.state, state.draft.writer) == ("ready", "Claude Haiku 5.5")


async def test_marks_come_in_rounds_and_the_best_goes_into_the_box(
    tab: Tab, session: Session, person: UUID
) -> None:
    await opened(tab, CLAUDE)
    await tab.send(CraftState.mark(WORDS, 5))
    desk = Desk(session, person)
    while desk.answer():
        pass
    state = await tab.state(CraftState)
    await state._poke_calls()
    assert (state.marks.running, len(state.marks.rounds)) == (False, 5)
    await tab.send(CraftState.take_best)
    composer = await tab.state(ComposerState)
    assert state.marks.best_prompt[:20] in composer.fill
    await tab.send(CraftState.take_own)
    assert WORDS["prompt"] in (await tab.state(ComposerState)).fill
    await tab.send(CraftState.forget_marks)
    assert (await tab.state(CraftState)).marks.grading_id == ""


async def test_what_is_refused_is_said(tab: Tab, session: Session) -> None:
    await opened(tab, CLAUDE)
    await tab.send(CraftState.write({"prompt": "half \ud83d"}))
    assert "broken character" in (await tab.state(CraftState)).problem
    await tab.send(CraftState.mark({"prompt": " "}, 1))
    assert (await tab.state(CraftState)).problem == "Write a prompt first."
    assert session.execute(select(Call)).first() is None


async def test_a_jobs_pictures_are_judged_and_a_biased_judge_is_struck_through(
    tab: Tab, session: Session, person: UUID
) -> None:
    await tab.send(ComposerState.load)
    await tab.send(run(prompt="a fox"))
    deliver(session)
    comparison = await tab.state(ComparisonState)
    await comparison._poke(None)
    await tab.send(JudgingState.look)
    await tab.send(JudgingState.judge)
    assert "Nobody can judge" in (await tab.state(JudgingState)).problem
    await tab.send(JudgingState.choose_judge(CLAUDE))
    state = await tab.state(JudgingState)
    assert (state.view.calls, state.view.credits >= 12) == (12, True)
    await tab.send(JudgingState.judge)
    state = await tab.state(JudgingState)
    assert state.view.working == 12
    Desk(session, person).answer(FaultKind.NONSENSE)
    await state._poke_calls()
    assert (state.view.working, "Not charged" in state.view.failed) == (0, True)
    await tab.send(JudgingState.judge)
    Desk(session, person).answer()
    await comparison._poke_calls()
    assert all(card.won.endswith("of 6") for card in (await tab.state(ComparisonState)).cards)
    await tab.send(JudgingState.close)
    assert (await tab.state(JudgingState)).view.job_id == ""


async def test_the_order_of_writers_is_changed_in_the_settings(tab: Tab) -> None:
    await tab.send(WritersState.load)
    await tab.send(WritersState.move("gemini", -1))
    await tab.send(WritersState.switch_judging)
    await tab.send(WritersState.switch_enhance)
    state = await tab.state(WritersState)
    assert [line.provider for line in state.lines] == ["anthropic", "gemini", "openai"]
    assert (state.judge_new, state.enhance) == (True, False)
    assert [line.standing for line in state.lines] == ["simulated"] * 3


def test_what_may_cost_comes_at_the_slow_pace() -> None:
    for state, events in ((CraftState, ("write", "mark")), (JudgingState, ("judge", "confirm"))):
        for event in events:
            assert may_start_work(f"{state.get_full_name()}.{event}", {})
    assert get_settings().limits.samples
    assert CallKind.GRADE
