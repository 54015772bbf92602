"""One claim being worked on: how far it is, and how it begins, whatever its kind."""

import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from sqlmodel import Session

from runtz_core.connections import service as connections
from runtz_core.crashpoints import crashpoint
from runtz_core.failures import FailureKind
from runtz_core.flow import lanes
from runtz_core.jobs import setbacks, work
from runtz_core.jobs.claims import Claim
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
    key: str | None = field(default=None, repr=False)
    began: float | None = None  # monotonic seconds, when the request was about to leave
    took: float | None = None  # seconds from then to the good answer

    def leave(self, connection: Connection) -> None:
        """The request is about to leave: from here on a failure says something about the provider."""
        crashpoint("intended")
        self.key, self.began = connection.api_key, time.monotonic()

    def arrive(self) -> None:
        """The answer is here, and as it should be."""
        self.took = self.seconds

    @property
    def seconds(self) -> float:
        """Since the request was about to leave; 0 when nothing was."""
        return 0.0 if self.began is None else time.monotonic() - self.began


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
    if claim.reference is None and lanes.is_refused(session, claim.lane, connection.api_key):
        raise ProviderError(FailureKind.AUTH, setbacks.REFUSED_BEFORE)
    going = claim.reference is not None or work.intend(session, claim)
    return connection if going else None
