"""What every adapter is built on: one guarded client to one vendor, the key, and how long things may take."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import httpx2

from runtz_core.providers.base import ImageRequest, Progress
from runtz_core.providers.exchange import Deadlines, exchange
from runtz_core.providers.pictures import download
from runtz_core.providers.text import TextTask


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The way to one vendor over one connection. Safe for concurrent use on one event loop."""

    client: httpx2.AsyncClient
    base_url: str  # without a slash at its end
    api_key: str = field(repr=False)
    deadlines: Deadlines

    def buy(self, request: ImageRequest, progress: Progress) -> AbstractAsyncContextManager[None]:
        """The exchange in which `request` is sent and paid for. Raises ProviderError as `exchange` does."""
        return exchange(
            paid=True,
            deadline=self.deadlines.call,
            sent=progress.sent,
            hide=(self.api_key, request.prompt),
        )

    def question(self, task: TextTask, progress: Progress) -> AbstractAsyncContextManager[None]:
        """The exchange in which a question is asked and paid for. Raises ProviderError as `exchange` does."""
        return exchange(
            paid=True,
            deadline=self.deadlines.call,
            sent=progress.sent,
            hide=(self.api_key, task.words),
        )

    def ask(self) -> AbstractAsyncContextManager[None]:
        """An exchange that costs nothing. Raises ProviderError as `exchange` does."""
        return exchange(paid=False, deadline=self.deadlines.ask, hide=(self.api_key,))

    async def fetch(self, link: str) -> bytes:
        """The picture behind a link the vendor gave. Raises ProviderError as `download` does."""
        return await download(self.client, link, deadline=self.deadlines.download)

    async def close(self) -> None:
        """Release the connections."""
        await self.client.aclose()
