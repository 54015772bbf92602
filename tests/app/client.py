"""A browser for the mounted API without a server: behind our shield, on our own origin."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import Session

from runtz_app.api.routes import api
from runtz_app.security import Shield, page_policy
from runtz_core.images import intake
from runtz_core.images.decoder import get_decoder
from runtz_core.settings import get_settings
from runtz_core.users import passwords, registration
from runtz_core.users import service as users
from runtz_core.users.models import Registration
from runtz_core.users.registration import Applicant

ORIGIN = "http://localhost:3000"
PASSWORD = "seven boats at dawn"
JSON = {"Accept": "application/json"}


@pytest.fixture
async def client(
    database: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on one of our own pages, not signed in."""
    monkeypatch.setenv("RUNTZ_IMAGES_DIR", str(tmp_path / "pictures"))
    monkeypatch.setenv("RUNTZ_DATA_DIR", str(tmp_path / "data"))
    get_settings.cache_clear()
    intake.get_store.cache_clear()
    served = Shield(api, allowed=(ORIGIN,), policy=page_policy([]), https=False)
    transport = httpx.ASGITransport(app=served, raise_app_exceptions=False, client=("10.0.0.1", 999))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as browser:
        yield browser
    intake.get_store.cache_clear()


@pytest.fixture(scope="module", autouse=True)
def decoders() -> Iterator[None]:
    """Ends the processes that looked at what was sent."""
    yield
    get_decoder().close()
    get_decoder.cache_clear()


@pytest.fixture(scope="session")
def password_hash() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
def owner(session: Session) -> UUID:
    """The owner of a server that is open to all."""
    owner = users.ensure_owner(session).id
    registration.set_rule(session, Registration.OPEN, actor=owner)
    session.commit()
    return owner


@pytest.fixture
def ada(session: Session, owner: UUID, password_hash: str) -> UUID:
    """A member with a password."""
    return member(session, "ada@vela.studio", password_hash)


def member(session: Session, email: str, password_hash: str) -> UUID:
    name = email.partition("@")[0].title()
    made = registration.register(session, Applicant(name=name, email=email, password_hash=password_hash))
    session.commit()
    assert made is not None
    return made


async def enter(client: httpx.AsyncClient, email: str = "ada@vela.studio", **more: Any) -> httpx.Response:
    """Sign in by a password."""
    form = {"email": email, "password": PASSWORD, **more}
    return await client.post("/api/auth/sign-in", data=form, headers=JSON)


def sit(client: httpx.AsyncClient, session: Session, person: UUID) -> str:
    """Be signed in without a form; returns the session's token."""
    token = users.start_session(session, person, user_agent="Firefox on Linux")
    session.commit()
    client.cookies.set("session", token)
    return token
