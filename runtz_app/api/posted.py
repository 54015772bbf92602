"""Reading what the pages post as JSON or as a file: bounded before it is parsed, checked by type afterwards."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

MOST = 16 * 1024 * 1024  # bytes; 500 prompts of the greatest length, as JSON


class BodyRefused(Exception):
    """The body is too large or not what the route takes. Nothing was done."""


async def read_bytes(request: Request, most: int = MOST) -> bytes:
    """The body as it came. Raises BodyRefused when it is larger than `most` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise BodyRefused(f"This is larger than {most // 1024 // 1024} MB; split it. Nothing was done.")
    return bytes(body)


async def read_json(request: Request, most: int = MOST) -> dict[str, Any]:
    """The JSON object in the body. Raises BodyRefused."""
    body = await read_bytes(request, most)
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BodyRefused("The page sent something unreadable; reload it and try again. Nothing was done.")
    return found


def text(body: dict[str, Any], name: str, most: int = 200) -> str:
    """A string of at most `most` characters; "" when it is missing. Raises BodyRefused."""
    found = body.get(name, "")
    if not isinstance(found, str) or len(found) > most:
        raise BodyRefused(f"{name.replace('_', ' ').capitalize()} is too long or no text. Nothing was done.")
    return found.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def whole(body: dict[str, Any], name: str, default: int) -> int:
    """A whole number. Raises BodyRefused."""
    found = body.get(name, default)
    if isinstance(found, bool) or not isinstance(found, int) or abs(found) > 2**53:
        raise BodyRefused(f"{name.capitalize()} must be a whole number. Nothing was done.")
    return found


def refused(words: str, status: int = 422) -> JSONResponse:
    """Nothing was done, and why."""
    return JSONResponse({"problem": words}, status)
