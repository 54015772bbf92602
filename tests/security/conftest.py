"""Tabs and browsers of a stranger, a member and the owner."""

from tests.app.client import ada, client, owner, password_hash
from tests.app.tab import tab, visitor

__all__ = ["ada", "client", "owner", "password_hash", "tab", "visitor"]
