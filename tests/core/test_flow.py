"""The rules of lanes: room, pauses, the breaker, the budget; and what claiming makes of them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select, update
from sqlmodel import Session, col

from runtz_core.failures import FailureKind
from runtz_core.flow import lanes, rules
from runtz_core.flow.models import Lane
from runtz_core.flow.rules import Setback
from runtz_core.jobs import presence, queries, resting, service, standing, work
from runtz_core.jobs.claims import Claim
from runtz_core.jobs.models import Batch, Call, CallState, Job
from runtz_core.settings import Flow
from tests.conftest import make_person
from tests.core.conftest import Submit, submission
from tests.tasks.conftest import until

LANE, CEILING = "flux/simulated", 24
FLOW = Flow()
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
K = FailureKind


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def setback(
    kind: FailureKind, *, began: float = 0, retry_after: float | None = None, attempt: int = 1
) -> Setback:
    return Setback(kind=kind, retry_after=retry_after, began=later(began), attempt=attempt, waited=1.0)


def fail(
    lane: Lane, kind: FailureKind, *, at: float, began: float = 0, retry_after: float | None = None
) -> None:
    rules.failed(
        lane, setback(kind, began=began, retry_after=retry_after), now=later(at), ceiling=CEILING, flow=FLOW
    )


def succeed(lane: Lane, *, at: float, began: float) -> None:
    rules.succeeded(lane, now=later(at), began=later(began), is_picture=True, ceiling=CEILING, flow=FLOW)


def test_a_crowded_provider_gets_half_once_for_all_that_was_sent_before() -> None:
    lane = Lane(lane=LANE)
    for _ in range(4):  # sent together, refused together
        fail(lane, K.RATE_LIMITED, at=1, began=0, retry_after=1)
    assert lane.room == 12
    fail(lane, K.RATE_LIMITED, at=3, began=2, retry_after=1)
    assert lane.room == 6


def test_room_never_falls_below_one_and_grows_by_one_with_every_full_window() -> None:
    lane = Lane(lane=LANE)
    for moment in range(1, 9):
        fail(lane, K.OUTCOME_UNKNOWN, at=moment, began=moment - 0.5)
        lane.tripped_at = lane.rests_until = None
    assert lane.room == 1
    succeed(lane, at=11, began=10)
    assert lane.room == 2
    succeed(lane, at=12, began=10)
    assert lane.room == 2
    succeed(lane, at=13, began=10)
    assert lane.room == 3
    for moment in range(400):
        succeed(lane, at=20 + moment, began=19)
    assert lane.room is None  # all there is


def test_a_lane_that_was_cut_grows_again_by_time_alone(session: Session) -> None:
    def grown() -> list[int | None]:
        lanes.regrow(session, ceiling=lambda _: 4, flow=FLOW)
        return [lanes.lanes(session)[name].room for name in ("flux/simulated", "gemini/simulated")]

    def age(**values: object) -> None:
        set_lane(session, **values)

    then = now(session) - timedelta(seconds=FLOW.regrow + 1)
    session.add(Lane(lane="flux/simulated", room=2, cut_at=then, grown_at=then))
    session.add(Lane(lane="gemini/simulated", room=1, cut_at=then, tripped_at=then))
    session.flush()
    assert grown() == [3, 1]  # the second one rests: what it can take nobody knows
    assert grown() == [3, 1]  # not before the time has passed again
    age(grown_at=then)
    assert grown() == [None, 1]


def test_five_failures_in_a_row_open_the_breaker_and_one_success_closes_it() -> None:
    lane = Lane(lane=LANE)
    for _ in range(4):
        fail(lane, K.TRANSIENT, at=1)
    assert not rules.is_resting(lane, later(1))
    fail(lane, K.TRANSIENT, at=1)
    assert rules.is_resting(lane, later(1))
    assert rules.is_resting(lane, later(30.5))
    assert not rules.is_resting(lane, later(31.5))
    succeed(lane, at=32, began=0.5)  # sent before it opened: says nothing
    assert lane.tripped_at is not None
    succeed(lane, at=33, began=32)
    assert (lane.tripped_at, lane.failures) == (None, 0)


def test_a_failing_probe_opens_it_again_and_latecomers_do_not() -> None:
    lane = Lane(lane=LANE)
    for _ in range(5):
        fail(lane, K.UNREACHABLE, at=1)
    fail(lane, K.UNREACHABLE, at=40, began=0.5)
    assert not rules.is_resting(lane, later(41))
    fail(lane, K.UNREACHABLE, at=42, began=41)
    assert rules.is_resting(lane, later(71))


def test_half_of_twenty_open_it_though_never_five_in_a_row() -> None:
    lane = Lane(lane=LANE)
    for moment in range(10):
        fail(lane, K.TRANSIENT, at=moment, began=moment)
        if moment < 9:
            succeed(lane, at=moment, began=moment)
    assert lane.tripped_at is None
    succeed(lane, at=10, began=10)
    fail(lane, K.TRANSIENT, at=10, began=10)
    assert lane.tripped_at is not None


def test_an_answer_that_refuses_shows_that_a_provider_lives() -> None:
    lane = Lane(lane=LANE)
    for _ in range(4):
        fail(lane, K.TRANSIENT, at=1)
    fail(lane, K.CONTENT_BLOCKED, at=2)
    fail(lane, K.TRANSIENT, at=3)
    assert (lane.tripped_at, lane.failures) == (None, 1)


def test_a_named_moment_pauses_and_is_no_failure() -> None:
    lane = Lane(lane=LANE)
    for _ in range(8):
        fail(lane, K.RATE_LIMITED, at=1, retry_after=1e9)
    assert lane.tripped_at is None
    assert lane.paused_until == later(1 + FLOW.longest_pause)


def again(
    lane: Lane, kind: FailureKind, *, attempt: int = 1, retry_after: float | None = None
) -> float | None:
    given = setback(kind, attempt=attempt, retry_after=retry_after)
    return rules.next_try(lane, given, now=later(1), attempts=4, flow=FLOW)


def test_the_budget_lets_five_retries_a_minute_and_then_a_tenth() -> None:
    lane = Lane(lane=LANE)
    assert [again(lane, K.TRANSIENT) is None for _ in range(7)] == [False] * 5 + [True] * 2
    for _ in range(100):
        succeed(lane, at=1, began=0)
    assert [again(lane, K.TRANSIENT) is None for _ in range(6)] == [False] * 5 + [True]


def test_who_is_sent_away_with_a_time_comes_back_then_and_without_one_is_postponed() -> None:
    lane = Lane(lane=LANE)
    pauses = [again(lane, K.RATE_LIMITED, retry_after=7) for _ in range(20)]
    assert all(pause is not None and 7 <= pause <= 8 for pause in pauses)
    postponed = [again(lane, K.RATE_LIMITED) for _ in range(20)]
    assert None not in postponed
    assert again(lane, K.TRANSIENT, attempt=4) is None


def set_lane(session: Session, **values: object) -> None:
    session.merge(Lane(lane=LANE, **values))
    session.commit()


def take(session: Session, capacity: int = 100) -> list[Claim]:
    claims = work.claim(session, worker="w1", capacity=capacity, limits={"flux": CEILING}, lease=60)
    session.commit()
    return claims


def now(session: Session) -> datetime:
    moment: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def test_a_lane_gives_what_its_room_allows(session: Session, submit: Submit) -> None:
    submit("flux-2-pro", samples=9)
    set_lane(session, room=3, recent={})
    assert len(take(session)) == 3
    assert take(session) == []


def test_nothing_is_claimed_while_a_lane_pauses_or_rests(session: Session, submit: Submit) -> None:
    submit("flux-2-pro", samples=2)
    submit("ideogram-4-5")
    set_lane(session, paused_until=now(session) + timedelta(minutes=1), recent={})
    assert {claim.provider for claim in take(session)} == {"ideogram"}
    moment = now(session)
    set_lane(session, tripped_at=moment, rests_until=moment + timedelta(minutes=1), tripped_by=K.RATE_LIMITED)
    assert take(session) == []


def test_half_open_one_call_is_sent_to_see(session: Session, submit: Submit) -> None:
    submit("flux-2-pro", samples=4)
    moment = now(session)
    set_lane(session, tripped_at=moment - timedelta(minutes=1), rests_until=moment, tripped_by=K.TRANSIENT)
    assert len(take(session)) == 1
    assert take(session) == []


def test_what_can_be_resumed_is_taken_even_from_a_resting_lane(session: Session, submit: Submit) -> None:
    submit("flux-2-pro")
    session.execute(update(Call).values(reference="task-1"))
    session.commit()
    moment = now(session)
    set_lane(session, tripped_at=moment, rests_until=moment + timedelta(minutes=1), tripped_by=K.TRANSIENT)
    assert len(take(session)) == 1


def test_who_comes_while_a_provider_rests_is_told_at_once_and_pays_nothing(
    session: Session, person: UUID, submit: Submit
) -> None:
    job_id = submit("flux-2-pro", samples=2)
    moment = now(session)
    set_lane(session, tripped_at=moment, rests_until=moment + timedelta(seconds=20), tripped_by=K.TRANSIENT)
    assert resting.turn_away(session) == 2
    session.commit()
    view = queries.job_view(session, person, job_id)
    assert view is not None
    (card, _) = view.cards
    assert (card.failure, card.next_step, view.credits_held) == ("provider_down", "retry", 0)
    assert "was not sent and cost nothing" in card.failure_text
    assert card.money_text.startswith("Not charged.")


def test_a_batch_waits_for_a_resting_provider_and_so_does_everybody_for_a_busy_one(
    session: Session, person: UUID, submit: Submit
) -> None:
    job_id = submit("flux-2-pro")
    moment = now(session)
    set_lane(session, tripped_at=moment, rests_until=moment + timedelta(minutes=1), tripped_by=K.RATE_LIMITED)
    assert resting.turn_away(session) == 0
    batch = Batch(
        user_id=person, submission_key="b", name="b", source="pasted", prompts=1, pictures=1, models=[],
        ratio="1:1", samples=1,
    )  # fmt: skip
    session.add(batch)
    session.flush()
    session.execute(update(Job).where(col(Job.id) == job_id).values(batch_id=batch.id))
    set_lane(session, tripped_by=K.TRANSIENT, tripped_at=moment, rests_until=moment + timedelta(minutes=1))
    assert resting.turn_away(session) == 0


def test_a_newcomer_gets_the_next_place_however_long_the_queue_is(session: Session, submit: Submit) -> None:
    for _ in range(3):
        submit("flux-2-pro", samples=10)
    set_lane(session, room=6, recent={})
    first = take(session)
    assert len(first) == 6
    other = make_person(session, name="Bea")
    service.submit(session, other, submission("flux-2-pro", samples=2))
    session.commit()
    for claim in first[:2]:
        work.intend(session, claim)
        work.fail(session, claim, K.INVALID)
    session.commit()
    assert {claim.user_id for claim in take(session)} == {other}


def test_a_call_somebody_is_cancelling_is_not_waited_for_and_not_taken(
    database: Engine, session: Session, submit: Submit, person: UUID
) -> None:
    job_id = submit("flux-2-pro", samples=2)
    first, second = session.execute(select(col(Call.id)).order_by(col(Call.sample))).scalars()
    service.cancel_call(session, person, first)  # and holds the row
    with Session(database) as worker:
        assert [claim.call_id for claim in take(worker)] == [second]
        session.commit()
        assert take(worker) == []
    states = session.execute(select(col(Call.state)).where(col(Call.job_id) == job_id)).scalars()
    assert sorted(states) == [CallState.CANCELLED, CallState.RUNNING]


def test_ahead_counts_turns_and_not_the_whole_queue(session: Session, person: UUID, submit: Submit) -> None:
    for _ in range(2):
        submit("flux-2-pro", samples=10)
    other = make_person(session, name="Bea")
    job_id = service.submit(session, other, submission("flux-2-pro", samples=2))
    session.commit()
    view = queries.job_view(session, other, job_id)
    assert view is not None
    assert sorted(card.waiting_behind for card in view.cards) == [1, 3]


def test_a_refused_key_is_refused_until_another_is_saved(session: Session) -> None:
    lane = lanes.lane_of("flux", None)
    assert lanes.refuse_key(session, lane, "key-one-1111") is True
    assert lanes.refuse_key(session, lane, "key-one-1111") is False
    assert lanes.is_refused(session, lane, "key-one-1111")
    assert not lanes.is_refused(session, lane, "key-two-2222")
    lanes.forgive_key(session, lane)
    assert not lanes.is_refused(session, lane, "key-one-1111")


@pytest.mark.parametrize(
    ("lane", "state"),
    [
        (None, "unknown"),
        (Lane(lane=LANE, latency=3.0), "healthy"),
        (Lane(lane=LANE, room=5), "limited"),
        (Lane(lane=LANE, paused_until=later(9)), "limited"),
        (Lane(lane=LANE, failures=2), "down"),
        (Lane(lane=LANE, tripped_at=NOON, rests_until=later(9)), "down"),
        (Lane(lane=LANE, tripped_at=NOON, rests_until=NOON), "down"),
    ],
)
def test_pages_say_how_a_lane_is_doing(lane: Lane | None, state: str) -> None:
    found = standing.standing(lane, later(1))
    assert found.state == state
    assert bool(found.note) == (state in {"limited", "down"})


def test_a_worker_without_lock_and_sign_is_dead_after_patience_and_not_before() -> None:
    watch = presence.Watch(patience=2.5)
    assert watch.dead({"w1": 10.0}, 0.0) == []
    assert watch.dead({"w1": 10.0}, 2.0) == []
    assert watch.dead({"w1": 10.0}, 2.6) == ["w1"]
    assert watch.dead({"w1": 11.0}, 3.0) == []  # it gave a sign
    assert watch.dead({"w1": 11.0}, 60.0) == []  # we could not look ourselves
    assert watch.dead({"w1": 11.0}, 62.0) == []
    assert watch.dead({"w1": 11.0}, 62.6) == ["w1"]


def test_a_present_worker_holds_its_lock_as_long_as_its_connection(
    database: Engine, session: Session, submit: Submit
) -> None:
    submit("flux-2-pro")
    take(session)
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        with Session(connection) as worker:
            presence.announce(worker, "w1")
        assert presence.missing(session) == {}
        connection.invalidate()
    until(lambda: "w1" in presence.missing(session), "the lock is gone with the connection")
    assert presence.forget(session, silent=0) == 0  # its calls are not taken over yet
    session.execute(update(Call).values(state=CallState.QUEUED, worker=None))
    assert presence.forget(session, silent=3600) == 0
    assert presence.forget(session, silent=0) == 1
