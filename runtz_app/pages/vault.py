"""The vault: everything a person has made, as a wall; and what it says in numbers."""

import reflex as rx

from runtz_app.components.vault import Vault, VaultNumbers
from runtz_app.state.session import PersonMixin
from runtz_app.ui.page import page


class VaultState(PersonMixin, rx.State):
    """Tells the wall that something changed; pictures themselves are fetched by the browser (D8)."""

    tick: int = 0

    @rx.event
    async def load(self) -> None:
        """Watch for changes from now on; what changed since the wall was read is read again."""
        if (person := await self._person()) is not None:
            self._watch(person)
            self.tick += 1

    async def _poke(self, job_id: str | None) -> None:
        self.tick += 1


@page("/vault", "Vault", on_load=VaultState.load)
def vault() -> rx.Component:
    """The wall with its rail."""
    return Vault.create(tick=VaultState.tick)


@page("/vault/statistics", "Statistics", section="/vault")
def vault_statistics() -> rx.Component:
    """What the pictures say together."""
    return VaultNumbers.create()
