"""Whether the disk would take another picture: asked before a call is started, so that none is paid for in vain."""

import asyncio
import logging
import time

from runtz_core.images.condition import require_room
from runtz_core.images.errors import StorageFull
from runtz_core.images.store import BlobStore

log = logging.getLogger(__name__)

_TRUSTED = 2.0  # seconds for which an answer counts


class Room:
    """Asks the disk at most every two seconds; says in the log when it turns and when it turns back."""

    def __init__(self, store: BlobStore, *, least: int) -> None:
        self._store, self._least = store, least
        self._asked = float("-inf")
        self._enough = True

    async def enough(self) -> bool:
        """Whether calls may start; while not, they wait and nothing is lost."""
        if time.monotonic() - self._asked >= _TRUSTED:
            refused = await asyncio.to_thread(self._ask)
            self._asked = time.monotonic()
            if refused is not None and self._enough:
                log.error("calls wait: %s", refused)
            elif refused is None and not self._enough:
                log.warning("the disk takes pictures again; calls go on")
            self._enough = refused is None
        return self._enough

    def _ask(self) -> str | None:
        try:
            require_room(self._store, least=self._least)
        except StorageFull as refusal:
            return refusal.reason
        return None
