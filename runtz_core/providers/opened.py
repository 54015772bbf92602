"""The adapters this process keeps open, one for each connection, so that their HTTP connections are reused."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from runtz_core.providers.base import Connection

KEPT = 64  # idle adapters beyond these are closed, least recently used first


class Closable(Protocol):
    """An adapter of either kind."""

    async def close(self) -> None:
        """Release connections."""
        ...


Adapter = TypeVar("Adapter", bound=Closable)


@dataclass
class _Kept(Generic[Adapter]):
    provider: Adapter
    users: int = 0


class OpenedProviders(Generic[Adapter]):
    """Adapters by connection. Belongs to one event loop; every method must run on it."""

    def __init__(self, *, opened_by: Callable[[Connection], Adapter], keep: int = KEPT) -> None:
        self._open = opened_by
        self._keep = keep
        self._kept: OrderedDict[Connection, _Kept[Adapter]] = OrderedDict()

    @asynccontextmanager
    async def use(self, connection: Connection) -> AsyncIterator[Adapter]:
        """The adapter for `connection`, not closed while in use. Raises ProviderError as its opener does."""
        kept = self._kept.get(connection)
        if kept is None:
            kept = self._kept[connection] = _Kept(self._open(connection))
        self._kept.move_to_end(connection)
        kept.users += 1
        try:
            yield kept.provider
        finally:
            kept.users -= 1
            await self._trim()

    async def close_all(self) -> None:
        """Close every adapter, at the end of the process."""
        while self._kept:
            _, kept = self._kept.popitem()
            await kept.provider.close()

    async def _trim(self) -> None:
        idle = [connection for connection, kept in self._kept.items() if not kept.users]
        surplus = max(len(self._kept) - self._keep, 0)
        for connection in idle[:surplus]:
            await self._kept.pop(connection).provider.close()
