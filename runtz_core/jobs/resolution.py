"""An unknown outcome settled by a person: did the vendor bill it or not? Credits were given back already."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import Session, col

from runtz_core import events
from runtz_core.jobs.models import Call, CallState
from runtz_core.jobs.service import NotFound, owned_call


class Resolution(StrEnum):
    BILLED = "billed"
    NOT_BILLED = "not_billed"


def resolve(session: Session, user_id: UUID, call_id: UUID, resolution: Resolution) -> bool:
    """Write down what the person found at the vendor; False when it had been settled. Raises NotFound.

    Until then the possible cost counts; afterwards the cost does, or nothing.
    """
    call = owned_call(session, user_id, call_id, lock=True)
    if call.state != CallState.UNKNOWN:
        raise NotFound(call_id)
    if call.resolution is not None:
        return False
    values: dict[str, Any] = {"resolution": resolution, "resolved_at": func.clock_timestamp()}
    if not call.simulated:
        cost = call.price_usd_micros if resolution is Resolution.BILLED else 0
        values |= {"cost_usd_micros": cost, "cost_basis": "person"}
    session.execute(
        update(Call)
        .where(col(Call.id) == call_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if call.job_id is not None:
        events.job_changed(session, user_id, call.job_id)
    return True
