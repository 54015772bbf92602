"""F32 to F39: workers that are killed, stopped, starved, lied to about the time, and called five times at once."""

import os
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text
from sqlmodel import Session

from runtz_core import queue
from runtz_core.crashpoints import POINTS
from tests.faults.stand import FLUX, IDEOGRAM, OPENAI, PATIENT, Stand, until
from tests.tasks.conftest import Worker

ENVIRONMENT = PATIENT
WORKERS = 0  # every test starts its own

# Where a kill hurts most; `--all` takes every place, on the first and on the second attempt.
QUICK = ("settle",)


def unfinished(stand: Stand) -> int:
    with Session(stand.engine) as session:
        query = text("SELECT count(*) FROM calls WHERE state IN ('queued', 'running')")
        count: int = session.execute(query).scalar_one()
    return count


def attempts(stand: Stand) -> Counter[int]:
    return Counter(call.attempt for job_id in stand.accepted for call in stand.calls(job_id))


def ended(worker: Worker) -> bool:
    return worker.process.poll() is not None


def killed_at(stand: Stand, point: str, *, times: int) -> None:
    """Let `times` workers run into `point`, one after the other, with twenty-four calls and more under way."""
    stand.simulator.latency(0.3)
    for _ in range(times):
        stand.crowd(6)
        if point == "setback":
            stand.simulator.arm("flux", "server_error", where="order", times=6)
        if point == "reap" and not stand.anybody_killed:
            first = stand.start_worker()
            until(lambda: 0 < unfinished(stand) < 24, "some are done and some are not")
            stand.kill(first)
        worker = stand.start_worker(RUNTZ_CRASH=point)
        stand.anybody_killed = True
        until(lambda worker=worker: ended(worker), f"it dies at {point}")
        assert worker.process.returncode == -signal.SIGKILL
    stand.start_worker()
    stand.check()


@pytest.mark.parametrize("point", QUICK)
def test_f32_a_worker_killed_at_any_place_loses_nothing(blank: Stand, point: str) -> None:
    killed_at(blank, point, times=1)
    blank.stop_workers()


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 2], ids=["first attempt", "second attempt"])
@pytest.mark.parametrize("point", POINTS)
def test_f32_a_worker_killed_at_every_place_loses_nothing(blank: Stand, point: str, times: int) -> None:
    killed_at(blank, point, times=times)
    blank.stop_workers()


def test_f32_every_named_place_is_in_the_code_and_no_other(project_root: Path) -> None:
    code = "".join(
        path.read_text()
        for folder in ("runtz_core", "runtz_tasks")
        for path in (project_root / folder).rglob("*.py")
        if path.name != "crashpoints.py"
    )
    assert {point for point in POINTS if f'crashpoint("{point}")' in code} == set(POINTS)
    assert code.count('crashpoint("') == len(POINTS)


@pytest.mark.slow
def test_f33_a_whole_process_group_killed_is_noticed_before_its_leases_run_out(blank: Stand) -> None:
    blank.simulator.latency(3.0)
    jobs = [blank.submit(FLUX, IDEOGRAM, samples=2) for _ in range(5)]
    worker = blank.start_worker(RUNTZ_TIMING__LEASE="600")
    for job_id in jobs:
        until(lambda job_id=job_id: all(c.reference for c in blank.calls(job_id)), "all are with the vendors")
    blank.kill(worker)
    blank.start_worker(RUNTZ_TIMING__LEASE="600")
    blank.check()
    assert {blank.view(job).summary for job in jobs} == {"4 ready"}
    blank.stop_workers()


@pytest.mark.slow
def test_f34_a_worker_that_was_stopped_and_wakes_up_changes_nothing(blank: Stand) -> None:
    blank.simulator.latency(1.0)
    zombie = blank.start_worker()
    jobs = [blank.submit(FLUX, IDEOGRAM, OPENAI) for _ in range(7)]
    for job_id in jobs:
        until(lambda job_id=job_id: all(c.attempt for c in blank.calls(job_id)), "all are claimed")
    os.killpg(zombie.process.pid, signal.SIGSTOP)
    blank.start_worker()
    blank.rest()
    before = [(call.id, call.state, call.attempt) for job in jobs for call in blank.calls(job)]
    os.killpg(zombie.process.pid, signal.SIGCONT)
    assert zombie.drain() == 0
    assert [(call.id, call.state, call.attempt) for job in jobs for call in blank.calls(job)] == before
    assert max(call.attempt for job in jobs for call in blank.calls(job)) > 1
    blank.anybody_killed = True  # what it had in hand is on disk without a row, until it is collected
    blank.check()
    blank.stop_workers()


@pytest.mark.slow
def test_f35_a_worker_asked_to_end_under_load_finishes_or_hands_on(blank: Stand) -> None:
    blank.simulator.latency(0.8)
    jobs = blank.crowd(8)
    worker = blank.start_worker()
    until(lambda: unfinished(blank) < 32, "it is in the midst of it")
    worker_id = (blank.data / "run" / "worker.ready").read_text()
    assert worker.drain() == 0
    with Session(blank.engine) as session:
        left = session.execute(text("SELECT count(*) FROM calls WHERE state = 'running'")).scalar_one()
        signed_off = text("SELECT count(*) FROM workers WHERE id = :worker")
        present = session.execute(signed_off, {"worker": worker_id}).scalar_one()
    assert (left, present) == (0, 0)
    blank.start_worker()
    blank.check()
    assert {blank.view(job).summary for job in jobs} == {"4 ready"}
    blank.stop_workers()


@pytest.mark.slow
def test_f36_a_poisonous_picture_dies_alone(blank: Stand) -> None:
    blank.simulator.latency(0.3)
    worker = blank.start_worker()
    children = psutil.Process(worker.process.pid).children(recursive=True)
    assert children
    poison = [blank.submit(FLUX, prompt="[fail:bomb_image@flux]") for _ in range(3)]
    jobs = blank.crowd(6)
    until(lambda: unfinished(blank) < 24, "pictures come in")
    for child in children:
        child.kill()  # as the kernel does when memory runs out
    blank.check()
    assert {blank.card(job).failure for job in poison} == {"bad_image"}
    assert {blank.view(job).summary for job in jobs} == {"4 ready"}
    assert {call.attempt for job in jobs for call in blank.calls(job)} == {1}
    blank.stop_workers()


@pytest.mark.slow
def test_f37_one_message_delivered_five_times_at_once_is_one_call(blank: Stand) -> None:
    blank.start_worker()
    blank.start_worker()
    jobs = blank.crowd(5)
    ids = [call.id for job in jobs for call in blank.calls(job)]
    with ThreadPoolExecutor(5) as senders:
        list(senders.map(lambda _: queue.send(queue.Task.RUN_CALLS, ids), range(5)))
    blank.check()
    assert {call.attempt for job in jobs for call in blank.calls(job)} == {1}
    assert {len(blank.orders(job)) for job in jobs} == {4}
    blank.stop_workers()


@pytest.mark.slow
def test_f38_clocks_two_hours_off_neither_take_calls_nor_keep_them(blank: Stand) -> None:
    clock = str(Path(__file__).parent / "clock")
    blank.simulator.latency(1.5)
    blank.start_worker(PYTHONPATH=clock, RUNTZ_TEST_CLOCK="7200")
    blank.start_worker(PYTHONPATH=clock, RUNTZ_TEST_CLOCK="-7200")
    jobs = blank.crowd(6)
    blank.check()
    assert {blank.view(job).summary for job in jobs} == {"4 ready"}
    assert {call.attempt for job in jobs for call in blank.calls(job)} == {1}
    blank.stop_workers()


@pytest.mark.slow
def test_f39_decoding_that_takes_longer_than_a_lease_costs_no_attempt(blank: Stand) -> None:
    blank.simulator.latency(0.3)
    worker = blank.start_worker(RUNTZ_TIMING__LEASE="1.5")
    children = psutil.Process(worker.process.pid).children(recursive=True)
    for child in children:
        child.suspend()
    jobs = blank.crowd(5)
    until(
        lambda: all(c.sent_at for job in jobs for c in blank.calls(job)) and _held_longer(blank, 3.0),
        "leases were outlived",
    )
    for child in children:
        child.resume()
    blank.check()
    assert {blank.view(job).summary for job in jobs} == {"4 ready"}
    assert {call.attempt for job in jobs for call in blank.calls(job)} == {1}
    blank.stop_workers()


def _held_longer(stand: Stand, seconds: float) -> bool:
    with Session(stand.engine) as session:
        query = text(
            "SELECT bool_and(clock_timestamp() - claimed_at > make_interval(secs => :seconds)) FROM calls "
            "WHERE state = 'running'"
        )
        return bool(session.execute(query, {"seconds": seconds}).scalar_one())
