"""Is this process serving? For the supervisor and for monitors."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


async def health(request: Request) -> Response:
    """200 as soon as the process answers; says nothing about the installation."""
    return JSONResponse({"status": "ok"})
