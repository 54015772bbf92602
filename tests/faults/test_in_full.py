"""F01, F05 and F14 as they stand in the table, with nothing shortened: minutes, so only with `--all`."""

import datetime
from pathlib import Path

import psutil
import pytest
from sqlmodel import Session

from runtz_core.db import database_now
from runtz_core.jobs.models import CallState
from tests.faults.stand import FLUX, GEMINI, IDEOGRAM, OPENAI, Stand, until
from tests.faults.test_overload import is_resting, moments

pytestmark = pytest.mark.slow

ENVIRONMENT = {"RUNTZ_FLOW__REST": "30", "RUNTZ_FLOW__LONGEST_PAUSE": "120"}

OTHERS = (OPENAI, GEMINI, IDEOGRAM)
EXTRA = 150 * 2**20  # bytes that one answer without end may cost


def now(stand: Stand) -> datetime.datetime:
    with Session(stand.engine) as session:
        return database_now(session)


def test_f01_seven_seconds_are_seven_seconds(blank: Stand) -> None:
    blank.simulator.arm("ideogram", "rate_limited", where="order", times=3, options={"retry_after": "7"})
    early = [blank.submit(IDEOGRAM) for _ in range(3)]
    until(lambda: blank.lane("ideogram/installation").paused_until, "the lane is paused")
    late = [blank.submit(IDEOGRAM) for _ in range(3)]
    company = blank.crowd(5)
    blank.rest()
    assert {blank.view(job).failed for job in [*early, *late, *company]} == {0}
    first = min(moments(blank, job)[0] for job in early)
    sent_away = [times for job in early if len(times := moments(blank, job)) > 1]
    assert sent_away
    assert min(second - first for first, second, *_ in sent_away) >= 7
    assert min(moments(blank, job)[0] for job in late) >= first + 7
    blank.check()


def test_f05_after_a_minute_of_503_it_is_found_again_by_the_next_probe(blank: Stand) -> None:
    fault = blank.simulator.arm("flux", "unavailable", where="order")
    company = [blank.submit(*OTHERS, samples=2) for _ in range(4)]
    broken = [blank.submit(FLUX) for _ in range(6)]
    until(lambda: is_resting(blank, "flux/installation"), "the breaker opens")
    until(lambda: all(blank.view(job).finished_at for job in broken), "those who waited are told")
    began = now(blank)
    asked = len(blank.simulator.calls("flux"))
    down = datetime.timedelta(seconds=60)

    def tried() -> bool:
        blank.card(blank.submit(FLUX))
        return now(blank) - began > down

    until(tried, "a minute is over", within=120)
    assert (
        len(blank.simulator.calls("flux")) - asked <= 3
    )  # a probe every 30 s; everybody else was told at once
    blank.simulator.withdraw(fault)
    back = now(blank)
    until(lambda: blank.card(blank.submit(FLUX)).state == CallState.SUCCEEDED, "it is found again", within=90)
    until(lambda: not is_resting(blank, "flux/installation"), "the breaker closes")
    found = min(
        call.sent_at
        for job in blank.accepted
        for call in blank.calls(job)
        if call.provider == "flux" and call.state == CallState.SUCCEEDED and call.sent_at
    )
    assert (found - back).total_seconds() <= 35
    assert {blank.view(job).summary for job in company} == {"6 ready"}
    blank.check()


def test_f14_an_answer_without_end_costs_less_memory_than_it_could(blank: Stand) -> None:
    company = blank.crowd(5)
    blank.rest()  # everything is loaded, every connection is open
    (worker,) = blank.workers
    before = psutil.Process(worker.process.pid).memory_info().rss
    Path(f"/proc/{worker.process.pid}/clear_refs").write_text("5")  # the peak counts from here
    endless = blank.submit(GEMINI, prompt="[fail:endless_body@gemini]")
    company += blank.crowd(5)
    blank.rest()
    peak = next(
        int(line.split()[1]) * 1024
        for line in Path(f"/proc/{worker.process.pid}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    )
    assert blank.card(endless).failure == "bad_response"
    assert peak - before < EXTRA, f"{(peak - before) / 2**20:.0f} MiB more than before"
    assert {blank.view(job).summary for job in company} == {"4 ready"}
    blank.check()
