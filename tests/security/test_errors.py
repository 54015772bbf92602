"""A mistake of ours is one sentence to whoever asked, and nothing of its cause (S32)."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from runtz_app.api.routes import FAILED, api

CAUSE = "postgresql://runtz:cause@db/runtz"


async def _mistaken(request: Request) -> Response:
    raise KeyError(CAUSE)


@pytest.mark.parametrize("path", ["/api/mistaken", "/api/v1/mistaken", "/s/mistaken"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_route_that_fails_says_one_sentence(path: str, method: str) -> None:
    mistaken = Starlette(
        routes=[Route(path, _mistaken, methods=["GET", "POST"])],
        exception_handlers={**api.exception_handlers},
        debug=api.debug,
    )
    transport = httpx.ASGITransport(app=mistaken, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:3000") as client:
        answer = await client.request(method, path)
    assert answer.status_code == 500
    assert FAILED in answer.text
    assert not [word for word in (CAUSE, "KeyError", "Traceback", __file__) if word in answer.text]
