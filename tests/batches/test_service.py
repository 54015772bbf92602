"""Batches are all or nothing, and pausing, cancelling, retrying and deciding lose nothing and charge nothing twice."""

from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select, update
from sqlmodel import Session, col

from runtz_core.batches import queries, service, steering
from runtz_core.batches.sheet import Row
from runtz_core.connections.catalog import names
from runtz_core.credits import service as credits
from runtz_core.failures import FailureKind
from runtz_core.flow.models import Lane
from runtz_core.jobs import upkeep, work
from runtz_core.jobs.booking import ConfirmationNeeded
from runtz_core.jobs.claims import Claim
from runtz_core.jobs.models import Batch, Call, CallState, Job
from runtz_core.jobs.pausing import HELD
from runtz_core.jobs.requests import SubmissionRefused
from runtz_core.jobs.resolution import Resolution
from runtz_core.jobs.service import NotFound
from runtz_core.jobs.standing import FAILING
from runtz_core.settings import get_settings
from tests.batches.conftest import TWO, SubmitBatch, order
from tests.conftest import make_person
from tests.core.test_credits import books_balance, race


def calls_of(session: Session, batch_id: UUID) -> list[Call]:
    session.expire_all()
    query = select(Call).where(service.of_batch(batch_id)).order_by(col(Call.job_id), col(Call.position))
    return list(session.execute(query).scalars())


def count(session: Session, table: type) -> int:
    return session.execute(select(func.count()).select_from(table)).scalar_one()


def claim(session: Session, capacity: int = 100) -> list[Claim]:
    taken = work.claim(session, worker="w", capacity=capacity, limits={}, lease=30, other_limit=100)
    session.commit()
    return taken


def end(session: Session, claims: list[Claim], kind: FailureKind) -> None:
    for taken in claims:
        if work.intend(session, taken):
            work.fail(session, taken, kind)
    session.commit()


def test_a_batch_is_its_jobs_in_order_and_one_hold(
    session: Session, person: UUID, submit_batch: SubmitBatch
) -> None:
    batch_id = submit_batch("one", "two", "three")
    jobs = session.execute(select(Job).where(col(Job.batch_id) == batch_id).order_by(col(Job.id))).scalars()
    assert [(job.batch_row, job.prompt) for job in jobs] == [(1, "one"), (2, "two"), (3, "three")]
    calls = calls_of(session, batch_id)
    assert [call.model for call in calls] == list(TWO) * 3
    held = sum(call.credits for call in calls)
    assert credits.balance(session, person) == credits.Balance(available=10_000 - held, held=held)
    books_balance(session)


def test_a_row_may_have_its_own_ratio_seed_and_negative(session: Session, submit_batch: SubmitBatch) -> None:
    rows = (Row(prompt="a"), Row(prompt="b", ratio="16:9", seed=7, negative="text"))
    batch_id = submit_batch(rows=rows, seed=3, models=("ideogram-3",))
    asked = [call.request for call in calls_of(session, batch_id)]
    assert [(one["ratio_asked"], one["seed"], one["negative"]) for one in asked] == [
        ("1:1", 3, None),
        ("16:9", 7, "text"),
    ]


def test_a_double_click_at_the_same_moment_is_one_batch(
    database: Engine, session: Session, person: UUID, simulated: None
) -> None:
    def click(own: Session, _: int) -> UUID:
        return service.submit(own, person, order("a", "b", submission_key="twice"))

    assert len(race(database, 4, click)) == 1
    assert (count(session, Batch), count(session, Job), count(session, Call)) == (1, 2, 4)
    books_balance(session)


def test_without_credits_for_all_nothing_is_made(session: Session, simulated: None) -> None:
    poor = make_person(session, available=50, name="Poor")
    with pytest.raises(credits.InsufficientCredits):
        service.submit(session, poor, order(*"abcdefghij"))
    session.rollback()
    assert (count(session, Batch), count(session, Job), count(session, Call)) == (0, 0, 0)
    assert credits.balance(session, poor) == credits.Balance(available=50, held=0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rows": ()}, "no prompt"),
        ({"rows": tuple(Row(prompt=f"p{n}") for n in range(501))}, "501 prompts; a batch takes 500"),
        ({"rows": (Row(prompt="ok"), Row(prompt="bell\x07", line=9))}, "Line 9: .*control character"),
        ({"rows": (Row(prompt="ok"), Row(prompt="x" * 31_000, line=4))}, "Line 4: .* takes"),
        ({"models": ()}, "Choose at least one model"),
        ({"samples": 99}, "Samples must be"),
        ({"submission_key": ""}, "reload"),
    ],
)
def test_what_cannot_run_is_refused_before_anything_is_written(
    session: Session, person: UUID, simulated: None, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(SubmissionRefused, match=said):
        service.submit(session, person, order("fine", **changes))  # type: ignore[arg-type]
    session.rollback()
    assert count(session, Batch) == 0
    assert credits.balance(session, person).held == 0


def test_a_dear_batch_asks_first(session: Session, person: UUID, submit_batch: SubmitBatch) -> None:
    session.connection().exec_driver_sql("UPDATE house_rules SET confirm_above = 100")
    session.commit()
    with pytest.raises(ConfirmationNeeded):
        submit_batch(*"abcdef")
    session.rollback()
    assert submit_batch(*"abcdef", confirmed=True)


def test_a_paused_batch_is_not_claimed_and_resumes_whole(
    session: Session, person: UUID, submit_batch: SubmitBatch
) -> None:
    batch_id = submit_batch("one", "two")
    under_way = claim(session, capacity=1)
    assert steering.pause(session, person, batch_id) == 3
    session.commit()
    assert claim(session) == []
    assert not work.is_anything_due(session)
    # What was under way and could not be sent waits as well, and so does what a dead worker left behind.
    work.put_back(session, under_way[0], seconds=0, kind=FailureKind.RATE_LIMITED)
    session.commit()
    assert claim(session) == []
    assert steering.resume(session, person, batch_id) == 4
    session.commit()
    assert len(claim(session)) == 4
    assert steering.pause(session, person, batch_id) == 0
    session.execute(update(Call).values(lease_until=func.clock_timestamp() - func.make_interval(0, 0, 0, 1)))
    assert upkeep.reap(session, attempts=4) == 4
    session.commit()
    assert {call.not_before for call in calls_of(session, batch_id)} == {HELD}
    books_balance(session)


def test_cancelling_the_rest_gives_back_what_was_not_sent(
    session: Session, person: UUID, submit_batch: SubmitBatch
) -> None:
    batch_id = submit_batch("one", "two", "three")
    sent = claim(session, capacity=2)
    for taken in sent:
        work.intend(session, taken)
    session.commit()
    assert steering.cancel_rest(session, person, batch_id) == 4
    session.commit()
    states = [call.state for call in calls_of(session, batch_id)]
    assert (states.count(CallState.RUNNING), states.count(CallState.CANCELLED)) == (2, 4)
    assert credits.balance(session, person).held == sum(
        call.credits for call in calls_of(session, batch_id) if call.state == CallState.RUNNING
    )
    end(session, sent, FailureKind.INVALID)
    assert credits.balance(session, person) == credits.Balance(available=10_000, held=0)
    assert steering.cancel_rest(session, person, batch_id) == 0
    books_balance(session)


def test_only_what_failed_is_tried_again_and_once(
    session: Session, person: UUID, submit_batch: SubmitBatch
) -> None:
    batch_id = submit_batch("one", "two", "three", models=("flux-2-pro",))
    first, second, third = claim(session)
    end(session, [first], FailureKind.INVALID)
    end(session, [second], FailureKind.CONTENT_BLOCKED)
    assert steering.retry(session, person, batch_id) == 1
    session.commit()
    with pytest.raises(SubmissionRefused, match="nothing to try again"):
        steering.retry(session, person, batch_id)
    session.rollback()
    (fresh,) = [call for call in calls_of(session, batch_id) if call.retry_of]
    assert (fresh.retry_of, fresh.state) == (first.call_id, CallState.QUEUED)
    end(session, [third], FailureKind.INVALID)
    steering.pause(session, person, batch_id)
    assert steering.retry(session, person, batch_id) == 1
    session.commit()
    assert claim(session) == [], "a retry in a paused batch waits with the others"
    steering.cancel_rest(session, person, batch_id)
    session.commit()
    assert steering.retry(session, person, batch_id, which="cancelled") == 2
    session.commit()
    assert len(claim(session)) == 2
    books_balance(session)


def test_no_time_is_named_while_a_provider_does_not_answer(
    session: Session, person: UUID, submit_batch: SubmitBatch
) -> None:
    batch_id = submit_batch("one", "two")
    assert queries.view(session, get_settings(), person, batch_id).held_up == ""
    lane = calls_of(session, batch_id)[0].lane
    session.add(Lane(lane=lane, failures=FAILING))
    session.commit()
    held_up = queries.view(session, get_settings(), person, batch_id).held_up
    label = names(session).provider(lane.partition("/")[0])
    assert held_up == f"{label} is not answering, so what is left there waits and is tried by itself"
    end(session, [one for one in claim(session) if one.lane == lane], FailureKind.INVALID)
    assert queries.view(session, get_settings(), person, batch_id).held_up == ""


def test_unknown_outcomes_are_settled_together(
    session: Session, person: UUID, submit_batch: SubmitBatch
) -> None:
    batch_id = submit_batch("one", "two")
    session.execute(update(Call).where(col(Call.position) == 0).values(simulated=False))
    session.commit()
    end(session, claim(session), FailureKind.OUTCOME_UNKNOWN)
    assert steering.decide(session, person, batch_id, Resolution.NOT_BILLED) == 4
    assert steering.decide(session, person, batch_id, Resolution.BILLED) == 0
    session.commit()
    assert {
        (call.resolution, call.cost_usd_micros) for call in calls_of(session, batch_id) if not call.simulated
    } == {("not_billed", 0)}
    assert steering.retry(session, person, batch_id) == 4
    session.commit()
    books_balance(session)


def test_a_strangers_batch_is_not_there(session: Session, person: UUID, submit_batch: SubmitBatch) -> None:
    batch_id = submit_batch("mine")
    stranger = make_person(session, name="Bob")
    for act in (steering.pause, steering.resume, steering.cancel_rest, steering.retry):
        with pytest.raises(NotFound):
            act(session, stranger, batch_id)
    with pytest.raises(NotFound):
        steering.decide(session, stranger, batch_id, Resolution.BILLED)
    assert session.get(Batch, batch_id).paused_at is None  # type: ignore[union-attr]
