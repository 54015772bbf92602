"""API tokens: 256 random bits, kept as a hash, shown once, scoped, revocable; two programs side by side (S19, S08)."""

import re
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import Session
from starlette.requests import Request

from runtz_app import access
from runtz_app.access import Access
from runtz_app.api.v1.door import Door
from runtz_app.api.v1.routes import ROUTES
from runtz_core.db import database_now
from runtz_core.ids import new_id
from runtz_core.jobs import service as jobs
from runtz_core.users import audit, people, tokens
from runtz_core.users.service import digest
from runtz_core.users.tokens import BadToken, TokenScope
from tests.app.client import JSON, PASSWORD, member, sit
from tests.app.programs import code, program, token
from tests.security.fingerprint import fingerprint
from tests.security.test_strangers_things import things

__all__ = ["things"]  # fixture

SHAPE = re.compile(r"runtz_[A-Za-z0-9_-]{43}")


async def form(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    return await client.post(path, data=fields, headers=JSON)


def everything(session: Session) -> str:
    """Every row of every table, as text."""
    tables = session.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
    rows = [session.execute(text(f"SELECT r::text FROM {table} r")).scalars().all() for table in tables]  # noqa: S608
    return "\n".join(row for found in rows for row in found)


async def test_a_token_is_shown_once_and_kept_as_a_hash(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    sit(client, session, ada)
    made = (await form(client, "/api/account/tokens", name=" night \x1b[2J script ", may="run")).json()[
        "shown"
    ]
    assert SHAPE.fullmatch(made)
    session.rollback()
    (row,) = tokens.tokens(session, ada)
    assert (row.name, row.last_four, row.used_at) == ("night [2J script", made[-4:], None)
    assert set(row.scopes) == {TokenScope.READ, TokenScope.RUN}
    kept = everything(session)
    assert digest(made) in kept
    assert made not in kept
    assert audit.entries(session)[0].action == "token_made"
    again = (await form(client, "/api/account/tokens", name="night", may="read")).json()["shown"]
    assert again != made
    assert tokens.tokens(session, ada)[0].scopes == (TokenScope.READ,)


async def test_a_token_wants_a_name_and_there_is_an_end_to_them(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    sit(client, session, ada)
    for name in ("", "   ", "x" * 61):
        answer = await form(client, "/api/account/tokens", name=name)
        assert (answer.status_code, answer.json()["field"]) == (422, "name")
    with pytest.raises(BadToken, match="what the token may do"):
        tokens.make(session, ada, name="x", scopes=[])
    for number in range(tokens.MOST):
        tokens.make(session, ada, name=f"script {number}", scopes=[TokenScope.READ])
    session.commit()
    assert "Revoke one" in (await form(client, "/api/account/tokens", name="one more")).json()["problem"]


async def test_its_use_is_noted_at_most_once_a_minute(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    script = program(client, token(session, ada))
    before = database_now(session)
    session.rollback()
    for _ in range(2):
        assert (await script.get("/api/v1/balance")).status_code == 200
    (row,) = tokens.tokens(session, ada)
    assert row.used_at is not None
    assert row.used_at > before


async def test_a_revoked_token_opens_nothing_any_more(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    held = token(session, ada)
    (row,) = tokens.tokens(session, ada)
    sit(client, session, ada)
    assert (await form(client, f"/api/account/tokens/{row.token_id}/revoke")).status_code == 200
    assert (await form(client, f"/api/account/tokens/{row.token_id}/revoke")).status_code == 404
    assert code(await program(client, held).get("/api/v1/balance")) == (401, "no_token")
    assert audit.entries(session)[0].action == "token_revoked"


async def test_who_is_shut_out_or_gone_has_no_token_left(
    client: httpx.AsyncClient, session: Session, ada: UUID, owner: UUID
) -> None:
    script = program(client, token(session, ada))
    people.set_disabled(session, ada, True, actor=owner)
    session.commit()
    assert code(await script.get("/api/v1/balance")) == (401, "no_token")
    people.set_disabled(session, ada, False, actor=owner)
    session.commit()
    assert (await script.get("/api/v1/balance")).status_code == 200
    held = script.headers.pop("authorization")
    script.headers["origin"] = "http://localhost:3000"
    sit(client, session, ada)
    left = await form(client, "/api/account/delete", confirm="delete my account", current=PASSWORD)
    assert left.status_code == 200
    session.rollback()
    assert session.execute(text("SELECT count(*) FROM api_tokens")).scalar_one() == 0
    assert code(await program(client, held.removeprefix("Bearer ")).get("/api/v1/balance")) == (
        401,
        "no_token",
    )


@pytest.mark.parametrize(
    "sent",
    ["", "Bearer", "Bearer ", "Bearer x", "Basic cnVudHo6eA==", "Bearer runtz_", "Bearer runtz_" + "x" * 43,
     "Bearer runtz_\xe9", "Bearer runtz_" + "x" * 100_000, "runtz_" + "x" * 43],
    ids=range(10),
)  # fmt: skip
async def test_made_up_tokens_open_nothing(client: httpx.AsyncClient, ada: UUID, sent: str) -> None:
    answer = await client.get("/api/v1/balance", headers=[(b"authorization", sent.encode("latin-1"))])
    assert code(answer) == (401, "no_token")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_is_no_session_and_stays_out_of_addresses(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    held = token(session, ada)
    assert (await client.get(f"/api/v1/balance?access_token={held}&token={held}")).status_code == 401
    client.cookies.set("session", held)
    assert (await client.get("/api/v1/balance")).status_code == 401
    assert (await client.get("/api/usage.csv")).status_code == 401
    assert (await program(client, held).get("/api/usage.csv")).status_code == 401
    assert (await client.post("/api/account/export")).status_code == 403, "that is for pages of ours"


async def test_pages_of_other_sites_cannot_send_one(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    script = program(client, token(session, ada))
    answer = await script.post("/api/v1/jobs", json={}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


async def test_one_persons_programs_come_at_a_pace(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    headers = [(b"authorization", f"Bearer {token(session, ada)}".encode())]
    scope = {"type": "http", "method": "GET", "path": "/api/v1/balance", "headers": headers}
    slow = Door(per_second=0.6)  # three at once, and the next one in more than a second
    answers = [await slow.refusal(Request(scope | {"client": (f"10.0.0.{n}", 1)})) for n in range(30)]
    let_in = [answer is None for answer in answers]
    assert let_in[:3] == [True] * 3
    assert not all(let_in)
    refused = next(answer for answer in answers if answer is not None)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")


async def test_another_persons_things_are_what_was_never_there(
    client: httpx.AsyncClient, session: Session, things: dict[str, str], password_hash: str
) -> None:
    script = program(client, token(session, member(session, "bob@vela.studio", password_hash)))
    before = fingerprint(session)
    asked = 0
    for route in ROUTES:
        taken = re.findall(r"{(\w+)}", route.path)
        if not taken or access.of_route(route.path) is not Access.TOKEN:
            continue
        there, nowhere = (
            route.path.replace(f"{{{taken[0]}}}", found) for found in (things[taken[0]], str(new_id()))
        )
        for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
            one, other = await script.request(method, there), await script.request(method, nowhere)
            assert (one.status_code, one.content) == (other.status_code, other.content)
            assert code(one) == (404, "not_found")
            asked += 1
    assert asked == 4
    assert not (await script.get("/api/v1/jobs")).json()["jobs"]
    changed = {table for table, rows in fingerprint(session).items() if rows != before[table]}
    assert changed == {"api_tokens"}, "when it was used"


async def test_whose_things_they_are_reads_them(
    client: httpx.AsyncClient, session: Session, ada: UUID, things: dict[str, str]
) -> None:
    script = program(client, token(session, ada))
    for path in ("jobs/{job_id}", "calls/{call_id}", "images/{image_id}", "images/{image_id}?w=320"):
        assert (await script.get("/api/v1/" + path.format(**things))).status_code == 200
    jobs.cancel_job(session, ada, UUID(things["job_id"]))
    session.commit()


def test_nothing_but_the_whole_token_will_do(session: Session, ada: UUID) -> None:
    held = token(session, ada)
    assert tokens.bearer(session, held) is not None
    for wrong in (held.upper(), held[:-1], held + "x", held.removeprefix("runtz_"), digest(held)):
        assert tokens.bearer(session, wrong) is None
