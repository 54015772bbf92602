"""Batches without a worker, on the simulator that nobody calls."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlmodel import Session

from runtz_core.batches import service
from runtz_core.batches.service import Order
from runtz_core.batches.sheet import Row
from runtz_core.ids import new_id
from runtz_core.jobs.requests import ModelChoice
from tests.core.conftest import simulated

__all__ = ["simulated"]

TWO = ("ideogram-4-5", "flux-2-pro")

SubmitBatch = Callable[..., UUID]


def order(*prompts: str, models: tuple[str, ...] = TWO, **changes: object) -> Order:
    """A batch that would run, with `changes`."""
    rows = tuple(Row(prompt=words, line=line) for line, words in enumerate(prompts, 1))
    values: dict[str, object] = {
        "submission_key": str(new_id()),
        "rows": rows,
        "models": tuple(ModelChoice(model=model) for model in models),
    }
    return Order(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def submit_batch(session: Session, person: UUID, simulated: None) -> SubmitBatch:
    """Submit and commit; returns the batch's id."""

    def run(*prompts: str, **changes: object) -> UUID:
        batch_id = service.submit(session, person, order(*prompts, **changes))  # type: ignore[arg-type]
        session.commit()
        return batch_id

    return run
