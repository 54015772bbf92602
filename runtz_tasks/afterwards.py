"""What may follow a ready picture: a look at it and a verdict, one at a time so that no other picture waits for it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from runtz_core.images.decoder import Decoder
from runtz_core.images.intake import Stored
from runtz_core.images.store import BlobStore
from runtz_core.jobs.claims import Claim
from runtz_core.settings import Settings
from runtz_core.writing import pairs
from runtz_tasks import looking
from runtz_tasks.database import Database

log = logging.getLogger(__name__)


class Afterwards:
    """The queue of pictures that are ready and not finished. What is in it when the worker dies is found again."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        store: BlobStore,
        decoder: Decoder,
        *,
        before_each: Callable[[], Awaitable[None]],
    ) -> None:
        self._settings, self._database, self._store, self._decoder = settings, database, store, decoder
        self._before_each = before_each
        self._ready: asyncio.Queue[tuple[UUID, Stored]] = asyncio.Queue()

    def follow(self, claim: Claim, image_id: UUID, stored: Stored) -> None:
        """A picture is ready."""
        self._ready.put_nowait((image_id, stored))

    async def loop(self) -> None:
        """Finish one picture after the other, for ever."""
        while True:
            image_id, stored = await self._ready.get()
            await self._before_each()
            try:
                await looking.look(
                    self._database, self._store, self._decoder, image_id, stored.sha256, stored.media_type
                )
            except Exception:
                log.exception("finishing a picture failed", extra={"sha256": stored.sha256})
            try:
                await self._database.run(pairs.judge_by_itself, self._settings, image_id)
            except Exception:
                log.exception("a new picture was not judged", extra={"sha256": stored.sha256})

    async def look_back(self) -> None:
        """Finish pictures that a worker which ended has left."""
        await looking.look_back(
            self._database,
            self._store,
            self._decoder,
            before_each=self._before_each,
            after=self._settings.timing.look_back_after,
        )
