"""The worker from message to stored picture, with vendors that misbehave and workers that die."""

import hashlib
from collections import Counter
from pathlib import Path

import pytest

from runtz_core import events
from runtz_core.credits import service as credits
from runtz_core.db import unit_of_work
from runtz_core.images.intake import get_store
from runtz_core.jobs import service
from runtz_core.jobs.outcome import outcome
from runtz_core.queue import Task
from tests.tasks.conftest import Workshop, until

FLUX, OPENAI = "flux-2-pro", "gpt-image-2.6-flare"


def test_the_worker_registers_every_task_and_no_other(workshop: Workshop) -> None:
    from runtz_tasks.app import app

    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert ours == set(Task)


def test_four_vendors_deliver_at_once_and_all_is_stored_and_charged(workshop: Workshop) -> None:
    workshop.simulator.latency(1.0)
    with workshop.worker():
        job_id = workshop.submit(samples=2, ratio="3:4")
        view = workshop.finished(job_id)
    assert view.summary == "8 ready"
    assert workshop.simulator.stats()["in_flight_peak"] == 8
    with unit_of_work(workshop.engine) as session:
        result = outcome(session, workshop.person, job_id)
        balance = credits.balance(session, workshop.person)
    assert len({one["sha256"] for one in result["generations"]}) == 8
    for one in result["generations"]:
        data = Path(one["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == one["sha256"]
        assert get_store().thumbnail(one["sha256"], 320).is_file()
        assert one["usd_micros"] == 0
    assert balance == credits.Balance(available=10_000 - view.credits_charged, held=0)
    assert Counter(call["vendor"] for call in workshop.simulator.calls()) == {
        "openai": 2,
        "gemini": 2,
        "ideogram": 2,
        "flux": 2,
    }


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        ("content_blocked", "content_blocked"),
        ("auth", "auth"),
        pytest.param("quota", "quota", marks=pytest.mark.slow),
        pytest.param("model_gone", "model_gone", marks=pytest.mark.slow),
        pytest.param("no_image", "no_image", marks=pytest.mark.slow),
        ("not_an_image", "bad_image"),
        pytest.param("bomb_image", "bad_image", marks=pytest.mark.slow),
    ],
)
def test_one_vendors_failure_is_one_cards_failure(workshop: Workshop, kind: str, failure: str) -> None:
    with workshop.worker():
        view = workshop.finished(workshop.submit(prompt=f"a harbour [fail:{kind}@gemini]"))
    states = {card.provider: (card.state, card.failure) for card in view.cards}
    assert states.pop("gemini") == ("failed", failure)
    assert set(states.values()) == {("succeeded", "")}
    (failed,) = [card for card in view.cards if card.failure]
    assert failed.failure_title
    assert failed.money_text.startswith("Not charged. 34 credits released.")
    assert failed.next_label
    assert "Traceback" not in failed.failure_text


@pytest.mark.slow
def test_a_vendor_in_trouble_is_asked_again_and_charged_once(workshop: Workshop) -> None:
    workshop.simulator.arm("flux", "server_error", where="order", times=2)
    with workshop.worker():
        view = workshop.finished(workshop.submit(FLUX))
    assert view.summary == "1 ready"
    assert view.credits_charged == view.cards[0].credits
    assert [call["outcome"] for call in workshop.simulator.calls("flux")].count("accepted") <= 1


def test_trouble_that_does_not_pass_ends_after_the_last_attempt(workshop: Workshop) -> None:
    workshop.simulator.arm("flux", "unavailable", where="order")
    with workshop.worker():
        view = workshop.finished(workshop.submit(FLUX))
    assert view.cards[0].failure == "transient"
    assert view.credits_charged == 0


@pytest.mark.slow
def test_silence_after_sending_is_unknown_and_not_sent_again(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTZ_TIMING__CALL_DEADLINE", "3")
    workshop.simulator.arm("openai", "silence", where="order")
    with workshop.worker():
        view = workshop.finished(workshop.submit(OPENAI))
    assert (view.cards[0].state, view.cards[0].failure) == ("unknown", "outcome_unknown")
    assert len(workshop.simulator.calls("openai")) == 1
    assert view.needs_you == 1


@pytest.mark.slow
def test_a_damaged_download_is_fetched_again_and_not_bought_again(workshop: Workshop) -> None:
    workshop.simulator.arm("flux", "truncated_image", times=1)
    with workshop.worker():
        view = workshop.finished(workshop.submit(FLUX))
    assert view.summary == "1 ready"
    assert len(workshop.simulator.calls("flux")) == 1


@pytest.mark.slow
def test_a_killed_worker_loses_nothing_that_has_a_reference(workshop: Workshop) -> None:
    workshop.simulator.latency(2.0)
    with workshop.worker() as worker:
        job_id = workshop.submit(FLUX, "ideogram-4-5")
        until(lambda: workshop.references(job_id) == 2, "both vendors named their task")
        worker.kill()
    with workshop.worker():
        view = workshop.finished(job_id)
    assert view.summary == "2 ready"
    assert len(workshop.simulator.calls()) == 2


@pytest.mark.slow
def test_a_worker_killed_while_paying_leaves_an_unknown_and_buys_nothing_twice(workshop: Workshop) -> None:
    workshop.simulator.latency(4.0)
    with workshop.worker() as worker:
        job_id = workshop.submit(OPENAI)
        workshop.stage(job_id, "rendering")
        worker.kill()
    with workshop.worker():
        view = workshop.finished(job_id)
    assert (view.cards[0].state, view.credits_charged) == ("unknown", 0)
    assert len(workshop.simulator.calls("openai")) == 1


def test_a_stopped_worker_waits_for_what_is_paid_and_hands_on_the_rest(workshop: Workshop) -> None:
    workshop.simulator.latency(2.0)
    with workshop.worker() as worker:
        job_id = workshop.submit(OPENAI, FLUX)
        workshop.stage(job_id, "rendering")
        assert worker.drain() == 0
        states = {card.provider: card.state for card in workshop.view(job_id).cards}
    assert states == {"openai": "succeeded", "flux": "queued"}
    with workshop.worker():
        assert workshop.finished(job_id).summary == "2 ready"
    assert len(workshop.simulator.calls("flux")) == 1


@pytest.mark.slow
def test_a_wiped_redis_loses_no_job(workshop: Workshop) -> None:
    job_id = workshop.submit()
    events.hints().flushall()
    with workshop.worker():
        assert workshop.finished(job_id).summary == "4 ready"


def test_a_full_lane_waits_and_can_be_cancelled_for_nothing(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTZ_PROVIDERS__FLUX__CONCURRENCY", "1")
    workshop.simulator.latency(3.0)
    with workshop.worker():
        job_id = workshop.submit(FLUX, samples=3)
        until(
            lambda: "rendering" in {card.stage for card in workshop.view(job_id).cards},
            "the first one is drawn",
        )
        view = workshop.view(job_id)
        assert sorted(card.waiting_behind for card in view.cards) == [0, 1, 2]
        with unit_of_work(workshop.engine) as session:
            service.cancel_job(session, workshop.person, job_id)
        view = workshop.finished(job_id)
    assert view.summary == "1 ready, 2 cancelled"
    assert len(workshop.simulator.calls("flux")) == 1


@pytest.mark.slow
def test_a_full_disk_fails_the_card_and_leaves_no_half_file(workshop: Workshop) -> None:
    with workshop.worker() as worker:
        worker.limit_file_size(1_000)
        view = workshop.finished(workshop.submit(OPENAI))
    assert view.cards[0].failure == "storage_full"
    assert view.credits_charged == 0
    assert [path for path in (workshop.data / "pictures").rglob("*") if path.is_file()] == []


def test_an_early_picture_is_shown_while_the_real_one_is_drawn(workshop: Workshop) -> None:
    workshop.simulator.latency(2.5)
    with workshop.worker():
        job_id = workshop.submit(OPENAI)
        seen = until(
            lambda: next((c for c in workshop.view(job_id).cards if c.partial_url), None), "an early picture"
        )
        assert events.partial(seen.call_id) is not None
        workshop.finished(job_id)
        until(lambda: events.partial(seen.call_id) is None, "the early picture is dropped")


def test_no_key_says_so_and_sends_nothing(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNTZ_SIMULATOR_URL")
    service.get_settings.cache_clear()
    with workshop.worker():
        view = workshop.finished(workshop.submit(FLUX))
    assert (view.cards[0].failure, view.cards[0].next_step) == ("no_key", "open_keys")


def test_the_log_holds_no_prompt_and_no_key(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTZ_PROVIDERS__FLUX__API_KEY", "canary-key-4711")
    monkeypatch.setenv("RUNTZ_PROVIDERS__FLUX__BASE_URL", workshop.simulator.base_url("flux"))
    service.get_settings.cache_clear()
    with workshop.worker():
        workshop.finished(workshop.submit(FLUX, prompt="canaryprompt [fail:malformed_json@flux]"))
    assert "canary" not in workshop.log()
