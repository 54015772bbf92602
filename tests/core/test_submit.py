"""Submitting, cancelling, retrying: all or nothing, once each, refusals in words."""

from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from runtz_core.credits import service as credits
from runtz_core.ids import new_id
from runtz_core.jobs import queries, service
from runtz_core.jobs.models import Call, CallState, Job
from runtz_core.jobs.requests import ModelChoice, SubmissionRefused
from runtz_core.jobs.service import NotFound
from tests.conftest import make_person
from tests.core.conftest import FOUR, Submit, submission
from tests.core.test_credits import books_balance, race


def count(session: Session, table: type) -> int:
    return session.execute(select(func.count()).select_from(table)).scalar_one()


def calls_of(session: Session, job_id: UUID) -> list[Call]:
    session.expire_all()
    return list(
        session.execute(
            select(Call).where(col(Call.job_id) == job_id).order_by(col(Call.position), col(Call.sample))
        ).scalars()
    )


def test_a_job_holds_what_its_calls_cost(session: Session, person: UUID, submit: Submit) -> None:
    job_id = submit(samples=2)
    calls = calls_of(session, job_id)
    assert [(call.position, call.sample) for call in calls] == [(p, s) for p in range(4) for s in range(2)]
    held = sum(call.credits for call in calls)
    assert credits.balance(session, person) == credits.Balance(available=10_000 - held, held=held)
    assert held < 2 * 200  # a default run stays below 200 credits a sample
    books_balance(session)


def test_the_same_key_is_the_same_job(session: Session, submit: Submit) -> None:
    first = submit(submission_key="click")
    assert submit(submission_key="click") == first
    assert (count(session, Job), count(session, Call)) == (1, 4)


def test_a_double_click_at_the_same_moment_is_one_job(
    database: Engine, session: Session, person: UUID, simulated: None
) -> None:
    def click(own: Session, _: int) -> UUID:
        return service.submit(own, person, submission("flux-2-pro", submission_key="twice"))

    assert len(race(database, 6, click)) == 1
    assert (count(session, Job), count(session, Call)) == (1, 1)
    books_balance(session)


def test_each_sample_of_a_seeded_run_has_its_own_seed(session: Session, submit: Submit) -> None:
    calls = calls_of(session, submit("flux-2-pro", samples=3, seed=2**31 - 2))
    assert [call.request["seed"] for call in calls] == [2**31 - 2, 2**31 - 1, 0]


def test_a_model_without_negatives_gets_them_in_words(session: Session, submit: Submit) -> None:
    calls = calls_of(session, submit("flux-2-pro", "ideogram-3", negative="people"))
    assert calls[0].request["prompt"].endswith("Avoid: people")
    assert (calls[0].request["negative"], calls[1].request["negative"]) == (None, "people")


def test_dall_e_3_has_exactly_its_three_sizes(session: Session, submit: Submit) -> None:
    made = set()
    for ratio in ("1:1", "9:16", "16:9", "21:9", "4:5", "3:4"):
        (call,) = calls_of(session, submit("dall-e-3", ratio=ratio))
        made.add((call.request["width"], call.request["height"]))
    assert made == {(1024, 1024), (1024, 1792), (1792, 1024)}


@pytest.mark.parametrize(
    "prompt", ["", "   \n\t ", "x" * 32_001, "y" * 1_048_576, "bell \x07", "nul \x00", "half \ud83d"]
)
def test_words_nobody_can_use_are_refused_in_one_sentence(
    session: Session, person: UUID, simulated: None, prompt: str
) -> None:
    with pytest.raises(SubmissionRefused) as refused:
        service.submit(session, person, submission(prompt=prompt))
    assert len(refused.value.problem) < 200
    assert refused.value.problem.endswith((".", "it."))
    session.rollback()
    assert credits.balance(session, person) == credits.Balance(available=10_000, held=0)


@pytest.mark.parametrize(
    "prompt", ["שלום עולם, ספינה בלילה", "مرحبا", "𓀀 👩‍👩‍👧‍👦 ‮RTL‬", "{{7*7}} <img onerror=x>", "a\nb\tc"]
)
def test_words_of_any_script_are_kept_as_typed(session: Session, submit: Submit, prompt: str) -> None:
    (call,) = calls_of(session, submit("flux-2-pro", prompt=prompt))
    assert call.request["prompt"] == prompt


@pytest.mark.parametrize(
    "changes",
    [
        {"samples": 0},
        {"samples": -1},
        {"samples": 10**9},
        {"samples": 17},
        {"seed": -1},
        {"seed": 2**63},
        {"ratio": "banana"},
        {"ratio": "0:5"},
        {"ratio": "16/9"},
        {"ratio": ""},
        {"models": ()},
        {"models": (ModelChoice(model="midjourney-9"),)},
        {"models": (ModelChoice(model="flux-2-pro", tier="platinum"),)},
        {"models": (ModelChoice(model="flux-2-pro\x00"),)},
        {"models": (ModelChoice(model="flux-2-pro", tier="\ud83d"),)},
        {"ratio": "1:1\x00"},
        {"submission_key": "k\x00"},
        {"models": (ModelChoice(model="flux-2-pro"), ModelChoice(model="flux-2-pro"))},
        {"submission_key": ""},
        {"submission_key": "k" * 201},
    ],
)
def test_settings_nobody_can_use_are_refused_and_nothing_is_held(
    session: Session, person: UUID, simulated: None, changes: dict[str, object]
) -> None:
    with pytest.raises(SubmissionRefused):
        service.submit(session, person, submission(**changes))
    session.rollback()
    assert count(session, Job) == 0
    assert credits.balance(session, person).held == 0


def test_a_job_too_dear_changes_nothing(session: Session, simulated: None) -> None:
    poor = make_person(session, available=50)
    with pytest.raises(credits.InsufficientCredits):
        service.submit(session, poor, submission())
    session.rollback()
    assert count(session, Call) == 0
    assert credits.balance(session, poor) == credits.Balance(available=50, held=0)


def test_cancelling_before_anything_was_sent_gives_it_all_back(
    session: Session, person: UUID, submit: Submit
) -> None:
    job_id = submit()
    assert service.cancel_job(session, person, job_id) == 4
    session.commit()
    assert {call.state for call in calls_of(session, job_id)} == {CallState.CANCELLED}
    assert credits.balance(session, person) == credits.Balance(available=10_000, held=0)
    assert service.cancel_job(session, person, job_id) == 0
    view = queries.job_view(session, person, job_id)
    assert view is not None
    assert view.summary == "4 cancelled"
    assert view.cards[0].money_text.startswith("Not charged.")
    books_balance(session)


def test_a_retry_replaces_the_card_and_is_made_once(session: Session, person: UUID, submit: Submit) -> None:
    job_id = submit("flux-2-pro")
    service.cancel_job(session, person, job_id)
    session.commit()
    (old,) = calls_of(session, job_id)
    new = service.retry_call(session, person, old.id)
    assert service.retry_call(session, person, old.id) == new
    session.commit()
    view = queries.job_view(session, person, job_id)
    assert view is not None
    assert [card.call_id for card in view.cards] == [str(new)]
    assert credits.balance(session, person).held == old.credits


def test_a_running_card_cannot_be_retried(session: Session, person: UUID, submit: Submit) -> None:
    (call,) = calls_of(session, submit("flux-2-pro"))
    with pytest.raises(SubmissionRefused):
        service.retry_call(session, person, call.id)


def test_running_again_is_a_new_job_with_the_same_wishes(
    session: Session, person: UUID, submit: Submit
) -> None:
    first = submit(ratio="3:4", seed=5)
    second = service.run_again(session, person, first, "again")
    session.commit()
    assert second != first
    asked = [[call.request for call in calls_of(session, job)] for job in (first, second)]
    assert asked[0] == asked[1]


def test_what_is_somebody_elses_does_not_exist(session: Session, person: UUID, submit: Submit) -> None:
    stranger = make_person(session, name="Eve")
    job_id = submit("flux-2-pro")
    (call,) = calls_of(session, job_id)
    assert queries.job_view(session, stranger, job_id) is None
    assert queries.history(session, stranger) == []
    for attempt in (
        lambda: service.cancel_job(session, stranger, job_id),
        lambda: service.cancel_call(session, stranger, call.id),
        lambda: service.retry_call(session, stranger, call.id),
        lambda: service.run_again(session, stranger, job_id, "k"),
        lambda: service.cancel_job(session, stranger, new_id()),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_the_history_is_paged_newest_first(session: Session, person: UUID, submit: Submit) -> None:
    jobs = [str(submit("flux-2-pro")) for _ in range(5)]
    first = queries.history(session, person, limit=2)
    second = queries.history(session, person, before=UUID(first[-1].job_id), limit=10)
    assert [row.job_id for row in first + second] == jobs[::-1]
    assert queries.running_count(session, person) == 5
    assert str(queries.latest_job_id(session, person)) == jobs[-1]


def test_without_key_and_simulator_a_model_waits_for_one(session: Session, person: UUID) -> None:
    job_id = service.submit(session, person, submission("flux-2-pro"))
    (call,) = calls_of(session, job_id)
    assert call.simulated is False


def test_a_retired_model_runs_only_simulated(session: Session, person: UUID) -> None:
    with pytest.raises(SubmissionRefused, match="DALL·E 3"):
        service.submit(session, person, submission("dall-e-3"))


def test_four_vendors_are_in_the_default_run() -> None:
    from runtz_core.jobs.chips import DEFAULT_RUN

    assert DEFAULT_RUN == FOUR
