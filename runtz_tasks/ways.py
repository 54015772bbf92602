"""How calls of each kind are worked off."""

from collections.abc import Callable
from uuid import UUID

from runtz_core.images.decoder import Decoder
from runtz_core.images.intake import Stored
from runtz_core.images.store import BlobStore
from runtz_core.jobs.claims import Claim
from runtz_core.jobs.models import CallKind
from runtz_core.providers.base import ImageProvider
from runtz_core.providers.opened import OpenedProviders
from runtz_core.providers.registry import PROVIDERS
from runtz_core.providers.text import TextProvider
from runtz_core.settings import Settings
from runtz_tasks.database import Database
from runtz_tasks.generation import Generation
from runtz_tasks.run import Way
from runtz_tasks.texts import Texts
from runtz_tasks.upscale import Upscale


def ways_of(
    settings: Settings,
    database: Database,
    store: BlobStore,
    decoder: Decoder,
    *,
    pictures: OpenedProviders[ImageProvider],
    texts: OpenedProviders[TextProvider],
    stored: Callable[[Claim, UUID, Stored], None],
) -> dict[CallKind, Way]:
    """One way for each kind of call; `stored` is told of every picture that is ready."""
    generation = Generation(
        settings=settings,
        database=database,
        store=store,
        decoder=decoder,
        providers=pictures,
        stored=stored,
    )
    words = Texts(settings=settings, database=database, store=store, decoder=decoder, providers=texts)
    upscale = Upscale(
        settings=settings,
        database=database,
        store=store,
        decoder=decoder,
        vendors=generation,
        stored=stored,
    )
    return {
        CallKind.GENERATE: generation,
        CallKind.UPSCALE: upscale,
        CallKind.ENHANCE: words,
        CallKind.GRADE: words,
        CallKind.DESCRIBE: words,
    }


def import_adapters() -> None:
    """Load the vendors' SDKs before the first call: they take a second, which would stall every other call."""
    for known in PROVIDERS.values():
        for adapter in (known.adapter, known.text_adapter):
            if adapter is not None:
                adapter()
