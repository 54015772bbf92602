"""Enlargements: on this computer, tile by tile, or by a vendor like any other picture."""

import time
from collections.abc import Awaitable, Callable
from uuid import UUID

from runtz_core.failures import FailureKind
from runtz_core.images.decoder import Decoder
from runtz_core.images.enlarge import Stopped, enlarge
from runtz_core.images.errors import BadImage, DecoderUnavailable, StorageFull
from runtz_core.images.intake import Stored, receive
from runtz_core.images.store import BlobStore
from runtz_core.jobs import inputs, work
from runtz_core.jobs.claims import Claim
from runtz_core.jobs.requests import thaw
from runtz_core.providers.base import Cost, Done, ProviderError
from runtz_core.providers.models.upscalers import LOCAL
from runtz_core.settings import Settings
from runtz_tasks.database import Database
from runtz_tasks.run import Phase, Run, Way

_EVERY = 0.5  # seconds between two looks at the row: for progress, and whether it was cancelled


class Upscale:
    """Works off calls that enlarge a picture. Here nothing is paid for, so a stopped one simply starts again."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        store: BlobStore,
        decoder: Decoder,
        vendors: Way,
        stored: Callable[[Claim, UUID, Stored], None],
    ) -> None:
        self._settings = settings
        self._database = database
        self._store = store
        self._decoder = decoder
        self._vendors = vendors
        self._stored = stored

    async def work_off(self, run: Run) -> None:
        """Enlarge, check and store. Raises ProviderError, Fenced."""
        if run.claim.provider != LOCAL:
            await self._vendors.work_off(run)
            return
        request = thaw(run.claim.request)
        await self._database.run(inputs.check_alive, run.claim.user_id, request)
        # No intent is written down: nothing is paid for, so work that was lost may simply be done again.
        if not await self._database.run(work.progressed, run.claim, 0):
            await self._database.run(work.cancelled, run.claim)
            return
        base = request.base
        if base is None or request.factor not in (2, 4):
            raise ProviderError(FailureKind.INVALID, "There is no picture to enlarge.")
        await self._database.run(work.sent, run.claim)
        try:
            path = self._store.original(base.sha256, base.media_type)
            data = await enlarge(path, request.factor, self._teller(run.claim))
            run.phase = Phase.STORING
            began = time.monotonic()
            stored = await receive(self._store, self._decoder, data, self._settings.limits)
        except Stopped:
            await self._database.run(work.cancelled, run.claim)
            return
        except StorageFull as error:
            raise ProviderError(FailureKind.STORAGE_FULL, error.reason) from error
        except (BadImage, DecoderUnavailable) as error:
            raise ProviderError(FailureKind.BAD_IMAGE, error.reason) from error
        done = Done(data=b"", cost=Cost(usd_micros=0, basis="table"))
        saving = time.monotonic() - began
        image_id = await self._database.run(work.succeed, run.claim, done, stored, saving=saving)
        self._stored(run.claim, image_id, stored)

    def _teller(self, claim: Claim) -> Callable[[int], Awaitable[bool]]:
        last = 0.0

        async def tell(percent: int) -> bool:
            nonlocal last
            if time.monotonic() - last < _EVERY:
                return True
            last = time.monotonic()
            return await self._database.run(work.progressed, claim, percent)

        return tell
