"""One claim being worked on: how far it is, and how it begins, whatever its kind."""

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlmodel import Session

from runtz_core.connections import service as connections
from runtz_core.failures import FailureKind
from runtz_core.jobs import work
from runtz_core.jobs.work import Claim
from runtz_core.providers.base import Connection, ProviderError
from runtz_core.settings import Settings


class Phase(StrEnum):
    """How far a run is, for shutting down: only `PAYING` and `STORING` must be waited for."""

    BEFORE = "before"
    PAYING = "paying"
    POLLING = "polling"
    STORING = "storing"


@dataclass
class Run:
    """One claim being worked on."""

    claim: Claim
    phase: Phase = Phase.BEFORE
    reference: str | None = None


class Way(Protocol):
    """How calls of one kind are worked off."""

    async def work_off(self, run: Run) -> None:
        """Bring the call to its good end. Raises ProviderError and Fenced; the driver writes those ends."""
        ...


def begin(session: Session, settings: Settings, claim: Claim) -> Connection | None:
    """Where to call, and the intent to do so. None when a person cancelled first. Raises ProviderError."""
    try:
        connection = connections.resolve_again(
            session, settings, claim.provider, key_owner=claim.key_owner_id, simulated=claim.simulated
        )
    except connections.UnknownProvider:
        raise ProviderError(FailureKind.MODEL_GONE, "This server is no longer declared here.") from None
    if connection.api_key is None and not connection.declared_by_owner:
        raise ProviderError(FailureKind.NO_KEY)
    going = claim.reference is not None or work.intend(session, claim)
    return connection if going else None


def backoff(attempt: int) -> float:
    """Seconds to wait after the `attempt`-th failure: full jitter, growing from 1 to 30."""
    return random.uniform(0.2, 1.0) * min(30.0, 2.0 ** (attempt - 1))
