"""F65: everything at once, by seed: a third of all answers misbehave, workers die, Redis is wiped twice."""

import threading
import time

import pytest

from runtz_core import events
from tests.faults.stand import VENDORS, Stand
from tests.tasks.conftest import until

pytestmark = pytest.mark.slow

WORKERS = 0  # each seed starts its own
JOBS, SAMPLES = 50, 4  # times one model: 200 pictures, 50 of each vendor
MODELS = ("gpt-image-2.6-flare", "gemini-nano-banana-2.1", "ideogram-4-5", "flux-2-pro")
SEEDS = (1, 2, 3, 5, 8)
PATIENCE = 600.0  # seconds until all have ended: how long it takes is a figure, not a condition (docs/reliability.md)
KILLED_EVERY = 5.0
SHARE = 0.3
# What a vendor, or the way to it, may do; those that take minutes to show are left to their own cases.
KINDS = (
    "rate_limited", "server_error", "unavailable", "reset", "reset_mid_body", "malformed_json", "truncated_json",
    "missing_fields", "html_200", "html_502", "truncated_image", "not_an_image", "no_image", "content_blocked",
    "bad_base64", "quota", "invalid", "expired_link", "short_image_content_length",
)  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_f65_everything_at_once(blank: Stand, seed: int) -> None:
    known = blank.simulator.kinds()
    blank.simulator.seed(seed)
    blank.simulator.latency(1.0)
    for vendor in VENDORS:
        offered = [kind for kind in KINDS if kind in known[vendor]]
        for kind in offered:
            blank.simulator.arm(vendor, kind, chance=SHARE / len(offered))
    blank.anybody_killed = True
    workers = [blank.start_worker(), blank.start_worker()]
    began = time.monotonic()
    for number in range(JOBS):
        blank.submit(MODELS[number % len(MODELS)], samples=SAMPLES)
    stop, kills, wipes = threading.Event(), 0, 0

    def done() -> bool:
        return all(blank.view(job_id).finished_at for job_id in blank.accepted[-JOBS:])

    while not done() and time.monotonic() - began < PATIENCE:
        stop.wait(KILLED_EVERY)
        if kills < 2 * len(workers) + 4:
            victim = workers.pop(0)
            victim.kill()
            kills += 1
            workers.append(blank.start_worker())
        if wipes < 2 and kills in (1, 2):
            events.hints().flushall()
            wipes += 1
    until(done, "everything has ended", within=60)
    seconds = time.monotonic() - began
    blank.check()
    ends: dict[str, int] = {}
    for job_id in blank.accepted[-JOBS:]:
        for card in blank.view(job_id).cards:
            ends[card.state] = ends.get(card.state, 0) + 1
    print(f"\nseed {seed}: {seconds:.0f} s, {kills} workers killed, {wipes} wipes, {ends}")  # noqa: T201
    assert kills
    assert wipes == 2
    assert sum(ends.values()) == JOBS * SAMPLES
    blank.stop_workers()
