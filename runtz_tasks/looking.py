"""Looking at pictures after they are ready: the large thumbnail, the placeholder, colours and likeness."""

import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from runtz_core.images.decoder import Decoder
from runtz_core.images.errors import BadImage
from runtz_core.images.intake import observe
from runtz_core.images.store import BlobStore
from runtz_core.vault import looks
from runtz_tasks.database import Database

log = logging.getLogger(__name__)


async def look(
    database: Database, store: BlobStore, decoder: Decoder, image_id: UUID, sha256: str, media_type: str
) -> None:
    """Look at one picture and remember what is seen, or that nothing can be. Raises StorageFull, DecoderUnavailable."""
    try:
        traits = await observe(store, decoder, sha256, media_type)
    except (BadImage, FileNotFoundError):
        log.exception("finishing a picture failed", extra={"sha256": sha256})
        await database.run(looks.record, image_id, None)
        return
    await database.run(looks.record, image_id, traits)


async def look_back(
    database: Database,
    store: BlobStore,
    decoder: Decoder,
    *,
    before_each: Callable[[], Awaitable[None]],
    after: float,
) -> int:
    """Look at pictures that a killed worker, or a version before this one, left without; returns how many."""
    left = await database.run(looks.unseen, after=after)
    for one in left:
        await before_each()
        await look(database, store, decoder, one.image_id, one.sha256, one.media_type)
    return len(left)
