"""What tests of the API for programs share: tokens, and requests as a program sends them."""

from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlmodel import Session

from runtz_core.users import tokens
from runtz_core.users.tokens import TokenScope

EVERYTHING = (TokenScope.READ, TokenScope.RUN)
JOB = {"prompt": "a quiet harbour", "models": [{"model": "flux-2-pro"}]}


def token(session: Session, person: UUID, *scopes: TokenScope) -> str:
    made = tokens.make(session, person, name="a script", scopes=scopes or EVERYTHING)
    session.commit()
    return made


def program(client: httpx.AsyncClient, held: str) -> httpx.AsyncClient:
    """The same client as a program: with a token, without cookies and without an origin."""
    client.cookies.clear()
    client.headers.pop("origin", None)
    client.headers["authorization"] = f"Bearer {held}"
    return client


async def create(
    client: httpx.AsyncClient, body: Any = None, *, key: str = "", **headers: str
) -> httpx.Response:
    named = {"Idempotency-Key": key or uuid4().hex, **headers}
    return await client.post("/api/v1/jobs", json=JOB if body is None else body, headers=named)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]
