"""The settings page's test button: is this key good? Asked for free; nothing is bought."""

from runtz_core.providers.base import Connection, Probe, ProviderError
from runtz_core.providers.registry import entry, open_provider, open_text


async def probe(connection: Connection) -> Probe:
    """Ask the provider behind `connection` once. Never raises; the message is one sentence for a person."""
    if connection.simulated:
        label = entry(connection.provider).label
        return Probe(ok=True, message=f"Simulated on this machine. Save a key to use {label} itself.")
    try:
        draws = entry(connection.provider).adapter is not None
        provider = open_provider(connection) if draws else open_text(connection)
    except ProviderError as refusal:
        return Probe(ok=False, message=refusal.detail, failure=refusal.kind)
    try:
        return await provider.probe()
    finally:
        await provider.close()
