"""Verdicts on pairs of pictures: bought once, counted by us, and struck through where a judge is muted."""

import hashlib
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select, update
from sqlmodel import Session, col

from runtz_core.credits import service as credits
from runtz_core.images import service as images
from runtz_core.images.intake import Stored, get_store
from runtz_core.jobs import queries, service, statement
from runtz_core.jobs.booking import ConfirmationNeeded
from runtz_core.jobs.models import Call, CallKind, CallState
from runtz_core.jobs.requests import SubmissionRefused
from runtz_core.jobs.usage import overview
from runtz_core.writing import grading, pairs, standings, tallies, writers
from runtz_core.writing.models import Ruling
from runtz_sim.faults import FaultKind
from tests.conftest import make_person
from tests.core.conftest import Submit
from tests.writing.conftest import CLAUDE, Desk, limited, the_books_hold


def _calls(session: Session, job_id: UUID) -> list[Call]:
    return list(session.execute(select(Call).where(col(Call.job_id) == job_id)).scalars())


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


def test_each_card_shows_its_win_rate_and_checklist(session: Session, desk: Desk, submit: Submit) -> None:
    job_id = drawn(session, desk.person, submit)
    bare = tallies.judged_view(session, desk.person, job_id)
    view = judged(session, desk, job_id)
    shown = tallies.judged_view(session, desk.person, job_id)
    assert bare is not None
    assert shown is not None
    assert {card.won for card in bare.cards} == {""}
    assert [card.won for card in shown.cards] == [f"won {one.win_rate} % of 6" for one in view.pictures]
    assert all(card.checklist.startswith("follows the prompt ") for card in shown.cards)
    assert [card.verdict_muted for card in shown.cards] == [False] * 4
    assert tallies.judged_view(session, make_person(session, name="Bea"), job_id) is None


def test_what_only_a_muted_judge_said_is_struck_through_on_the_cards(
    session: Session, desk: Desk, submit: Submit
) -> None:
    job_id = drawn(session, desk.person, submit, samples=2)
    judged(session, desk, job_id, FaultKind.PREFERS_LEFT)
    shown = tallies.judged_view(session, desk.person, job_id)
    assert shown is not None
    assert [card.verdict_muted for card in shown.cards] == [True] * 8
    assert all(card.won.endswith("of 14") for card in shown.cards)


def test_usage_tells_pictures_from_words_about_them(session: Session, desk: Desk, submit: Submit) -> None:
    job_id = drawn(session, desk.person, submit)
    judged(session, desk, job_id)
    grading.start(session, desk.settings, desk.person, "a fox", wanted=CLAUDE)
    session.commit()
    desk.answer(FaultKind.NONSENSE)
    today = datetime.now(UTC).date()
    shown = overview(session, desk.person, today, today=today, zone=ZoneInfo("UTC"))
    assert [(one.label, one.done, one.failed) for one in shown.errands] == [
        ("Pictures", 4, 0),
        ("Marks and verdicts", 12, 1),
    ]
    assert sum(one.credits for one in shown.errands) == shown.credits
    said = [line.what.partition(", ")[2] for line in statement.lines(session, desk.person)[0]]
    assert said.count("two pictures compared") == 12
    assert "a prompt marked, failed" in said


def test_orders_drawn_in_a_picture_earn_nothing_outside_the_form(
    database: Engine, session: Session, desk: Desk, submit: Submit
) -> None:
    job_id = drawn(session, desk.person, submit)
    view = judged(session, desk, job_id, FaultKind.GULLIBLE)
    assert (view.verdicts, [one.win_rate for one in view.pictures]) == ([], [-1] * 4)
    assert "does not fill in the form" in view.failed
    assert the_books_hold(database)
