"""A call whose attempt brought no picture: what its lane learns, and whether it is tried again or ends.

One transaction for both, so that no retry is counted and not made, or made and not counted.
"""

from datetime import timedelta

from sqlmodel import Session

from runtz_core.crashpoints import crashpoint
from runtz_core.db import database_now
from runtz_core.failures import CONSEQUENCES, WorkerStep
from runtz_core.flow import lanes
from runtz_core.flow.lanes import Ceiling
from runtz_core.flow.rules import Setback
from runtz_core.jobs import work
from runtz_core.jobs.claims import Claim
from runtz_core.providers.base import ProviderError
from runtz_core.settings import Flow

REFUSED_BEFORE = "This key was refused before, so nothing was sent and nothing cost anything."


def after_failure(
    session: Session,
    claim: Claim,
    error: ProviderError,
    *,
    seconds: float,
    attempts: int,
    ceiling: Ceiling,
    flow: Flow,
) -> bool:
    """Write down that an attempt failed `seconds` after its request was about to leave.

    True when the call is queued again, within `attempts` and the lane's budget; False when that was its end.
    Raises Fenced.
    """
    setback = Setback(
        kind=error.kind,
        retry_after=error.retry_after,
        began=database_now(session) - timedelta(seconds=seconds),
        attempt=claim.attempt,
        waited=claim.waited,
    )
    again = CONSEQUENCES[error.kind].worker is WorkerStep.RETRY and claim.reference is None
    pause = lanes.judge(
        session, claim.lane, setback, again=again, attempts=attempts, ceiling=ceiling, flow=flow
    )
    if pause is None:
        work.fail(session, claim, error.kind, error.detail, error.request_id, cost=error.cost)
    else:
        work.put_back(session, claim, seconds=pause, kind=error.kind, detail=error.detail)
    crashpoint("setback")
    return pause is not None


def key_refused(session: Session, claim: Claim, key: str | None) -> bool:
    """The provider did not take the key: nothing more is sent with it. True the first time that is found out."""
    return bool(key) and not claim.simulated and lanes.refuse_key(session, claim.lane, key or "")
