"""Enhancement, marks in rounds and verdicts on pairs: on the books, capped, and never made up."""

import hashlib
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, update
from sqlmodel import Session, col

from runtz_core.credits import books
from runtz_core.credits import service as credits
from runtz_core.images import service as images
from runtz_core.images.intake import Stored, get_store
from runtz_core.jobs import house, queries, service
from runtz_core.jobs.booking import ConfirmationNeeded, DailyCapReached
from runtz_core.jobs.models import Call, CallKind, CallState, Job
from runtz_core.jobs.requests import Submission, SubmissionRefused, Writing
from runtz_core.settings import Settings
from runtz_core.writing import enhance, grading, pairs, standings, writers
from runtz_core.writing.models import Ruling
from runtz_sim.faults import FaultKind
from tests.conftest import make_person
from tests.core.conftest import FOUR, Submit, submission
from tests.writing.conftest import CLAUDE, Desk

IDEA = 'two candles beside a sign "OPEN"'


def the_books_hold(engine: Engine) -> bool:
    with Session(engine) as fresh:
        return all(check.holds for check in books.check(fresh).checks)


def limited(session: Session, desk: Desk, **limits: int) -> None:
    """Change the house's limits."""
    now = replace(house.limits(session), **limits)  # type: ignore[arg-type]
    house.set_limits(session, now, actor=desk.person, today=date(2026, 1, 1))
    session.commit()


def written(session: Session, desk: Desk, wanted: str = CLAUDE) -> enhance.Draft:
    draft = enhance.start(session, desk.settings, desk.person, IDEA, "", FOUR, wanted)
    session.commit()
    return draft


def test_without_a_key_the_built_in_rules_write_at_once_and_for_nothing(
    session: Session, person: UUID, settings: Settings
) -> None:
    draft = enhance.start(session, settings, person, IDEA, "blur", FOUR)
    assert (draft.state, draft.writer, draft.call_id) == ("ready", "Built-in rules", "")
    assert [one.model for one in draft.versions] == list(FOUR)
    assert all(IDEA in one.prompt and not one.lost for one in draft.versions)
    assert len({one.prompt for one in draft.versions}) == 4
    assert enhance.offer(session, settings, person, FOUR)[1:] == (0, 0)
    assert session.execute(select(Call)).first() is None


def test_claude_writes_for_its_price_and_one_prompt_for_each_model(
    database: Engine, session: Session, desk: Desk
) -> None:
    _, price, _ = enhance.offer(session, desk.settings, desk.person, FOUR, CLAUDE, idea=IDEA)
    draft = written(session, desk)
    assert (draft.state, draft.simulated) == ("waiting", True)
    assert credits.balance(session, desk.person).held == price > 0
    assert desk.answer() == 1
    ready = enhance.draft(session, desk.person, UUID(draft.call_id))
    assert (ready.state, ready.idea, [one.model for one in ready.versions]) == ("ready", IDEA, list(FOUR))
    assert all(not one.lost for one in ready.versions)
    assert credits.balance(session, desk.person) == credits.Balance(available=10_000 - price, held=0)
    assert the_books_hold(database)
    with pytest.raises(service.NotFound):
        enhance.draft(session, make_person(session, name="Bea"), UUID(draft.call_id))


def test_what_a_writer_loses_is_named_and_put_back_by_one_click(session: Session, desk: Desk) -> None:
    draft = written(session, desk)
    desk.answer(FaultKind.DROPS_WORDS)
    poor = enhance.draft(session, desk.person, UUID(draft.call_id))
    assert all(one.lost and one.lost_text.startswith("lost: ‘") for one in poor.versions)
    whole = poor
    for one in poor.versions:
        whole = enhance.restored(session, whole, one.model)
    assert [one.lost for one in whole.versions] == [[]] * 4
    again = enhance.edited(session, whole, FOUR[0], "something else")
    assert again.versions[0].lost == ["two candles beside", 'sign "OPEN"']


def test_a_writer_that_talks_nonsense_costs_nothing_here_and_says_so(session: Session, desk: Desk) -> None:
    draft = written(session, desk)
    desk.answer(FaultKind.NONSENSE)
    failed = enhance.draft(session, desk.person, UUID(draft.call_id))
    assert failed.state == "failed"
    assert "Not charged" in failed.problem
    assert "Your own words are as they were" in failed.problem
    assert credits.balance(session, desk.person).available == 10_000


def test_the_order_of_writers_is_the_persons_and_off_stays_off(
    session: Session, person: UUID, settings: Settings
) -> None:
    assert [one.provider for one in writers.writers(session, settings, person)][::2] == [
        "anthropic",
        "openai",
        "gemini",
    ]
    writers.move(session, person, "gemini", -1)
    writers.move(session, person, "gemini", -1)
    writers.move(session, person, "nobody", -1)
    writers.choose(session, person, enhance=False)
    session.commit()
    assert writers.choices(session, person).writers == ["gemini", "anthropic", "openai"]
    assert writers.choices(session, person).enhance is False
    other = make_person(session, name="Bea")
    assert writers.choices(session, other).enhance is True


def test_a_key_decides_who_writes(
    session: Session, person: UUID, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runtz_core.settings import get_settings

    assert writers.choose_writer(session, settings, person) is None
    monkeypatch.setenv("RUNTZ_PROVIDERS__GEMINI__API_KEY", "a-key-of-ours")
    get_settings.cache_clear()
    found = writers.choose_writer(session, get_settings(), person)
    assert found is not None
    assert (found.provider, found.has_key) == ("gemini", True)
    assert writers.choose_writer(session, get_settings(), person, writers.RULES) is None
    with pytest.raises(SubmissionRefused):
        writers.choose_writer(session, get_settings(), person, "claude-nobody")


def test_a_job_keeps_the_idea_and_what_was_written_for_each_model(
    session: Session, person: UUID, settings: Settings
) -> None:
    asked: Submission = submission(
        FOUR[0], FOUR[1], prompt=IDEA, writing=Writing(writer="Built-in rules", prompts={FOUR[0]: "WRITTEN"})
    )
    job_id = service.submit(session, person, asked)
    again = service.run_again(session, person, job_id, "again")
    session.commit()
    for one in (job_id, again):
        job = session.get_one(Job, one)
        assert (job.prompt, job.writing) == (
            IDEA,
            {"writer": "Built-in rules", "prompts": {FOUR[0]: "WRITTEN"}},
        )
        sent = {call.model: call.request for call in _calls(session, one)}
        assert (sent[FOUR[0]]["prompt"], sent[FOUR[1]]["prompt"]) == ("WRITTEN", IDEA)
        assert sent[FOUR[0]]["written_by"] == "Built-in rules"
    with pytest.raises(SubmissionRefused):
        service.submit(
            session,
            person,
            submission(FOUR[0], writing=Writing(writer="x", prompts={FOUR[0]: "half \ud83d"})),
        )


def _calls(session: Session, job_id: UUID) -> list[Call]:
    return list(session.execute(select(Call).where(col(Call.job_id) == job_id)).scalars())


def test_a_cap_stops_a_writer_before_anything_is_spent(session: Session, desk: Desk) -> None:
    limited(session, desk, daily_cap=0)
    with pytest.raises(DailyCapReached):
        written(session, desk)
    session.rollback()
    assert credits.balance(session, desk.person).held == 0


def rounds(session: Session, desk: Desk, wanted: int, kind: FaultKind | None = None) -> grading.GradingView:
    found = grading.start(session, desk.settings, desk.person, "a fox", rounds=wanted, wanted=CLAUDE)
    session.commit()
    while desk.answer(kind):
        pass
    return grading.view(session, desk.person, found)


def test_five_rounds_leave_a_trail_and_the_best_is_kept(
    database: Engine, session: Session, desk: Desk
) -> None:
    view = rounds(session, desk, 5)
    totals = [one.total for one in view.rounds]
    assert (len(totals), totals) == (5, sorted(totals))
    assert (view.best_total, view.best_prompt) == (totals[-1], view.rounds[-1].prompt)
    assert view.trail == ", ".join(map(str, totals))
    assert 0 < view.credits <= view.most_credits
    assert all(sum(part.points for part in one.parts) == one.total for one in view.rounds)
    assert (view.running, view.ended) == (False, "All rounds are done.")
    assert the_books_hold(database)


def test_the_best_round_is_kept_when_the_last_is_worse(session: Session, desk: Desk) -> None:
    from runtz_core.writing.models import GradingRound

    view = rounds(session, desk, 3)
    poor = dict.fromkeys(("clarity", "detail", "technical", "composition", "coherence"), 1)
    session.execute(
        update(GradingRound)
        .where(col(GradingRound.position) == 3)
        .values(marks=poor | {"total": 5, "notes": "", "improvements": [], "better": ""})
    )
    session.commit()
    again = grading.view(session, desk.person, UUID(view.grading_id))
    assert [one.best for one in again.rounds] == [False, True, False]


@pytest.mark.parametrize("kind", [FaultKind.LIES_ABOUT_SUMS, FaultKind.NONSENSE])
def test_marks_that_are_none_are_not_made_up(session: Session, desk: Desk, kind: FaultKind) -> None:
    view = rounds(session, desk, 5, kind)
    (only,) = view.rounds
    assert (only.graded, only.total, only.problem.startswith("Not graded.")) == (False, 0, True)
    assert (view.trail, view.best_prompt, view.credits) == ("–", "", 0)
    assert ("add up" in only.problem) is (kind is FaultKind.LIES_ABOUT_SUMS)


def test_a_grading_can_be_stopped_and_what_waits_is_released(session: Session, desk: Desk) -> None:
    found = grading.start(session, desk.settings, desk.person, "a fox", rounds=5, wanted=CLAUDE)
    session.commit()
    desk.answer()
    with pytest.raises(service.NotFound):
        grading.stop(session, make_person(session, name="Bea"), found)
    grading.stop(session, desk.person, found)
    session.commit()
    assert desk.answer() == 0
    view = grading.view(session, desk.person, found)
    assert ([one.graded for one in view.rounds], view.running) == ([True, False], False)
    assert credits.balance(session, desk.person).held == 0


def test_rounds_end_where_the_credits_do(session: Session, settings: Settings) -> None:
    poor = Desk(session, make_person(session, available=2, name="Bea"))
    view = rounds(session, poor, 5)
    assert 1 <= len(view.rounds) <= 2
    assert "not enough credits" in view.ended


def test_the_built_in_grader_works_without_anybody_and_improves_by_rules(
    session: Session, person: UUID, settings: Settings
) -> None:
    found = grading.start(session, settings, person, "a fox", rounds=5)
    view = grading.view(session, person, found)
    totals = [one.total for one in view.rounds]
    assert (view.grader, view.credits, view.running) == ("Built-in rules", 0, False)
    assert totals == sorted(totals)
    assert len(totals) > 2
    assert view.rounds[0].rules_missed
    assert session.execute(select(Call)).first() is None


def drawn(session: Session, person: UUID, submit: Submit, *, samples: int = 1) -> UUID:
    """A job with stored pictures of different bytes."""
    job_id = submit(prompt="a fox", samples=samples)
    for number, call in enumerate(_calls(session, job_id)):
        stored = Stored(
            sha256=hashlib.sha256(str(number).encode()).hexdigest(),
            size=10,
            media_type="image/png",
            width=64,
            height=48,
        )
        images.record(session, user_id=person, call_id=call.id, stored=stored)
        session.execute(update(Call).where(col(Call.id) == call.id).values(state=CallState.SUCCEEDED))
        credits.settle(session, person, call.id)
    session.commit()
    return job_id


def judged(
    session: Session, desk: Desk, job_id: UUID, kind: FaultKind | None = None
) -> standings.JudgingView:
    pairs.start(session, desk.settings, desk.person, job_id, wanted=CLAUDE, confirmed=True)
    session.commit()
    desk.answer(kind)
    return standings.view(session, desk.settings, desk.person, job_id, get_store(), wanted=CLAUDE)


def test_every_pair_is_judged_in_both_orders_and_stored_as_win_rates(
    database: Engine, session: Session, desk: Desk, submit: Submit
) -> None:
    job_id = drawn(session, desk.person, submit)
    before = standings.view(session, desk.settings, desk.person, job_id, get_store(), wanted=CLAUDE)
    assert (before.calls, before.credits >= 12, len(before.pictures)) == (12, True, 4)
    view = judged(session, desk, job_id)
    assert (len(view.verdicts), view.working, view.calls, view.muted) == (12, 0, 0, [])
    assert all(0 <= one.win_rate <= 100 and one.verdicts == 6 for one in view.pictures)
    assert sum(one.win_rate for one in view.pictures) == pytest.approx(200, abs=2)
    assert all(one.reason for one in view.verdicts)
    assert all(one.follows_prompt.endswith("of 6") for one in view.pictures)
    assert the_books_hold(database)
    with pytest.raises(SubmissionRefused):
        pairs.start(session, desk.settings, desk.person, job_id, wanted=CLAUDE, confirmed=True)
    stranger = make_person(session, name="Bea")
    with pytest.raises(service.NotFound):
        pairs.start(session, desk.settings, stranger, job_id, wanted=CLAUDE)
    with pytest.raises(service.NotFound):
        standings.view(session, desk.settings, stranger, job_id, get_store())


def test_a_judge_that_likes_the_left_is_struck_through_and_counts_for_nothing(
    session: Session, desk: Desk, submit: Submit
) -> None:
    job_id = drawn(session, desk.person, submit, samples=2)
    view = judged(session, desk, job_id, FaultKind.PREFERS_LEFT)
    assert len(view.verdicts) == 56
    assert all(one.muted for one in view.verdicts)
    assert [one.win_rate for one in view.pictures] == [-1] * 8
    assert "left picture in both orders" in view.muted[0]


def test_verdicts_without_a_form_leave_no_ruling(session: Session, desk: Desk, submit: Submit) -> None:
    job_id = drawn(session, desk.person, submit)
    view = judged(session, desk, job_id, FaultKind.NONSENSE)
    assert (view.verdicts, view.calls) == ([], 12)
    assert "Not charged" in view.failed
    assert session.execute(select(Ruling)).first() is None


def test_without_a_key_nobody_judges_and_facts_remain(session: Session, desk: Desk, submit: Submit) -> None:
    job_id = drawn(session, desk.person, submit)
    with pytest.raises(SubmissionRefused, match="measured"):
        pairs.start(session, desk.settings, desk.person, job_id)
    view = standings.view(session, desk.settings, desk.person, job_id, get_store())
    assert (view.judge, view.verdicts, view.pictures[0].facts.size) == ("", [], "64×48")


def test_new_pictures_are_judged_by_themselves_only_where_that_is_wanted(
    session: Session, desk: Desk, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runtz_core.settings import get_settings

    job_id = drawn(session, desk.person, submit)
    image_id = UUID(
        standings.view(session, desk.settings, desk.person, job_id, get_store()).pictures[0].image_id
    )
    monkeypatch.setenv("RUNTZ_PROVIDERS__ANTHROPIC__API_KEY", "a-key-of-ours")
    get_settings.cache_clear()
    assert pairs.judge_by_itself(session, get_settings(), image_id) == 0
    writers.choose(session, desk.person, judge_new=True)
    limited(session, desk, confirm_above=5)
    assert pairs.judge_by_itself(session, get_settings(), image_id) == 0
    limited(session, desk, confirm_above=500)
    assert pairs.judge_by_itself(session, get_settings(), image_id) == 12
    assert pairs.judge_by_itself(session, get_settings(), image_id) == 0


def test_a_dear_judging_asks_first(session: Session, desk: Desk, submit: Submit) -> None:
    job_id = drawn(session, desk.person, submit)
    limited(session, desk, confirm_above=5)
    with pytest.raises(ConfirmationNeeded):
        pairs.start(session, desk.settings, desk.person, job_id, wanted=CLAUDE)


def test_text_calls_are_listed_with_their_kind_and_leave_jobs_alone(
    session: Session, desk: Desk, submit: Submit
) -> None:
    job_id = drawn(session, desk.person, submit)
    judged(session, desk, job_id)
    view = queries.job_view(session, desk.person, job_id)
    assert view is not None
    assert len(view.cards) == 4
    kinds = session.execute(select(col(Call.kind)).where(col(Call.job_id).is_(None))).scalars().all()
    assert set(kinds) == {CallKind.GRADE}
