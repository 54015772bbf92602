"""Keys and addresses of providers: the installation's and people's own, sealed, resolved anew for every call."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Session, col

from runtz_core.connections.addresses import BadInput, checked_base_url
from runtz_core.connections.models import ProviderAddress, ProviderKey
from runtz_core.connections.servers import server_of
from runtz_core.flow import lanes
from runtz_core.ids import new_id
from runtz_core.providers.base import Connection
from runtz_core.providers.models.texts import text_models
from runtz_core.providers.models.upscalers import LOCAL
from runtz_core.providers.registry import PROVIDERS, ProviderEntry, simulator_base_url, sunset_notice
from runtz_core.sealing import Keyring, Sealed, load_keyring
from runtz_core.settings import ProviderSettings, Settings

KEY_CHARS = 500

# The built-in vendors; the registry's other line stands for all declared servers.
VENDORS = {name: entry for name, entry in PROVIDERS.items() if entry.base_url is not None}


class UnknownProvider(LookupError):
    """No vendor and no declared server has this id (any more)."""


@dataclass(frozen=True, kw_only=True)
class ProviderRow:
    """One vendor as the settings page shows it. Never carries a key."""

    provider: str
    label: str
    hue: str
    key_help: str  # where a key is made, in words
    source: str  # of the key: "saved", "environment", "simulated" or "none"
    last_four: str  # of the key; "" without one
    base_url: str  # "" for the vendor's own
    base_url_source: str  # "saved", "environment" or ""
    models: list[str] = field(default_factory=list)  # labels
    notices: list[str] = field(default_factory=list)  # models near their end, or gone at the vendor


def provider_rows(session: Session, settings: Settings, *, today: date) -> list[ProviderRow]:
    """Every built-in vendor in registry order, for the settings page."""
    keys = _installation_keys(session)
    addresses = {row.provider: row.base_url for row in session.execute(select(ProviderAddress)).scalars()}
    return [
        _row(provider, entry, keys.get(provider), addresses.get(provider, ""), settings, today)
        for provider, entry in VENDORS.items()
    ]


def _row(
    provider: str, entry: ProviderEntry, key: ProviderKey | None, saved: str, settings: Settings, today: date
) -> ProviderRow:
    configured = settings.providers.get(provider, ProviderSettings())
    own_key = configured.api_key.get_secret_value() if configured.api_key else ""
    base_url = saved or configured.base_url or ""
    if key is not None:
        source, last_four = "saved", key.last_four
    elif own_key:
        source, last_four = "environment", _last_four(own_key)
    elif settings.simulator_url and not base_url:
        source, last_four = "simulated", ""
    else:
        source, last_four = "none", ""
    notices = [sunset_notice(spec, today) for spec in entry.models]
    return ProviderRow(
        provider=provider,
        label=entry.label,
        hue=entry.hue,
        key_help=entry.key_help,
        source=source,
        last_four=last_four,
        base_url=base_url,
        base_url_source="saved" if saved else "environment" if base_url else "",
        models=[*(one.label for one in entry.models), *(one.label for one in text_models(provider))],
        notices=[notice for notice in notices if notice],
    )


def save_key(
    session: Session, keyring: Keyring, provider: str, key: str, *, user_id: UUID | None = None
) -> None:
    """Seal and keep a key: a person's own for a vendor, or (None) the installation's. Raises BadInput."""
    _require_known(session, provider, own=user_id is not None)
    key = key.strip()
    if not key:
        raise BadInput("key", "Paste the key first.")
    if len(key) > KEY_CHARS or not key.isascii() or not key.isprintable() or " " in key:
        raise BadInput("key", "This is not a key: keys are one word of plain letters, digits and signs.")
    remove_key(session, provider, user_id=user_id)
    lanes.forgive_key(session, lanes.lane_of(provider, user_id))
    key_id = new_id()
    sealed = keyring.seal(key, context=_context(user_id, provider, key_id))
    session.add(
        ProviderKey(
            id=key_id,
            provider=provider,
            user_id=user_id,
            sealed=sealed.data,
            key_version=sealed.version,
            last_four=_last_four(key),
        )
    )
    session.flush()


def remove_key(session: Session, provider: str, *, user_id: UUID | None = None) -> None:
    """Forget a saved key; the installation's from the environment stays in force."""
    session.execute(
        delete(ProviderKey).where(
            col(ProviderKey.provider) == provider, col(ProviderKey.user_id).is_not_distinct_from(user_id)
        )
    )


def save_base_url(session: Session, provider: str, base_url: str | None) -> None:
    """Call a vendor at another address; None or "" goes back to its own. Raises BadAddress, BadInput."""
    if provider not in VENDORS:
        raise BadInput("provider", "There is no such provider.")
    if not base_url or not base_url.strip():
        session.execute(delete(ProviderAddress).where(col(ProviderAddress.provider) == provider))
        return
    checked = checked_base_url(base_url)
    session.execute(
        upsert(ProviderAddress)
        .values(provider=provider, base_url=checked)
        .on_conflict_do_update(index_elements=["provider"], set_={"base_url": checked})
    )


def resolve(session: Session, settings: Settings, provider: str, user_id: UUID) -> Connection:
    """Where and as whom this person would call `provider` now: with their own key, else as the installation.

    Raises UnknownProvider, and SealError when a saved key cannot be opened.
    """
    if provider == LOCAL:
        return Connection(provider=LOCAL, base_url=None, api_key=None)
    own = _saved_key(session, settings, provider, user_id)
    if own is not None:
        return _vendor(session, settings, provider, own, key_owner=user_id)
    return _installation(session, settings, provider)


def resolve_again(
    session: Session, settings: Settings, provider: str, *, key_owner: UUID | None, simulated: bool
) -> Connection:
    """The way a call was priced for when it was submitted, as it is now; its key may be gone (None).

    A call never changes sides: one made with somebody's own key does not fall back on the installation's, one
    sold as simulated costs nobody money. Raises UnknownProvider, SealError.
    """
    if simulated and settings.simulator_url:
        return _simulator(settings.simulator_url, provider)
    if key_owner is not None:
        own = _saved_key(session, settings, provider, key_owner)
        if own is None:
            return Connection(provider=provider, base_url=None, api_key=None, key_owner=key_owner)
        return _vendor(session, settings, provider, own, key_owner=key_owner)
    found = _installation(session, settings, provider)
    if found.simulated != simulated:
        return Connection(provider=provider, base_url=None, api_key=None)
    return found


def _installation(session: Session, settings: Settings, provider: str) -> Connection:
    """Saved key, else the environment's, else the simulator; else no key, which opening it refuses with NO_KEY."""
    key = _saved_key(session, settings, provider, None)
    server = server_of(session, provider)
    if server is not None:
        return Connection(provider=provider, base_url=server.base_url, api_key=key, declared_by_owner=True)
    configured = settings.providers.get(provider, ProviderSettings())
    if key is None and configured.api_key:
        key = configured.api_key.get_secret_value()
    found = _vendor(session, settings, provider, key, key_owner=None)
    if key is None and found.base_url is None and settings.simulator_url:
        return _simulator(settings.simulator_url, provider)
    return found


def _vendor(
    session: Session, settings: Settings, provider: str, key: str | None, *, key_owner: UUID | None
) -> Connection:
    if provider not in VENDORS:
        raise UnknownProvider(provider)
    saved = session.get(ProviderAddress, provider)
    base_url = saved.base_url if saved else settings.providers.get(provider, ProviderSettings()).base_url
    return Connection(
        provider=provider,
        base_url=base_url,
        api_key=key,
        declared_by_owner=base_url is not None,
        key_owner=key_owner,
    )


def _simulator(simulator_url: str, provider: str) -> Connection:
    return Connection(
        provider=provider,
        base_url=simulator_base_url(provider, simulator_url),
        api_key="simulated",
        simulated=True,
    )


def _saved_key(session: Session, settings: Settings, provider: str, owner: UUID | None) -> str | None:
    """The saved key of one person, or (None) of the installation."""
    row: ProviderKey | None = session.execute(
        select(ProviderKey).where(
            col(ProviderKey.provider) == provider, col(ProviderKey.user_id).is_not_distinct_from(owner)
        )
    ).scalar_one_or_none()
    if row is None:
        return None
    context = _context(row.user_id, provider, row.id)
    return keyring_of(settings).open(Sealed(row.sealed, row.key_version), context=context)


def keyring_of(settings: Settings) -> Keyring:
    """The master keys of this installation. Raises SealError when they cannot be read."""
    configured = settings.master_key.get_secret_value() if settings.master_key else None
    return load_keyring(configured, settings.data_dir)


def _installation_keys(session: Session) -> dict[str, ProviderKey]:
    rows = session.execute(select(ProviderKey).where(col(ProviderKey.user_id).is_(None))).scalars()
    return {row.provider: row for row in rows}


def _require_known(session: Session, provider: str, *, own: bool) -> None:
    if provider not in VENDORS and (own or server_of(session, provider) is None):
        raise BadInput("provider", "There is no such provider.")


def _context(user_id: UUID | None, provider: str, key_id: UUID) -> str:
    """What a sealed key is bound to; a row copied to another owner, provider or id does not open."""
    return f"{user_id or 'installation'}|{provider}|{key_id}"


def _last_four(key: str) -> str:
    """What may be shown of a key; nothing of one too short to hide behind four characters."""
    return key[-4:] if len(key) >= 12 else ""
