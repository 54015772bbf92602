"""The same work as a script would do it: four calls at once, checked, written to disk. No rows, no queue."""

import asyncio
import hashlib
import os
from pathlib import Path

from runtz_core.images.decode_child import look
from runtz_core.images.formats import sniff
from runtz_core.images.store import SMALL, BlobStore
from runtz_core.jobs import requests
from runtz_core.jobs.requests import Submission
from runtz_core.providers import registry
from runtz_core.providers.base import Connection, ImageProvider, ImageRequest, Pending, Progress
from runtz_core.settings import Limits


class Script:
    """Holds what a script would keep between jobs: its SDK clients, open."""

    def __init__(self, simulator_url: str, folder: Path) -> None:
        self._simulator_url = simulator_url
        self._store = BlobStore(folder)
        self._providers: dict[str, ImageProvider] = {}

    async def run(self, submission: Submission) -> None:
        """Order all pictures of a job at once; returns when each lies on disk, synced."""
        await asyncio.gather(*(self._picture(*ordered) for ordered in self._orders(submission)))

    async def close(self) -> None:
        for provider in self._providers.values():
            await provider.close()

    def _orders(self, submission: Submission) -> list[tuple[ImageProvider, ImageRequest]]:
        orders = []
        for choice in submission.models:
            spec = registry.spec(choice.model)
            request, _ = requests.build(submission, spec, spec.default_tier, 0)
            orders.append((self._provider(spec.provider), request))
        return orders

    def _provider(self, provider: str) -> ImageProvider:
        if provider not in self._providers:
            base_url = registry.simulator_base_url(provider, self._simulator_url)
            connection = Connection(provider=provider, base_url=base_url, api_key="simulated", simulated=True)
            self._providers[provider] = registry.open_provider(connection)
        return self._providers[provider]

    async def _picture(self, provider: ImageProvider, request: ImageRequest) -> None:
        outcome = await provider.start(request, Progress())
        while isinstance(outcome, Pending):
            outcome = await provider.check(outcome.reference)
            if isinstance(outcome, Pending):
                await asyncio.sleep(outcome.retry_in)
        await asyncio.to_thread(self._keep, outcome.data)

    def _keep(self, data: bytes) -> None:
        """The checks and the two files of an accepted picture, as the product makes them."""
        form = sniff(data)
        sha256 = hashlib.sha256(data).hexdigest()
        with self._store.draft(data) as original:
            original.sync()
            asked = {
                "path": os.fspath(original.path),
                "format": form.pillow,
                "max_pixels": Limits().image_pixels,
                "widths": (SMALL,),
                "thumbhash": False,
            }
            _, thumbnails = look(asked)
            with self._store.draft(thumbnails[0]) as small:
                small.sync()
                self._store.publish(
                    (small, self._store.thumbnail(sha256, SMALL)),
                    (original, self._store.original(sha256, form.media_type)),
                )
