"""A member's own provider keys: used before the installation's, and their calls cost no credits (D7)."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from runtz_core.connections import service
from runtz_core.connections.models import ProviderKey
from runtz_core.connections.service import VENDORS
from runtz_core.sealing import Keyring
from runtz_core.users import audit


@dataclass(frozen=True, kw_only=True)
class OwnKey:
    """One vendor as its line in a member's settings. Never carries a key."""

    provider: str
    label: str
    hue: str
    key_help: str
    last_four: str  # "" without a key
    has_key: bool


def own_keys(session: Session, user_id: UUID) -> list[OwnKey]:
    """Every vendor, and whether this person has a key of their own for it."""
    rows = session.execute(select(ProviderKey).where(col(ProviderKey.user_id) == user_id)).scalars()
    keys = {row.provider: row.last_four for row in rows}
    return [
        OwnKey(
            provider=provider,
            label=entry.label,
            hue=entry.hue,
            key_help=entry.key_help,
            last_four=keys.get(provider, ""),
            has_key=provider in keys,
        )
        for provider, entry in VENDORS.items()
    ]


def save(session: Session, keyring: Keyring, user_id: UUID, provider: str, key: str) -> None:
    """Keep a person's own key, sealed for them alone. Raises BadInput."""
    service.save_key(session, keyring, provider, key, user_id=user_id)
    audit.record(session, "own_key_saved", actor=user_id, subject=user_id, provider=provider)


def remove(session: Session, user_id: UUID, provider: str) -> None:
    """Forget a person's own key; calls already submitted with it fail without one."""
    service.remove_key(session, provider, user_id=user_id)
    audit.record(session, "own_key_removed", actor=user_id, subject=user_id, provider=provider)
