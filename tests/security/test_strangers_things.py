"""What belongs to one person is nothing to another: by route, by picture, by event (S05, S07, S08)."""

import asyncio
import inspect
import json
from contextlib import suppress
from typing import Any
from uuid import UUID

import httpx
import pytest
import reflex as rx
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext
from sqlalchemy import select, text
from sqlmodel import Session, col

from runtz_app import access
from runtz_app.access import Access
from runtz_app.api.routes import ROUTES
from runtz_app.state.session import SessionState
from runtz_core.batches import service as batches
from runtz_core.ids import new_id
from runtz_core.images import intake
from runtz_core.images import service as images
from runtz_core.images.intake import Stored
from runtz_core.jobs import service as jobs
from runtz_core.jobs.models import Call
from runtz_core.prompts import library, presets
from runtz_core.settings import get_settings
from runtz_core.sharing import service as sharing
from runtz_core.users import service as users
from runtz_core.users import tokens
from runtz_core.users.tokens import TokenScope
from runtz_core.vault import sorting
from runtz_core.vault.sorting import Shelf
from runtz_core.writing import grading
from tests.app.client import member, sit
from tests.app.tab import Tab
from tests.batches.conftest import order
from tests.core.conftest import submission
from tests.security.fingerprint import fingerprint

PROMPT = "A secret garden behind the wall"


@pytest.fixture
def things(
    client: httpx.AsyncClient, session: Session, ada: UUID, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """One of everything of Ada's that has an id, by the name routes give it."""
    monkeypatch.setenv("RUNTZ_SIMULATOR_URL", "http://127.0.0.1:9")
    get_settings.cache_clear()
    job_id = jobs.submit(session, ada, submission("flux-2-pro", prompt=PROMPT))
    call_id = session.execute(select(col(Call.id)).where(col(Call.job_id) == job_id)).scalar_one()
    stored = Stored(sha256="ab" * 32, size=3, media_type="image/png", width=4, height=3)
    for path in (
        intake.get_store().original(stored.sha256, "image/png"),
        intake.get_store().thumbnail(stored.sha256, 320),
        intake.get_store().thumbnail(stored.sha256, 1024),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"PNG")
    image = images.record(session, user_id=ada, call_id=call_id, stored=stored)
    sharing.make(session, ada, [image.id], with_prompt=True, seconds=60)
    share_id = sharing.links(session, ada)[0].id
    shelf_id = sorting.make(session, ada, Shelf.TAG, "secret")
    batch_id = batches.submit(session, ada, order(PROMPT))
    prompt_id = library.save(session, ada, library.Draft(name="secret", body=PROMPT))
    preset_id = presets.save(session, ada, "secret", PROMPT, [])
    grading_id = grading.start(session, get_settings(), ada, PROMPT)
    session.commit()
    tokens.make(session, ada, name="a script", scopes=[TokenScope.READ])
    sign_in = users.sessions(session, _with_session(session, ada), get_settings().timing)[0]
    return {
        "job_id": str(job_id), "call_id": str(call_id), "image_id": str(image.id), "name": f"{image.id}.png",
        "session_id": str(sign_in.session_id), "user_id": str(ada), "shelf_id": str(shelf_id), "share_id": share_id,
        "token_id": str(tokens.tokens(session, ada)[0].token_id),
        "batch_id": str(batch_id), "prompt_id": str(prompt_id), "preset_id": str(preset_id),
        "grading_id": str(grading_id),
    }  # fmt: skip


def _with_session(session: Session, person: UUID) -> UUID:
    users.start_session(session, person)
    session.commit()
    return person


def addresses(ids: dict[str, str]) -> list[tuple[str, str]]:
    """(method, path) of every route that takes an id, with these."""
    found = []
    for route in ROUTES:
        path = route.path
        for name, value in ids.items():
            path = path.replace(f"{{{name}}}", value)
        if path != route.path and access.of_route(path) is Access.SIGNED_IN:
            found += [(method, path) for method in sorted((route.methods or {"GET"}) - {"HEAD"})]
            if path.endswith(".png"):
                found += [("GET", f"{path}?w={width}") for width in (320, 1024)]
    return found


async def test_whose_they_are_gets_them(
    client: httpx.AsyncClient, session: Session, ada: UUID, things: dict[str, str]
) -> None:
    sit(client, session, ada)
    answers = {path: (await client.request(method, path)).status_code for method, path in addresses(things)}
    assert len(answers) >= 6
    # No early picture is at hand, and a change without its version, or to nothing, is none.
    assert {path for path, status in answers.items() if status not in (200, 303)} == {
        f"/api/calls/{things['call_id']}/partial",
        f"/api/masks/{things['image_id']}",
        f"/api/vault/items/{things['image_id']}/edit",
        f"/api/vault/shelves/{things['shelf_id']}",
        *(
            f"/api/batches/{things['batch_id']}/{nothing_yet}"
            for nothing_yet in ("download", "retry", "settle")
        ),
        *(f"/api/prompts/{things['prompt_id']}/{unsaid}" for unsaid in ("change", "favourite")),
        f"/api/presets/{things['preset_id']}/change",
        f"/api/presets/described/{things['call_id']}",
    }


async def test_to_anybody_else_they_are_what_was_never_there(
    client: httpx.AsyncClient, session: Session, things: dict[str, str], password_hash: str
) -> None:
    sit(client, session, member(session, "bob@vela.studio", password_hash))
    before = fingerprint(session)
    missing = {name: f"{new_id()}{'.png' if name == 'name' else ''}" for name in things}
    for (method, there), (_, nowhere) in zip(addresses(things), addresses(missing), strict=True):
        one, other = await client.request(method, there), await client.request(method, nowhere)
        assert (
            (one.status_code, one.content)
            == (other.status_code, other.content)
            == (404, b"There is nothing here.")
        )
        assert dict(one.headers) == dict(other.headers)
    assert fingerprint(session) == before


async def test_the_owner_sees_no_pictures_of_others(
    client: httpx.AsyncClient, session: Session, owner: UUID, things: dict[str, str]
) -> None:
    sit(client, session, owner)
    for method, path in addresses(things):
        assert (await client.request(method, path)).status_code == 404


def events_with_arguments() -> list[tuple[str, list[str]]]:
    """Every event of ours with the names of what it takes."""
    import runtz_app.runtz_app  # noqa: F401

    found = []
    for name, registered in RegistrationContext.get().event_handlers.items():
        if access.module_of(name).startswith("runtz_app") and not name.endswith(".setvar"):
            taken = list(inspect.signature(registered.handler.fn).parameters)[1:]
            found.append((name, taken))
    return sorted(found)


async def test_no_event_reaches_another_persons_things(
    visitor: Tab, session: Session, things: dict[str, str], password_hash: str
) -> None:
    bob = member(session, "bob@vela.studio", password_hash)
    visitor.cookie = f"session={users.start_session(session, bob)}"
    session.commit()
    mine = _rows_of(session, things["user_id"])
    for name, taken in events_with_arguments():
        if not taken or access.of_event(name) is not Access.SIGNED_IN:
            continue
        for value in (things["job_id"], things["call_id"], things["image_id"]):
            await send(visitor, name, dict.fromkeys(taken, value))
    visitor.path = f"/jobs/{things['job_id']}"
    for name, taken in events_with_arguments():
        if not taken and access.of_event(name) is not Access.OWNER:
            await send(visitor, name, {})
    assert _rows_of(session, things["user_id"]) == mine
    root = await visitor.states.get_state(rx.BaseStateToken(ident=visitor.token, cls=SessionState))
    shown = json.dumps(root.dict(), default=str)
    assert "Bob" in shown
    assert not [told for told in (PROMPT, "ada@vela.studio", password_hash) if told in shown]


async def send(tab: Tab, name: str, payload: Any) -> None:
    """As a forger would: what the handler makes of it is its own affair, what it changes is not."""
    with suppress(Exception):
        async with asyncio.timeout(30):
            await tab.send(Event(name=name, payload=payload))


def _rows_of(session: Session, user_id: str) -> list[str]:
    """Everything in the database that is this person's."""
    session.rollback()
    tables = {
        "users": "id",
        "jobs": "user_id",
        "batches": "user_id",
        "saved_prompts": "user_id",
        "own_presets": "user_id",
        "calls": "user_id",
        "images": "user_id",
        "shares": "user_id",
        "verdicts": "user_id",
        "accounts": "user_id",
    }
    queries = [
        f"SELECT r::text FROM {table} r WHERE {column} = :user_id ORDER BY 1"  # noqa: S608
        for table, column in tables.items()
    ]
    return [str(session.execute(text(query), {"user_id": user_id}).all()) for query in queries]


FORGED: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, 10**30, 1.5, float("nan"), float("inf"), "", "x" * 100_000, "\x00", "\ud800", "../..",
    [], [1, [2, [3]]], {}, {"a": {"b": {}}}, {"user_id": "x", "role": "owner"}, "1", "'; DROP TABLE users;--",
)  # fmt: skip


async def test_forged_arguments_change_nothing(
    visitor: Tab, session: Session, owner: UUID, things: dict[str, str]
) -> None:
    """Sent by the owner, who may send every event: wrong types, wrong sizes, too many, too few."""
    visitor.cookie = f"session={users.start_session(session, owner)}"
    session.commit()
    await visitor.send(SessionState.load)
    before = fingerprint(session)
    session.rollback()  # what is idle in a transaction for a minute is thrown out
    sent = 0
    for name, taken in events_with_arguments():
        await send(visitor, name, {**dict.fromkeys(taken, "x"), "smuggled": 1})
        if taken:
            await send(visitor, name, {})
        for value in FORGED if taken else ():
            if taken != ["form"] or not isinstance(value, dict):  # an empty form may be a whole one
                await send(visitor, name, dict.fromkeys(taken, value))
                sent += 1
    assert sent > 200
    assert fingerprint(session) == before
