"""Small JSON bodies of posts, read with a cap, and the ids in addresses and bodies."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from starlette.requests import Request

from runtz_core.ids import parse_id

MOST_BYTES = 64 * 1024


async def read_json(request: Request, *, most_bytes: int = MOST_BYTES) -> dict[str, Any]:
    """The object that was posted; anything larger or stranger is an empty one."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            return {}
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def ids_of(texts: object, *, most: int) -> list[UUID]:
    """The ids in a list from outside, each once and in order; what is none is left out, as is what is beyond `most`."""
    if not isinstance(texts, Iterable) or isinstance(texts, str | bytes):
        return []
    found: dict[UUID, None] = {}
    for text in texts:
        if len(found) == most:
            break
        if isinstance(text, str) and (known := parse_id(text)) is not None:
            found[known] = None
    return list(found)
