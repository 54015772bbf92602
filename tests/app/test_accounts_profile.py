"""What people do about their own account: address, password, sessions, export, leaving."""

import io
import json
import zipfile
from uuid import UUID

import httpx
from sqlmodel import Session

from runtz_core.settings import get_settings
from runtz_core.users import audit, people
from runtz_core.users import service as users
from tests.app.client import JSON, PASSWORD, ada, client, enter, member, owner, password_hash, sit
from tests.conftest import make_person

__all__ = ["ada", "client", "owner", "password_hash"]  # fixtures

FRESH = "another quiet harbour"


async def post(client: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    return await client.post(path, data=form, headers=JSON)


def alive(session: Session, token: str | None) -> bool:
    return token is not None and users.who(session, token, get_settings().timing) is not None


# --- one's own account


async def test_another_address_needs_the_password(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    sit(client, session, ada)
    new = {"name": "Ada L.", "email": "new@vela.studio"}
    assert (await post(client, "/api/account/profile", **new)).json()["field"] == "current"
    assert (await post(client, "/api/account/profile", **new, current="wrong")).json()["field"] == "current"
    assert people.profile(session, ada).email == "ada@vela.studio"
    assert (await post(client, "/api/account/profile", **new, current=PASSWORD)).status_code == 200
    session.rollback()
    assert people.profile(session, ada).email == "new@vela.studio"
    assert (
        await post(client, "/api/account/profile", name="Ada", email="new@vela.studio")
    ).status_code == 200


async def test_the_owner_sets_an_address_and_a_password_without_any(
    client: httpx.AsyncClient, session: Session, owner: UUID
) -> None:
    sit(client, session, owner)
    early = await post(client, "/api/account/password", password=PASSWORD)
    assert "e-mail first" in early.json()["problem"]
    assert (
        await post(client, "/api/account/profile", name="Mira", email="mira@vela.studio")
    ).status_code == 200
    assert (await post(client, "/api/account/password", password=PASSWORD)).status_code == 200
    client.cookies.clear()
    assert (await enter(client, "mira@vela.studio")).status_code == 200
    assert (await client.post("/api/auth/first-run", data={"code": link(session)})).headers[
        "location"
    ] == "/welcome"


def link(session: Session) -> str:
    code = users.new_owner_link(session, seconds=60)
    session.commit()
    return code


async def test_changing_the_password_ends_every_other_session(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    other, here = users.start_session(session, ada), sit(client, session, ada)
    wrong = await post(client, "/api/account/password", current="nope", password=FRESH)
    assert (wrong.json()["field"], alive(session, other)) == ("current", True)
    assert (await post(client, "/api/account/password", current=PASSWORD, password=FRESH)).status_code == 200
    session.rollback()
    assert (alive(session, here), alive(session, other)) == (True, False)


async def test_the_current_password_cannot_be_guessed_from_an_open_browser(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    sit(client, session, ada)
    for _ in range(5):
        await post(client, "/api/account/password", current="guess guess", password=FRESH)
    assert (await post(client, "/api/account/password", current=PASSWORD, password=FRESH)).status_code == 429


async def test_sessions_end_one_by_one_or_all_others(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    here, one, two = sit(client, session, ada), *(users.start_session(session, ada) for _ in range(2))
    session.commit()
    first = users.who(session, one, get_settings().timing)
    assert first is not None
    session.commit()
    assert (await post(client, f"/api/account/sessions/{first.session_id}/end")).status_code == 200
    assert [alive(session, token) for token in (here, one, two)] == [True, False, True]
    session.commit()
    assert (await post(client, "/api/account/sessions/end")).status_code == 200
    session.rollback()
    assert [alive(session, token) for token in (here, two)] == [True, False]


async def test_everything_about_oneself_comes_in_one_archive(
    client: httpx.AsyncClient, session: Session, ada: UUID, password_hash: str
) -> None:
    member(session, "bob@vela.studio", password_hash)
    sit(client, session, ada)
    answer = await client.post("/api/account/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="runtz-my-data.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        told = {name: json.loads(archive.read(name)) for name in archive.namelist()}
    assert set(told) >= {
        f"{name}.json" for name in ("profile", "sessions", "tokens", "jobs", "calls", "credits", "pictures")
    }
    assert [row["email"] for row in told["profile.json"]] == ["ada@vela.studio"]
    assert [(row["purpose"], row["amount"]) for row in told["credits.json"]] == [("grant", 500)]
    assert password_hash.encode() not in answer.content
    assert b"bob@" not in answer.content
    assert audit.entries(session)[0].action == "exported"


async def test_leaving_takes_the_words_and_the_password(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    token = sit(client, session, ada)
    for form in (
        {}, {"confirm": "yes"}, {"confirm": "delete my account"}, {"confirm": "delete my account", "current": "wrong"},
    ):  # fmt: skip
        assert (await post(client, "/api/account/delete", **form)).status_code == 422
        assert alive(session, token)
        session.commit()
    answer = await post(client, "/api/account/delete", confirm=" Delete  my account ", current=PASSWORD)
    assert (answer.status_code, answer.json()["next"]) == (200, "/welcome?problem=deleted")
    session.rollback()
    assert not alive(session, token)
    client.cookies.clear()
    assert (await enter(client)).status_code == 401


async def test_the_owner_cannot_leave(client: httpx.AsyncClient, session: Session, owner: UUID) -> None:
    sit(client, session, owner)
    answer = await post(client, "/api/account/delete", confirm="delete my account")
    assert "belong to nobody" in answer.json()["problem"]
    assert alive(session, client.cookies["session"])


async def test_a_person_without_a_password_confirms_by_words_alone(
    client: httpx.AsyncClient, session: Session
) -> None:
    sit(client, session, make_person(session))
    assert (await post(client, "/api/account/delete", confirm="delete my account")).status_code == 200
