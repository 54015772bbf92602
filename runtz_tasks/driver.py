"""Hands every claimed call to the way its kind is worked off, and writes down how it ended otherwise."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from runtz_core.failures import FailureKind
from runtz_core.flow.lanes import Ceiling, Delivered
from runtz_core.jobs import setbacks, work
from runtz_core.jobs.claims import Claim, Fenced
from runtz_core.jobs.models import CallKind
from runtz_core.providers.base import Cost, ProviderError
from runtz_core.settings import Settings
from runtz_tasks.database import Database
from runtz_tasks.run import Phase, Run, Way

log = logging.getLogger(__name__)


class Driver:
    """Drives calls on one event loop; every step is written down before and after (D3)."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        ways: Mapping[CallKind, Way],
        ceiling: Ceiling,
        delivered: Callable[[Delivered], None],
    ) -> None:
        self._settings = settings
        self._database = database
        self._ways = ways
        self._ceiling = ceiling
        self._delivered = delivered  # told of every good answer, for the lane it came by

    async def drive(self, run: Run) -> None:
        """Work a claim off. Never raises but CancelledError, after writing down where the call stands."""
        try:
            await self._ways[run.claim.kind].work_off(run)
            log.info("call worked off", extra=_ids(run.claim) | {"seconds": run.took})
            if run.took is not None:
                drawn = run.claim.kind is CallKind.GENERATE
                self._delivered(Delivered(lane=run.claim.lane, seconds=run.took, is_picture=drawn))
        except Fenced:
            log.info("call was taken over", extra=_ids(run.claim))
        except asyncio.CancelledError:
            await self._interrupted(run)
            raise
        except ProviderError as error:
            await self._failed(run, error)
        except Exception:
            log.exception("call broke", extra=_ids(run.claim))
            await self._end(run, FailureKind.INTERNAL)

    async def _failed(self, run: Run, error: ProviderError) -> None:
        """Let the lane learn from it, and try again or end, as it allows."""
        claim = replace(run.claim, reference=run.reference)
        log.info("call failed", extra=_ids(claim) | {"kind": error.kind})
        if run.began is None:  # nothing was about to leave, so nothing was learned of the provider
            await self._end(run, error.kind, error.detail, error.request_id, error.cost)
            return
        if error.kind is FailureKind.AUTH and await self._database.run(setbacks.key_refused, claim, run.key):
            log.warning("%s refused its key; nothing more is sent with it", claim.provider)
        with suppress(Fenced):
            await self._database.run(
                setbacks.after_failure,
                claim,
                error,
                seconds=run.seconds,
                attempts=self._settings.limits.attempts,
                ceiling=self._ceiling,
                flow=self._settings.flow,
            )

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


def _ids(claim: Claim) -> dict[str, object]:
    """Which call a line of the log is about."""
    return {
        "call_id": claim.call_id,
        "job_id": claim.job_id,
        "user_id": claim.user_id,
        "provider": claim.provider,
        "model": claim.model,
        "attempt": claim.attempt,
    }
