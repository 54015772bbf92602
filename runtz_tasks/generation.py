"""Pictures: from a generation's request to the vendor, and from the vendor's bytes to a stored picture."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from redis.exceptions import RedisError

from runtz_core import events
from runtz_core.crashpoints import crashpoint
from runtz_core.failures import CONSEQUENCES, FailureKind, WorkerStep
from runtz_core.flow.rules import backoff
from runtz_core.images.decoder import Decoder
from runtz_core.images.errors import BadImage, StorageFull
from runtz_core.images.formats import JPEG
from runtz_core.images.intake import Stored, is_heavy, lightened, receive
from runtz_core.images.store import BlobStore
from runtz_core.jobs import inputs, work
from runtz_core.jobs.claims import Claim, Fenced
from runtz_core.jobs.requests import thaw
from runtz_core.providers.base import Done, ImageProvider, ImageRequest, Pending, Progress, ProviderError
from runtz_core.providers.opened import OpenedProviders
from runtz_core.settings import Settings
from runtz_tasks.database import Database
from runtz_tasks.run import Phase, Run, begin

_FREE_TRIES = 4  # times a failing check or a damaged download is asked for again; it costs nothing
_WORTH_SAYING = 0.25  # seconds of checking and storing from which a page is told; most pictures take less


class Generation:
    """Works off calls that end with a picture of a vendor."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        store: BlobStore,
        decoder: Decoder,
        providers: OpenedProviders[ImageProvider],
        stored: Callable[[Claim, UUID, Stored], None],
    ) -> None:
        self._settings = settings
        self._database = database
        self._store = store
        self._decoder = decoder
        self._providers = providers
        self._stored = stored  # told of every picture, for what may follow later

    async def work_off(self, run: Run) -> None:
        """Start the call or go on with it, and store its picture. Raises ProviderError, Fenced."""
        run.reference = run.claim.reference
        request = thaw(run.claim.request)
        if request.inputs and run.reference is None:
            await self._database.run(inputs.check_alive, run.claim.user_id, request)
            request = await self._filled(request)
        connection = await self._database.run(begin, self._settings, run.claim)
        if connection is None:
            return
        run.leave(connection)
        async with self._providers.use(connection) as provider:
            done: Done | None = None
            if run.reference is None:
                outcome = await self._start(run, provider, request)
                if isinstance(outcome, Done):
                    done = outcome
            if done is None:
                done = await self._poll(run, provider)
            await self._finish(run, provider, done)

    async def _filled(self, request: ImageRequest) -> ImageRequest:
        """With the bytes of what goes in, as every vendor takes them. Raises ProviderError(INPUT_GONE)."""
        full = await asyncio.to_thread(inputs.loaded, self._store, request)
        fitting = []
        for one in full.inputs:
            if is_heavy(one.media_type, len(one.data)):
                try:
                    data = await lightened(self._store, self._decoder, one.sha256, one.media_type)
                except BadImage as error:
                    raise ProviderError(FailureKind.INPUT_GONE, error.reason) from error
                one = replace(one, data=data, media_type=JPEG.media_type)
            fitting.append(one)
        return replace(full, inputs=tuple(fitting))

    async def _start(self, run: Run, provider: ImageProvider, request: ImageRequest) -> Pending | Done:
        run.phase = Phase.PAYING
        try:
            async with asyncio.timeout(self._settings.timing.call_deadline):
                outcome = await provider.start(request, self._progress(run.claim))
        except TimeoutError:
            raise ProviderError(FailureKind.OUTCOME_UNKNOWN, "It did not finish in time.") from None
        crashpoint("answered")
        if isinstance(outcome, Pending):
            run.reference = outcome.reference
            await self._database.run_for_long(work.accepted, run.claim, outcome)
            crashpoint("accepted")
        return outcome

    def _progress(self, claim: Claim) -> Progress:
        async def sent() -> None:
            with suppress(Fenced):
                await self._database.run(work.sent, claim)
            crashpoint("sent")

        async def partial(index: int, data: bytes) -> None:
            limits = self._settings.limits
            if len(data) > limits.partial_bytes:
                return
            with suppress(RedisError):
                await self._database.aside(
                    events.keep_partial, claim.call_id, index + 1, data, seconds=limits.partial_seconds
                )
                if claim.job_id is not None:
                    await self._database.aside(events.say_job_changed, claim.user_id, claim.job_id)

        return Progress(sent=sent, partial=partial)

    async def _poll(self, run: Run, provider: ImageProvider) -> Done:
        """Ask until the picture is there. A failing check is asked again: it is free, the picture is not."""
        run.phase = Phase.POLLING
        timing = self._settings.timing
        failures, fresh_links = 0, 1
        try:
            async with asyncio.timeout(timing.call_deadline):
                while True:
                    try:
                        outcome = await provider.check(run.reference or "")
                    except ProviderError as error:
                        if error.kind is FailureKind.LINK_EXPIRED and fresh_links:
                            fresh_links -= 1  # asking again signs a new one, where the task is still known
                            continue
                        failures += 1
                        if CONSEQUENCES[error.kind].worker is not WorkerStep.RETRY:
                            raise
                        if failures >= _FREE_TRIES:
                            raise ProviderError(FailureKind.OUTCOME_UNKNOWN, error.detail) from error
                        await asyncio.sleep(error.retry_after or backoff(failures))
                        continue
                    if isinstance(outcome, Done):
                        return outcome
                    run.reference = outcome.reference
                    await asyncio.sleep(outcome.retry_in)
        except TimeoutError:
            raise ProviderError(FailureKind.OUTCOME_UNKNOWN, "It did not finish in time.") from None

    async def _finish(self, run: Run, provider: ImageProvider, done: Done) -> None:
        """Check and store the bytes, then write the end. A damaged download is fetched again where it can be."""
        run.arrive()
        for tries in range(1, _FREE_TRIES + 1):
            crashpoint("received")
            received = time.monotonic()
            try:
                stored = await self._keep(run, done)
                break
            except BadImage as error:
                if run.reference is None or tries == _FREE_TRIES:
                    raise ProviderError(FailureKind.BAD_IMAGE, error.reason) from error
                done = await self._poll(run, provider)
            except StorageFull as error:
                raise ProviderError(FailureKind.STORAGE_FULL, error.reason) from error
        saving = time.monotonic() - received
        crashpoint("stored")
        image_id = await self._database.run_for_long(work.succeed, run.claim, done, stored, saving=saving)
        crashpoint("published")
        self._stored(run.claim, image_id, stored)
        with suppress(RedisError):
            await self._database.aside(events.forget_partial, run.claim.call_id)

    async def _keep(self, run: Run, done: Done) -> Stored:
        run.phase = Phase.STORING
        keeping = asyncio.ensure_future(receive(self._store, self._decoder, done.data, self._settings.limits))
        try:
            _, slow = await asyncio.wait({keeping}, timeout=_WORTH_SAYING)
            if slow:
                await self._database.run(work.received, run.claim)
            return await keeping
        except BaseException:
            keeping.cancel()
            raise
