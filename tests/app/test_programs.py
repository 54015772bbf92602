"""The API for programs: jobs once for each key, what can be read of them, and what is refused."""

import asyncio
import json
import threading
from typing import Any, get_args
from uuid import UUID

import httpx
import pytest
from sqlalchemy import Engine, text, update
from sqlmodel import Session

from runtz_app.api.v1 import shapes
from runtz_core.credits import service as credits
from runtz_core.failures import FailureKind
from runtz_core.ids import new_id
from runtz_core.images import intake
from runtz_core.jobs import once
from runtz_core.providers.base import RATIOS
from runtz_core.settings import Limits
from runtz_core.users.models import HouseRules
from runtz_core.users.tokens import TokenScope
from tests.app.client import ada, client, owner, password_hash
from tests.app.programs import JOB, code, create, program, token
from tests.app.work import PICTURE, deliver, fail, simulated

__all__ = ["ada", "client", "owner", "password_hash", "simulated"]  # fixtures


@pytest.fixture
def script(client: httpx.AsyncClient, session: Session, ada: UUID) -> httpx.AsyncClient:
    """A program of Ada's that may do everything."""
    return program(client, token(session, ada))


def jobs_of(session: Session, person: UUID) -> int:
    session.rollback()
    count: int = session.execute(
        text("SELECT count(*) FROM jobs WHERE user_id = :person"), {"person": person}
    ).scalar_one()
    return count


async def test_a_program_submits_waits_and_fetches_the_picture(
    script: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    made = await create(script, JOB | {"samples": 2, "ratio": "16:9", "seed": 7})
    assert made.status_code == 201
    job = made.json()
    assert (job["credits_held"], [call["credits"] for call in job["calls"]]) == (60, [30, 30])
    assert made.headers["location"] == f"/api/v1/jobs/{job['id']}"
    assert (await script.get("/api/v1/balance")).json() == {"available": 440, "held": 60}
    path = intake.get_store().original(PICTURE.sha256, PICTURE.media_type)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"PNG")
    # One picture a call; both share these bytes.
    assert deliver(session) == 2
    read = (await script.get(made.headers["location"])).json()
    assert (read["prompt"], read["ratio"], read["seed"], read["unfinished"]) == (JOB["prompt"], "16:9", 7, 0)
    call = read["calls"][0]
    assert (call["state"], call["credits"], call["simulated"], call["failure"]) == (
        "succeeded",
        30,
        True,
        None,
    )
    assert (await script.get(f"/api/v1/calls/{call['id']}")).json() == call
    picture = await script.get(f"/api/v1/images/{call['image']['id']}")
    assert (picture.content, picture.headers["content-type"]) == (b"PNG", "image/png")
    assert picture.headers["content-security-policy"] == "sandbox; default-src 'none'"


async def test_a_failure_says_why(script: httpx.AsyncClient, session: Session) -> None:
    made = (await create(script)).json()
    fail(session, FailureKind.CONTENT_BLOCKED)
    call = (await script.get(f"/api/v1/calls/{made['calls'][0]['id']}")).json()
    assert (call["state"], call["credits"], call["failure"], call["image"]) == (
        "failed", 0, "content_blocked", None,
    )  # fmt: skip
    assert "safety filter" in call["failure_text"]


async def test_the_same_request_again_is_the_same_job(
    script: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    first, second = [await create(script, key="once") for _ in range(2)]
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert ("idempotent-replayed" in first.headers, second.headers["idempotent-replayed"]) == (False, "true")
    deliver(session)
    assert (await create(script, key="once")).content == first.content, "as it was submitted"
    assert code(await create(script, JOB | {"samples": 2}, key="once")) == (422, "key_reused")
    assert jobs_of(session, ada) == 1
    assert credits.balance(session, ada) == credits.Balance(available=470, held=0)


async def test_a_key_is_a_persons_own(
    script: httpx.AsyncClient, session: Session, ada: UUID, owner: UUID
) -> None:
    hers = await create(script, key="once")
    theirs = await create(program(script, token(session, owner)), JOB | {"samples": 2}, key="once")
    assert (hers.status_code, theirs.status_code) == (201, 201)
    assert (jobs_of(session, ada), jobs_of(session, owner)) == (1, 1)


async def test_many_at_once_with_one_key_make_one_job(
    script: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    answers = await asyncio.gather(*(create(script, key="once") for _ in range(20)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert jobs_of(session, ada) == 1


async def test_while_the_first_is_in_flight_the_second_waits_outside(
    script: httpx.AsyncClient, database: Engine, ada: UUID, session: Session
) -> None:
    inside, leave = threading.Event(), threading.Event()

    def act() -> dict[str, Any]:
        inside.set()
        assert leave.wait(60)
        raise InterruptedError

    def first() -> None:
        with Session(database) as own, pytest.raises(InterruptedError):
            once.once(own, ada, "once", b"{}", act)

    slow = asyncio.get_running_loop().run_in_executor(None, first)
    try:
        await asyncio.to_thread(inside.wait, 60)
        answer = await create(script, key="once")
        assert code(answer) == (409, "in_flight")
        assert answer.headers["retry-after"] == "1"
    finally:
        leave.set()
        await slow
    assert (await create(script, key="once")).status_code == 201, "what failed left the key free"


async def test_a_refused_request_leaves_its_key_free(
    script: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    assert code(await create(script, JOB | {"samples": 16, "models": [{"model": "flux-2-max"}]}, key="once")) == (
        402, "insufficient_credits",
    )  # fmt: skip
    assert code(await create(script, JOB | {"models": [{"model": "gone"}]}, key="once")) == (422, "refused")
    assert (await create(script, key="once")).status_code == 201
    assert jobs_of(session, ada) == 1


async def test_a_key_serves_again_after_a_day(script: httpx.AsyncClient, session: Session, ada: UUID) -> None:
    first = await create(script, key="once")
    session.execute(text("UPDATE api_requests SET created_at = created_at - interval '25 hours'"))
    session.commit()
    second = await create(script, JOB | {"samples": 2}, key="once")
    assert (second.status_code, jobs_of(session, ada)) == (201, 2)
    assert second.json()["id"] != first.json()["id"]


async def test_a_dear_run_wants_a_yes(script: httpx.AsyncClient, session: Session, ada: UUID) -> None:
    session.execute(update(HouseRules).values(confirm_above=29))
    session.commit()
    assert code(await create(script, key="once")) == (422, "confirmation_needed")
    assert jobs_of(session, ada) == 0
    assert (await create(script, JOB | {"confirmed": True}, key="once")).status_code == 201


async def test_the_list_pages_backwards(script: httpx.AsyncClient) -> None:
    made = [(await create(script)).json()["id"] for _ in range(3)]
    first = (await script.get("/api/v1/jobs?limit=2")).json()
    assert [job["id"] for job in first["jobs"]] == [made[2], made[1]]
    rest = (await script.get(f"/api/v1/jobs?before={first['next']}")).json()
    assert ([job["id"] for job in rest["jobs"]], rest["next"]) == ([made[0]], None)


async def test_cancelling_gives_the_hold_back(script: httpx.AsyncClient, session: Session, ada: UUID) -> None:
    made = (await create(script)).json()
    assert (await script.post(f"/api/v1/jobs/{made['id']}/cancel")).json() == {"unfinished": 1}
    assert (await script.post(f"/api/v1/jobs/{made['id']}/cancel")).json() == {"unfinished": 0}
    assert (await script.get("/api/v1/balance")).json() == {"available": 500, "held": 0}


async def test_models_say_what_they_cost(script: httpx.AsyncClient) -> None:
    listed = {
        model["id"]: model for model in (await script.get("/api/v1/models?ratio=16:9")).json()["models"]
    }
    flux = listed["flux-2-pro"]
    assert (flux["price_credits"], flux["tier"], flux["simulated"]) == (30, "1 MP", True)
    made = (await create(script, JOB | {"ratio": "16:9"})).json()
    assert made["credits_held"] == flux["price_credits"]


# --- bad input

WORDS = [
    "\x00", "\x1b[31mred", "x" * 32_001, "   ", "\u2028", "\u202eevil", "{{7*7}}", "<img src=x onerror=alert(1)>",
    "=cmd|' /C calc'!A0", "'; DROP TABLE jobs;--", "[x](javascript:alert(1))", "\ufeff",
    "\U0001f469\u200d\U0001f467" * 100, "ключ\r\nSet-Cookie: a=b",
]  # fmt: skip


async def test_words_are_kept_as_they_are_or_refused_with_a_reason(script: httpx.AsyncClient) -> None:
    refused = []
    for words in WORDS:
        answer = await create(script, JOB | {"prompt": words, "negative": words})
        if answer.status_code == 201:
            read = (await script.get(answer.headers["location"])).json()
            assert read["prompt"] == words.strip()
        else:
            assert answer.status_code == 422
            assert answer.json()["error"]["message"].endswith((".", "characters."))
            refused.append(words)
    assert refused == WORDS[:5]


NUMBERS = [0, -1, 17, 10**9, 2**63, 1.5, "1", True, None, [], {}]


async def test_numbers_are_whole_and_in_range(script: httpx.AsyncClient, session: Session, ada: UUID) -> None:
    for number in NUMBERS:
        assert code(await create(script, JOB | {"samples": number})) == (422, "invalid"), number
        if number not in (0, 17, 10**9, None) or number is True:
            assert code(await create(script, JOB | {"seed": number})) == (422, "invalid"), number
    assert jobs_of(session, ada) == 0


RAW = [
    b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe{}", b'{"prompt": NaN}', b"[" * 10_000, b'{"prompt": "\\ud800"}',
    b'{"prompt": "x", "models": []}', b'{"prompt": "x", "models": "flux-2-pro"}', b'{"prompt": 1e400, "models": [{}]}',
    json.dumps(JOB | {"user_id": "somebody else"}).encode(), json.dumps(JOB | {"ratio": "16:8"}).encode(),
    json.dumps(JOB | {"models": [{"model": "flux-2-pro"}] * 65}).encode(), json.dumps({"prompt": "x"}).encode(),
    json.dumps(JOB | {"models": [{"model": "flux-2-pro", "tier": "9 GP"}]}).encode(),
    json.dumps(JOB | {"models": [{"model": "flux-2-pro"}] * 2}).encode(),
    json.dumps(JOB | {"models": [{"model": "flux-2-pro\x00"}]}).encode(),
]  # fmt: skip


async def test_what_is_no_job_makes_none(script: httpx.AsyncClient, session: Session, ada: UUID) -> None:
    headers = {"Idempotency-Key": "x", "Content-Type": "application/json"}
    for body in RAW:
        answer = await script.post("/api/v1/jobs", content=body, headers=headers)
        assert answer.status_code in (400, 422), body
        assert answer.json()["error"]["message"].endswith(".")
    assert jobs_of(session, ada) == 0


FRAMES: list[tuple[dict[str, str], bytes, int]] = [
    ({"Content-Type": "application/json"}, b"{}", 400),
    ({"Content-Type": "application/json", "Idempotency-Key": "x" * 256}, b"{}", 400),
    ({"Content-Type": "application/json", "Idempotency-Key": "\xe9"}, b"{}", 400),
    ({"Content-Type": "application/json", "Idempotency-Key": "a\tb"}, b"{}", 400),
    ({"Content-Type": "text/plain", "Idempotency-Key": "x"}, b"{}", 415),
    ({"Content-Type": "application/json", "Idempotency-Key": "x"}, b" " * (1024 * 1024 + 1), 413),
]
QUESTIONS = [
    "jobs?limt=3", "balance?x=1",
    "jobs?limit=0", "jobs?limit=101", "jobs?limit=-1", "jobs?limit=1e3", "jobs?limit=²", "jobs?before=x",
    "models?ratio=16:8", f"images/{new_id()}?w=321",
]  # fmt: skip


async def test_a_request_is_json_of_bounded_size_with_a_key_and_in_range(script: httpx.AsyncClient) -> None:
    for headers, body, wanted in FRAMES:
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        answer = await script.post("/api/v1/jobs", content=body, headers=encoded)
        assert answer.status_code == wanted, headers
    for path in QUESTIONS:
        assert code(await script.get(f"/api/v1/{path}")) == (422, "invalid"), path


async def test_a_token_that_reads_does_not_run(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    script = program(client, token(session, ada, TokenScope.READ))
    assert (await script.get("/api/v1/jobs")).status_code == 200
    assert code(await create(script)) == (403, "scope")
    assert code(await script.post(f"/api/v1/jobs/{new_id()}/cancel")) == (403, "scope")
    script = program(client, token(session, ada, TokenScope.RUN))
    assert (await create(script)).status_code == 201
    assert code(await script.get("/api/v1/jobs")) == (403, "scope")


def test_the_document_says_what_the_core_holds_to() -> None:
    assert get_args(shapes.Ratio) == RATIOS
    assert Limits().prompt_chars == shapes.PROMPT_CHARS
    assert shapes.NewJob.model_json_schema()["properties"]["samples"]["maximum"] == Limits().samples
