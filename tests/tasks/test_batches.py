"""A batch on a real worker: paused, resumed and killed in the middle, it loses nothing and buys nothing twice."""

from uuid import UUID

import pytest
from sqlmodel import Session

from runtz_core.batches import queries, service, steering
from runtz_core.batches.queries import BatchView
from runtz_core.credits import service as credits
from runtz_core.credits.models import Purpose
from runtz_core.db import unit_of_work
from runtz_core.settings import get_settings
from tests.batches.conftest import order
from tests.core.test_credits import books_balance
from tests.tasks.conftest import Workshop, until

FLUX, IDEOGRAM, OPENAI = "flux-2-pro", "ideogram-4-5", "gpt-image-2.6-flare"


def view(workshop: Workshop, batch_id: UUID) -> BatchView:
    with unit_of_work(workshop.engine) as session:
        return queries.view(session, get_settings(), workshop.person, batch_id)


def submitted(workshop: Workshop, prompts: int, *models: str) -> UUID:
    with unit_of_work(workshop.engine) as session:
        credits.grant(session, workshop.person, 100_000, key="plenty", purpose=Purpose.GRANT, reason="test")
        asked = order(*(f"harbour {number}" for number in range(prompts)), models=models)
        return service.submit(session, workshop.person, asked)


def ended(workshop: Workshop, batch_id: UUID) -> BatchView:
    """The batch once nothing of it is unfinished; its books are checked."""
    last = until(
        lambda: (seen := view(workshop, batch_id)).working == 0 and seen, "the batch ends", within=400
    )
    with Session(workshop.engine) as session:
        books_balance(session)
        assert credits.balance(session, workshop.person).held == 0
    return last


def all_ends(seen: BatchView) -> int:
    return seen.ready + seen.failed + seen.refused + seen.cancelled + seen.needs_you


def survives(workshop: Workshop, prompts: int) -> None:
    """Pause and resume, kill the worker with calls in every stage, start another: every call has one end."""
    workshop.simulator.latency(0.3)
    workshop.simulator.latency(2.0, "openai")
    with workshop.worker() as worker:
        batch_id = submitted(workshop, prompts, FLUX, IDEOGRAM, OPENAI)
        until(lambda: view(workshop, batch_id).ready >= prompts // 4, "some pictures are ready")
        with unit_of_work(workshop.engine) as session:
            steering.pause(session, workshop.person, batch_id)
        until(lambda: not _in_flight(workshop, batch_id), "what was under way has ended", within=120)
        still = view(workshop, batch_id)
        assert still.state in ("paused", "finished")
        with unit_of_work(workshop.engine) as session:
            steering.resume(session, workshop.person, batch_id)
        until(lambda: _in_flight(workshop, batch_id) or not view(workshop, batch_id).working, "it goes on")
        worker.kill()
    with workshop.worker():
        last = ended(workshop, batch_id)
    assert all_ends(last) == last.pictures == 3 * prompts
    assert (last.failed, last.refused, last.cancelled) == (0, 0, 0)
    # One request went out for each picture, however often a worker began: nothing was bought twice.
    assert len(workshop.simulator.calls()) <= last.pictures
    assert last.ready + last.needs_you == last.pictures


def _in_flight(workshop: Workshop, batch_id: UUID) -> int:
    with unit_of_work(workshop.engine) as session:
        found = session.connection().exec_driver_sql(
            "SELECT count(*) FROM calls JOIN jobs ON jobs.id = calls.job_id "
            "WHERE batch_id = %s AND calls.state = 'running'",
            (batch_id,),
        )
        return int(found.scalar_one())


@pytest.mark.slow
def test_a_batch_survives_a_pause_and_a_killed_worker(workshop: Workshop) -> None:
    survives(workshop, 6)


@pytest.mark.slow
def test_a_large_batch_survives_a_pause_and_a_killed_worker(workshop: Workshop) -> None:
    survives(workshop, 120)
