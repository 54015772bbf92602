"""Ids in queries and bodies are held to the same as those in paths: another person's are what was never there (S08)."""

import json
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import Session

from runtz_core.ids import new_id
from runtz_core.vault import sorting
from runtz_core.vault.sorting import Shelf
from tests.app.client import member, sit
from tests.security.fingerprint import fingerprint
from tests.security.test_strangers_things import PROMPT, things

__all__ = ["things"]  # a fixture

# (method, path, JSON body or none). Names in braces become ids; {mine} is a shelf of the person who asks.
ASKED: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("GET", "/api/pictures?ids={image_id}", None),
    ("GET", "/api/compare?ids={image_id},{image_id}", None),
    ("GET", "/api/shares?image={image_id}", None),
    ("GET", "/api/exports?ids={image_id}", None),
    ("GET", "/api/exports?job={job_id}", None),
    ("GET", "/api/vault/page?show=all&collection={shelf_id}", None),
    ("GET", "/api/vault/page?show=all&tag={shelf_id}", None),
    ("GET", "/api/vault/ids?show=all&tag={shelf_id}", None),
    ("POST", "/api/shares/new", {"ids": ["{image_id}"], "with_prompt": True}),
    ("POST", "/api/verdicts", {"ids": ["{image_id}", "{call_id}"], "outcome": "none"}),
    ("POST", "/api/verdicts", {"ids": ["{image_id}"], "outcome": ""}),
    *(
        ("POST", "/api/vault/change", {"action": action, "ids": ["{image_id}"], "rating": 5})
        for action in ("keep", "let_go", "throw_away", "restore", "erase", "rate")
    ),
    ("POST", "/api/vault/change", {"action": "put", "ids": ["{image_id}"], "shelf": "tag", "shelf_id": "{mine}"}),
    ("POST", "/api/vault/change", {"action": "put", "ids": ["{image_id}"], "shelf": "tag", "shelf_id": "{shelf_id}"}),
    ("POST", "/api/vault/change", {"action": "take", "ids": ["{image_id}"], "shelf": "tag", "shelf_id": "{shelf_id}"}),
    ("POST", "/api/vault/shelves/{mine}", {"shelf": "tag", "action": "merge", "into": "{shelf_id}"}),
    ("POST", "/api/batches/library", {"prompt_ids": ["{prompt_id}"]}),
)  # fmt: skip


async def test_ids_of_another_person_are_nothing_wherever_they_stand(
    client: httpx.AsyncClient, session: Session, things: dict[str, str], password_hash: str
) -> None:
    bob = member(session, "bob@vela.studio", password_hash)
    mine = str(sorting.make(session, bob, Shelf.TAG, "of my own"))
    session.commit()
    sit(client, session, bob)
    before = fingerprint(session)
    for method, path, body in ASKED:
        there = await _ask(client, method, path, body, things | {"mine": mine})
        nowhere = await _ask(
            client, method, path, body, {name: str(new_id()) for name in things} | {"mine": mine}
        )
        assert there == nowhere, (path, body)
        assert PROMPT not in there[1]
    assert fingerprint(session) == before


async def _ask(
    client: httpx.AsyncClient, method: str, path: str, body: dict[str, Any] | None, ids: dict[str, str]
) -> tuple[int, str]:
    """The answer, with the ids that were asked for and the time of day taken out of it."""

    def filled(template: str) -> str:
        for name, value in ids.items():
            template = template.replace(f"{{{name}}}", value)
        return template

    content = filled(json.dumps(body)) if body is not None else None
    answer = await client.request(method, filled(path), content=content)
    said = answer.text
    for name, value in ids.items():
        said = said.replace(value, name)
    if answer.headers["content-type"].startswith("application/json"):
        found = answer.json()
        if isinstance(found, dict):
            said = json.dumps({name: value for name, value in found.items() if name not in ("now", "ms")})
    return answer.status_code, said


async def test_a_batch_of_anothers_prompt_counts_for_nobodys_prompt(
    client: httpx.AsyncClient, session: Session, things: dict[str, str], password_hash: str
) -> None:
    bob = member(session, "bob@vela.studio", password_hash)
    sit(client, session, bob)
    order = {
        "rows": [{"prompt": "A kite", "line": 1, "prompt_id": things["prompt_id"]}],
        "models": [{"model": "flux-2-pro", "tier": "1 MP"}],
        "submission_key": "one-and-only", "ratio": "1:1", "samples": 1, "source": "library", "name": "mine",
    }  # fmt: skip
    assert (await client.post("/api/batches", json=order)).status_code in (200, 201, 404)
    session.rollback()
    linked = session.execute(
        text("SELECT job_id FROM prompt_uses WHERE prompt_id = :prompt_id"),
        {"prompt_id": UUID(things["prompt_id"])},
    ).all()
    assert linked == []


@pytest.mark.parametrize("path", ["/api/pictures?ids={image_id}", "/api/vault/page?show=all"])
async def test_whose_they_are_finds_them(
    client: httpx.AsyncClient, session: Session, ada: UUID, things: dict[str, str], path: str
) -> None:
    sit(client, session, ada)
    assert things["image_id"] in (await client.get(path.format(**things))).text
