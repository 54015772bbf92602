"""Ids: UUIDv7 made in Python, so they sort by creation and exist before the row does (D14)."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new time-ordered id."""
    return uuid7()


def parse_id(text: str) -> UUID | None:
    """The id in a string from outside, or None. Never raises: strangers send anything."""
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None
