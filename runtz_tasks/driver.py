"""Hands every claimed call to the way its kind is worked off, and writes down how it ended otherwise."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from runtz_core.failures import CONSEQUENCES, FailureKind, WorkerStep
from runtz_core.jobs import work
from runtz_core.jobs.models import CallKind
from runtz_core.jobs.work import Fenced
from runtz_core.providers.base import Cost, ProviderError
from runtz_core.settings import Settings
from runtz_tasks.database import Database
from runtz_tasks.run import Phase, Run, Way, backoff

log = logging.getLogger(__name__)


class Driver:
    """Drives calls on one event loop; every step is written down before and after (D3)."""

    def __init__(self, *, settings: Settings, database: Database, ways: Mapping[CallKind, Way]) -> None:
        self._settings = settings
        self._database = database
        self._ways = ways

    async def drive(self, run: Run) -> None:
        """Work a claim off. Never raises but CancelledError, after writing down where the call stands."""
        try:
            await self._ways[run.claim.kind].work_off(run)
        except Fenced:
            log.info("call was taken over", extra={"call_id": str(run.claim.call_id)})
        except asyncio.CancelledError:
            await self._interrupted(run)
            raise
        except ProviderError as error:
            await self._failed(run, error)
        except Exception:
            log.exception("call broke", extra={"call_id": str(run.claim.call_id)})
            await self._end(run, FailureKind.INTERNAL)

    async def _failed(self, run: Run, error: ProviderError) -> None:
        claim = run.claim
        log.info("call failed", extra={"call_id": str(claim.call_id), "kind": error.kind})
        retry = CONSEQUENCES[error.kind].worker is WorkerStep.RETRY and run.reference is None
        if retry and claim.attempt < self._settings.limits.attempts:
            pause = error.retry_after if error.retry_after is not None else backoff(claim.attempt)
            with suppress(Fenced):
                await self._database.run(
                    work.put_back, claim, seconds=pause, kind=error.kind, detail=error.detail
                )
            return
        await self._end(run, error.kind, error.detail, error.request_id, error.cost)

    async def _end(
        self,
        run: Run,
        kind: FailureKind,
        detail: str = "",
        request_id: str | None = None,
        cost: Cost | None = None,
    ) -> None:
        with suppress(Fenced):
            await self._database.run(work.fail, run.claim, kind, detail, request_id, cost=cost)

    async def _interrupted(self, run: Run) -> None:
        """The worker is stopping. What can be resumed is put back; what was sent and lost is said to be unknown."""
        claim = replace(run.claim, reference=run.reference)
        with suppress(Fenced):
            if run.phase is Phase.BEFORE:
                await self._database.run(work.put_back, claim, seconds=0)
            elif run.reference is not None:
                await self._database.run(work.put_back, claim, seconds=0, resume=True)
            else:
                await self._database.run(
                    work.fail, claim, FailureKind.OUTCOME_UNKNOWN, "The worker was stopped."
                )
