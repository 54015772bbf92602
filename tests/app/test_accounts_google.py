"""Signing in with Google, against a provider of our own on loopback."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx
import pytest
from joserfc.jwk import RSAKey
from sqlmodel import Session

from runtz_app import notes
from runtz_core.settings import get_settings
from runtz_core.users import people, registration
from runtz_core.users import service as users
from runtz_core.users.models import Registration
from tests.app.client import JSON, ada, client, owner, password_hash, sit
from tests.app.openid import CLIENT_ID, CLIENT_SECRET, Provider, Running

__all__ = ["ada", "client", "owner", "password_hash"]  # fixtures


@pytest.fixture
def google(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider that this installation is registered with."""
    provider = Provider()
    with Running(provider):
        monkeypatch.setenv("RUNTZ_GOOGLE_CLIENT_ID", CLIENT_ID)
        monkeypatch.setenv("RUNTZ_GOOGLE_CLIENT_SECRET", CLIENT_SECRET)
        monkeypatch.setenv("RUNTZ_GOOGLE_DISCOVERY_URL", provider.discovery_url)
        get_settings.cache_clear()
        yield provider


async def go(client: httpx.AsyncClient, google: Provider, **form: str) -> dict[str, str]:
    """Start a sign-in; the query with which the browser arrives at the provider."""
    answer = await client.post("/api/auth/google", data=form, headers=JSON)
    assert answer.status_code == 200, answer.text
    address = urlsplit(answer.json()["next"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{google.issuer}/authorize"
    query = dict(parse_qsl(address.query))
    google.sent(query)
    return query


async def come_back(client: httpx.AsyncClient, query: dict[str, str], **changes: str) -> httpx.Response:
    answer = {"code": "good", "state": query["state"]} | changes
    return await client.get("/api/auth/google/back", params=answer)


def reason(answer: httpx.Response) -> str:
    """Why nobody was signed in, as the page reads it."""
    assert "session" not in answer.cookies
    address = urlsplit(answer.headers["location"])
    note = notes.unseal(get_settings(), dict(parse_qsl(address.query))["told"])
    assert note is not None
    return note["words"]


async def test_a_new_person_comes_in(
    client: httpx.AsyncClient, session: Session, owner: UUID, google: Provider
) -> None:
    query = await go(client, google, next="/history")
    assert query["redirect_uri"] == "http://localhost:3000/api/auth/google/back"
    assert (query["code_challenge_method"], query["scope"]) == ("S256", "openid email profile")
    answer = await come_back(client, query)
    assert (answer.status_code, answer.headers["location"]) == (303, "/history")
    person = users.who(session, client.cookies["session"], get_settings().timing)
    assert person is not None
    made = people.profile(session, person.user_id)
    assert (made.name, made.email, made.google, made.has_password) == (
        "Ada Lovelace",
        "ada@vela.studio",
        True,
        False,
    )


async def test_the_same_person_comes_back_whatever_their_address_is_now(
    client: httpx.AsyncClient, session: Session, owner: UUID, google: Provider
) -> None:
    await come_back(client, await go(client, google))
    google.claims = {"email": "other@vela.studio", "email_verified": False}
    client.cookies.clear()
    await come_back(client, await go(client, google))
    assert "session" in client.cookies
    assert len(people.people(session)) == 2


async def test_an_account_is_not_taken_over_by_its_address(
    client: httpx.AsyncClient, session: Session, ada: UUID, google: Provider
) -> None:
    assert "Sign in with its password" in reason(await come_back(client, await go(client, google)))
    session.rollback()
    assert not people.profile(session, ada).google


async def test_who_is_signed_in_connects_google(
    client: httpx.AsyncClient, session: Session, ada: UUID, google: Provider
) -> None:
    sit(client, session, ada)
    answer = await come_back(client, await go(client, google))
    assert answer.headers["location"] == "/profile"
    assert people.profile(session, ada).google
    session.commit()
    client.cookies.clear()
    await come_back(client, await go(client, google))
    person = users.who(session, client.cookies["session"], get_settings().timing)
    assert person is not None
    assert person.user_id == ada
    session.commit()
    assert (await client.post("/api/account/google/disconnect")).status_code == 303
    session.rollback()
    assert not people.profile(session, ada).google


async def test_what_was_begun_signed_in_is_not_finished_as_somebody_else(
    client: httpx.AsyncClient, session: Session, ada: UUID, owner: UUID, google: Provider
) -> None:
    sit(client, session, ada)
    query = await go(client, google)
    sit(client, session, owner)
    assert "signed out meanwhile" in reason(await come_back(client, query))
    assert not people.profile(session, owner).google


@pytest.mark.parametrize(
    ("rule", "words"), [(Registration.CLOSED, "Nobody can register"), (Registration.INVITE, "invitation")]
)
async def test_the_house_rule_holds_here_too(
    client: httpx.AsyncClient, session: Session, owner: UUID, google: Provider, rule: Registration, words: str
) -> None:
    registration.set_rule(session, rule, actor=owner)
    session.commit()
    assert words in reason(await come_back(client, await go(client, google)))
    assert len(people.people(session)) == 1


async def test_who_is_shut_out_stays_out(
    client: httpx.AsyncClient, session: Session, owner: UUID, google: Provider
) -> None:
    await come_back(client, await go(client, google))
    person = users.who(session, client.cookies["session"], get_settings().timing)
    assert person is not None
    people.set_disabled(session, person.user_id, True, actor=owner)
    session.commit()
    client.cookies.clear()
    assert "closed" in reason(await come_back(client, await go(client, google)))


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "somebody else"}, {"iss": "https://accounts.google.com"}, {"nonce": "another"},
        {"nonce": None}, {"sub": None}, {"exp": 1_000_000_000}, {"iat": 32_503_680_000},
        {"sub": ""}, {"aud": [CLIENT_ID, "b"], "azp": "b"},
    ],
)  # fmt: skip
async def test_an_id_token_that_does_not_fit_signs_nobody_in(
    client: httpx.AsyncClient, session: Session, owner: UUID, google: Provider, claims: dict[str, Any]
) -> None:
    google.claims = claims
    assert reason(await come_back(client, await go(client, google)))
    assert len(people.people(session)) == 1


async def test_an_address_google_does_not_vouch_for_makes_no_account(
    client: httpx.AsyncClient, session: Session, owner: UUID, google: Provider
) -> None:
    google.claims = {"email_verified": False}
    assert "does not vouch" in reason(await come_back(client, await go(client, google)))


async def test_another_key_signs_nobody_in(client: httpx.AsyncClient, owner: UUID, google: Provider) -> None:
    google.signed_by = RSAKey.generate_key(2048, parameters={"kid": "one"})
    assert "could not be verified" in reason(await come_back(client, await go(client, google)))


async def test_a_shared_secret_signs_nobody_in(
    client: httpx.AsyncClient, owner: UUID, google: Provider
) -> None:
    google.sign_with_a_shared_secret()
    assert "could not be verified" in reason(await come_back(client, await go(client, google)))


@pytest.mark.parametrize("changes", [{"state": "another"}, {"state": ""}, {"code": "bad"}])
async def test_an_answer_that_was_not_asked_for_signs_nobody_in(
    client: httpx.AsyncClient, owner: UUID, google: Provider, changes: dict[str, str]
) -> None:
    assert reason(await come_back(client, await go(client, google), **changes))


async def test_a_refusal_at_the_provider_is_told(
    client: httpx.AsyncClient, owner: UUID, google: Provider
) -> None:
    query = await go(client, google)
    answer = await client.get(
        "/api/auth/google/back", params={"error": "access_denied", "state": query["state"]}
    )
    assert "Nothing was changed" in reason(answer)


@pytest.mark.parametrize("cookie", ["", "1.", "x.y", "1.AAAA", "9." + "A" * 200])
async def test_without_the_note_of_this_browser_nobody_comes_in(
    client: httpx.AsyncClient, owner: UUID, google: Provider, cookie: str
) -> None:
    query = await go(client, google)
    client.cookies.clear()
    if cookie:
        client.cookies.set("google", cookie)
    assert "not started in this browser" in reason(await come_back(client, query))
    assert google.asked == [], "the code went nowhere"


@pytest.mark.parametrize(
    "described",
    [{"issuer": "https://evil.example"}, {"token_endpoint": "http://169.254.169.254/x"}, {"jwks_uri": "file:///etc/passwd"}],
)  # fmt: skip
async def test_a_provider_that_leads_elsewhere_is_not_followed(
    client: httpx.AsyncClient, owner: UUID, google: Provider, described: dict[str, Any]
) -> None:
    good = await go(client, google)
    google.described = described
    assert reason(await come_back(client, good))


async def test_a_provider_that_is_away_is_told(
    client: httpx.AsyncClient, owner: UUID, google: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTZ_GOOGLE_DISCOVERY_URL", "http://127.0.0.1:9/.well-known/openid-configuration")
    get_settings.cache_clear()
    answer = await client.post("/api/auth/google", headers=JSON)
    assert (answer.status_code, "could not be asked" in answer.json()["problem"]) == (502, True)


async def test_without_a_client_id_there_is_no_google(client: httpx.AsyncClient, owner: UUID) -> None:
    answer = await client.post("/api/auth/google", headers=JSON)
    assert (answer.status_code, "not set up" in answer.json()["problem"]) == (404, True)
    assert "not set up" in reason(await client.get("/api/auth/google/back?code=good&state=x"))
