"""The forms about accounts: what they answer, what they change, and what nobody can learn from them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from passlib.hash import argon2
from sqlalchemy import text
from sqlmodel import Session

from runtz_core.settings import get_settings
from runtz_core.users import audit, links, passwords, people, registration, signing
from runtz_core.users import service as users
from runtz_core.users.models import Registration
from tests.app.client import JSON, PASSWORD, ada, client, enter, owner, password_hash, sit

__all__ = ["ada", "client", "owner", "password_hash"]  # fixtures

FRESH = "another quiet harbour"


async def post(client: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    return await client.post(path, data=form, headers=JSON)


def alive(session: Session, token: str | None) -> bool:
    return token is not None and users.who(session, token, get_settings().timing) is not None


# --- signing in


async def test_a_right_password_signs_in(client: httpx.AsyncClient, session: Session, ada: UUID) -> None:
    answer = await enter(client, next="/history")
    assert (answer.status_code, answer.json()) == (200, {"next": "/history"})
    cookie = answer.headers["set-cookie"].lower()
    assert all(flag in cookie for flag in ("httponly", "samesite=lax", "path=/"))
    person = users.who(session, client.cookies["session"], get_settings().timing)
    assert person is not None
    assert person.user_id == ada


async def test_a_browser_without_our_script_is_sent_on(client: httpx.AsyncClient, ada: UUID) -> None:
    answer = await client.post("/api/auth/sign-in", data={"email": "ada@vela.studio", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_signing_in_makes_a_new_session_and_ends_the_old(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    old = sit(client, session, ada)
    client.cookies.clear()
    answer = await client.post(
        "/api/auth/sign-in",
        data={"email": "ada@vela.studio", "password": PASSWORD},
        headers={"Cookie": f"session={old}"},
    )
    fresh = answer.cookies["session"]
    assert fresh != old
    assert not alive(session, old)
    assert alive(session, fresh)


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
        "evil", "/a/../..//evil.example", "/x?next=//evil.example", "/%2f%2fevil.example", "/@evil.example",
        "http:evil.example", "/" + "a" * 400, "/a\r\nSet-Cookie: x=y", "/" + "a/" * 150 + "!",
    ],
)  # fmt: skip
async def test_signing_in_never_leads_to_another_site(
    client: httpx.AsyncClient, ada: UUID, wanted: str
) -> None:
    answer = await enter(client, next=wanted)
    assert answer.json()["next"] == "/"


def wrong(how: str) -> Callable[[Session, UUID], dict[str, str]]:
    """Ways to be wrong, each prepared in the database where it needs to be."""

    def prepare(session: Session, ada: UUID) -> dict[str, str]:
        form = {"email": "ada@vela.studio", "password": PASSWORD}
        match how:
            case "password":
                return form | {"password": "wrong and long"}
            case "unknown":
                return form | {"email": "nobody@vela.studio"}
            case "no password":
                session.execute(text("UPDATE users SET password_hash = NULL"))
            case "shut out":
                session.execute(
                    text("UPDATE users SET disabled_at = clock_timestamp() WHERE role = 'member'")
                )
            case "empty":
                return {}
            case "giant":
                return {"email": "a" * 20_000, "password": PASSWORD}
            case "surrogate":
                return {"email": "\udcff", "password": "\x00"}
        session.commit()
        return form

    return prepare


WAYS = ("password", "unknown", "no password", "shut out", "empty", "giant", "surrogate")


@pytest.mark.parametrize("how", WAYS)
async def test_every_wrong_way_in_gets_the_same_answer(
    client: httpx.AsyncClient, session: Session, ada: UUID, how: str
) -> None:
    form = {name: value.encode("utf-8", "surrogatepass") for name, value in wrong(how)(session, ada).items()}
    answer = await client.post("/api/auth/sign-in", data=form, headers=JSON)
    assert (answer.status_code, answer.json()) == (
        401, {"problem": "This e-mail and password do not belong together.", "field": ""},
    )  # fmt: skip
    assert "set-cookie" not in answer.headers
    assert audit.entries(session)[0].action == "sign_in_failed"


@pytest.mark.parametrize("how", WAYS)
async def test_every_wrong_way_in_is_the_same_work(
    client: httpx.AsyncClient, session: Session, ada: UUID, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = {name: value.encode("utf-8", "surrogatepass") for name, value in wrong(how)(session, ada).items()}
    work: list[str] = []
    for name in ("verify", "hashed"):
        real = getattr(passwords, name)

        def counted(*args: Any, _real: Any = real, _name: str = name) -> Any:
            work.append(_name)
            return _real(*args)

        monkeypatch.setattr(passwords, name, counted)
    passwords._decoy()
    work.clear()
    await client.post("/api/auth/sign-in", data=form)
    assert work == ["verify"]


async def test_the_sixth_try_is_not_even_checked(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    for _ in range(5):
        assert (
            await post(client, "/api/auth/sign-in", email="ada@vela.studio", password="no no no no")
        ).status_code == 401
    answer = await enter(client)
    assert answer.status_code == 429
    assert "Nothing was checked; try again in" in answer.json()["problem"]
    assert int(answer.headers["retry-after"]) in range(60, 901)
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "forwarded", ["1.2.3.4", "1.2.3.4, 5.6.7.8", "127.0.0.1", "10.0.0.9", "x" * 5000, "::1, unknown"]
)
async def test_a_forged_address_does_not_get_more_tries(
    client: httpx.AsyncClient, session: Session, ada: UUID, forwarded: str
) -> None:
    for number in range(5):
        headers = JSON | {
            "X-Forwarded-For": f"{number}.{forwarded}",
            "Forwarded": "for=9.9.9.9",
            "X-Real-IP": f"{number}.1.1.1",
        }
        await client.post(
            "/api/auth/sign-in", data={"email": "ada@vela.studio", "password": "no"}, headers=headers
        )
    headers = JSON | {"X-Forwarded-For": forwarded}
    answer = await client.post(
        "/api/auth/sign-in", data={"email": "ada@vela.studio", "password": "no"}, headers=headers
    )
    assert answer.status_code == 429
    assert {row.address for row in audit.entries(session) if row.action == "sign_in_failed"} == {"10.0.0.1"}


async def test_behind_ones_own_proxy_its_word_counts_and_nobody_elses(
    client: httpx.AsyncClient, session: Session, ada: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTZ_TRUSTED_PROXY_HOPS", "1")
    get_settings.cache_clear()
    for number in range(6):
        headers = JSON | {"X-Forwarded-For": f"{number}.6.6.6, 203.0.113.5"}
        form = {"email": "ada@vela.studio", "password": "no"}
        answer = await client.post("/api/auth/sign-in", data=form, headers=headers)
    assert answer.status_code == 429
    assert {row.address for row in audit.entries(session) if row.action == "sign_in_failed"} == {
        "203.0.113.5"
    }


async def test_an_old_hash_is_made_anew_at_sign_in(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    old = argon2.using(type="ID", memory_cost=8 * 1024, time_cost=1, parallelism=1).hash(PASSWORD)
    session.execute(text("UPDATE users SET password_hash = :old WHERE role = 'member'"), {"old": old})
    session.commit()
    assert (await enter(client)).status_code == 200
    stored = signing.known(session, "ada@vela.studio").stored or ""
    assert passwords.verify(PASSWORD, stored)
    assert not passwords.is_outdated(stored)


# --- registering


async def register(client: httpx.AsyncClient, **changes: str) -> httpx.Response:
    form = {"name": "Bob", "email": "bob@vela.studio", "password": PASSWORD}
    return await post(client, "/api/auth/register", **(form | changes))


async def test_registering_and_signing_in(client: httpx.AsyncClient, session: Session, owner: UUID) -> None:
    assert (await register(client)).status_code == 200
    assert "session" not in client.cookies
    assert (await enter(client, "bob@vela.studio")).status_code == 200


async def test_a_taken_address_looks_like_a_free_one(
    client: httpx.AsyncClient, session: Session, ada: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    work: list[str] = []
    real = passwords.hashed
    monkeypatch.setattr(passwords, "hashed", lambda password: work.append("hashed") or real(password))
    free = await register(client)
    taken = await register(client, email="ADA@vela.studio", password=FRESH)
    assert (free.status_code, free.content, dict(free.headers)) == (
        taken.status_code, taken.content, dict(taken.headers),
    )  # fmt: skip
    assert work == ["hashed", "hashed"]
    assert (await enter(client)).status_code == 200, "the account that was there keeps its password"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": ""}, "name"), ({"email": "nonsense"}, "email"), ({"password": "password1"}, "password"),
     ({"password": "bob@vela.studio"}, "password"), ({"password": "x" * 129}, "password")],
)  # fmt: skip
async def test_a_bad_field_is_named_and_nothing_is_made(
    client: httpx.AsyncClient, session: Session, owner: UUID, changes: dict[str, str], field: str
) -> None:
    answer = await register(client, **changes)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert len(people.people(session)) == 1


async def test_without_an_invitation_nobody_comes_in(
    client: httpx.AsyncClient, session: Session, owner: UUID
) -> None:
    registration.set_rule(session, Registration.INVITE, actor=owner)
    code = links.new_invite(session, actor=owner, seconds=60)
    session.commit()
    assert (await register(client)).status_code == 403
    assert (await register(client, invite="made up")).status_code == 403
    assert (await register(client, invite=code)).status_code == 200
    assert [row.name for row in people.people(session)] == ["Owner", "Bob"]


async def test_accounts_are_not_made_by_the_hundred(client: httpx.AsyncClient, owner: UUID) -> None:
    answers = [(await register(client, email=f"bob{number}@vela.studio")).status_code for number in range(7)]
    assert answers == [200] * 5 + [429] * 2


# --- resetting


async def test_a_reset_link_sets_a_password_and_signs_in(
    client: httpx.AsyncClient, session: Session, owner: UUID, ada: UUID
) -> None:
    before = users.start_session(session, ada)
    code = links.new_reset_link(session, ada, actor=owner, seconds=60)
    session.commit()
    weak = await post(client, "/api/auth/reset", code=code, password="password1")
    assert weak.json()["field"] == "password", "a weak password does not use the link up"
    answer = await post(client, "/api/auth/reset", code=code, password=FRESH)
    assert (answer.status_code, answer.json()) == (200, {"next": "/"})
    assert alive(session, client.cookies["session"])
    assert not alive(session, before)
    again = await post(client, "/api/auth/reset", code=code, password=PASSWORD)
    assert again.status_code == 422


@pytest.mark.parametrize("code", ["", "made-up", "\x00", "a" * 9000])
async def test_every_bad_reset_code_gets_the_same_answer_and_work(
    client: httpx.AsyncClient, session: Session, ada: UUID, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work: list[str] = []
    real = passwords.hashed
    monkeypatch.setattr(passwords, "hashed", lambda password: work.append("hashed") or real(password))
    answer = await post(client, "/api/auth/reset", code=code, password=FRESH)
    assert "used already, or it is too old" in answer.json()["problem"]
    assert (answer.status_code, work) == (422, ["hashed"])
    assert "set-cookie" not in answer.headers
