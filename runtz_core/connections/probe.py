"""The settings page's test button: is this key good? Asked of the vendor for free, bought nothing."""

from runtz_core.providers.base import Connection, Probe
from runtz_core.providers.registry import PROVIDERS, open_provider

NO_KEY = "There is no key to test. Save one first."


async def probe(connection: Connection) -> Probe:
    """Ask the provider behind `connection`, once. Never raises; the message is one sentence for a person."""
    if connection.simulated:
        label = PROVIDERS[connection.provider].label
        return Probe(ok=True, message=f"Simulated on this machine. Save a key to use {label} itself.")
    if connection.api_key is None and not connection.declared_by_owner:
        return Probe(ok=False, message=NO_KEY)
    provider = open_provider(connection)
    return await provider.probe()
