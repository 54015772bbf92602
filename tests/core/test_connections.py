"""Keys, addresses and declared servers: what may be saved, and what a call is made with."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from runtz_core.connections import service
from runtz_core.connections.addresses import BadAddress, BadInput, checked_base_url
from runtz_core.connections.probe import probe
from runtz_core.connections.service import VENDORS, UnknownProvider
from runtz_core.failures import FailureKind
from runtz_core.providers.base import Connection
from runtz_core.sealing import Keyring, SealError
from runtz_core.settings import ProviderSettings, Settings

KEY = "sk-proj-0123456789abcdef"
TODAY = date(2026, 11, 22)
SOMEBODY = uuid4()


def settings_in(folder: Path, **values: Any) -> Settings:
    return Settings(data_dir=folder, _env_file=None, **values)


# --- addresses


@pytest.mark.parametrize(
    ("typed", "saved"),
    [
        (" https://api.example.com/v1/ ", "https://api.example.com/v1"),
        ("https://API.Example.com:8443", "https://api.example.com:8443"),
        ("https://bücher.example/v1", "https://xn--bcher-kva.example/v1"),
        ("http://localhost:8080/v1", "http://localhost:8080/v1"),
        ("http://127.0.0.1:1234", "http://127.0.0.1:1234"),
        ("http://[::1]:1234/v1", "http://[::1]:1234/v1"),
        ("http://192.168.1.20:7860/v1", "http://192.168.1.20:7860/v1"),
        ("http://gpu.local/v1", "http://gpu.local/v1"),
        ("http://sd-server:8080/v1", "http://sd-server:8080/v1"),
        ("https://example.com.", "https://example.com"),
    ],
)
def test_a_usable_address_is_kept_tidily(typed: str, saved: str) -> None:
    assert checked_base_url(typed) == saved


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "api.example.com",
        "ftp://example.com",
        "file:///etc/passwd",
        "gopher://example.com",
        "data:text/plain,x",
        "javascript:alert(1)",
        "https://",
        "https:///v1",
        "https://user@example.com",
        "https://user:word@example.com",
        "https://example.com@evil.example",
        "https://example.com?key=1",
        "https://example.com/#@evil.example",
        "https://example.com?",
        "https://exa mple.com",
        "https://example.com\\@evil.example",
        "https://example.com\r\nHost: x",
        "https://example.com\x00",
        "https://example.com:0",
        "https://example.com:65536",
        "https://example.com:port",
        "https://-bad-.example",
        "https://a..b",
        "https://2130706433",
        "https://0x7f.1",
        "https://127.1",
        "https://0.0.0.0",
        "https://169.254.169.254/latest",
        "https://[fe80::1]",
        "https://[fe80::1%25eth0]",
        "https://224.0.0.1",
        "https://[::1",
        "http://example.com/v1",
        "http://8.8.8.8/v1",
        "https://example.com/" + "a" * 8192,
    ],
)
def test_an_unusable_address_gets_a_sentence(typed: str) -> None:
    with pytest.raises(BadAddress) as refused:
        checked_base_url(typed)
    assert refused.value.problem.endswith(".")
    assert refused.value.field == "base_url"


@given(st.text(max_size=200))
def test_no_text_breaks_the_address_check(typed: str) -> None:
    try:
        saved = checked_base_url(typed)
    except BadAddress:
        return
    assert checked_base_url(saved) == saved


# --- keys


def test_without_any_key_a_vendor_is_simulated(session: Session, settings: Settings) -> None:
    found = service.resolve(session, settings, "openai", SOMEBODY)
    assert (found.simulated, found.base_url) == (True, "http://127.0.0.1:9/openai/v1")


def test_without_simulator_there_is_no_key(session: Session, tmp_path: Path) -> None:
    found = service.resolve(session, settings_in(tmp_path), "openai", SOMEBODY)
    assert (found.simulated, found.base_url, found.api_key) == (False, None, None)


def test_a_saved_key_is_used_and_shown_as_its_last_four(
    session: Session, settings: Settings, keyring: Keyring
) -> None:
    service.save_key(session, keyring, "openai", f"  {KEY}\n")
    found = service.resolve(session, settings, "openai", SOMEBODY)
    assert (found.simulated, found.base_url, found.api_key) == (False, None, KEY)
    row = service.provider_rows(session, settings, today=TODAY)[0]
    assert (row.provider, row.source, row.last_four) == ("openai", "saved", "cdef")
    assert KEY not in repr((row, found))


def test_nothing_of_a_key_is_readable_in_the_database(session: Session, keyring: Keyring) -> None:
    service.save_key(session, keyring, "openai", KEY)
    stored = session.execute(text("SELECT sealed, provider_keys::text FROM provider_keys")).one()
    assert KEY.encode() not in bytes(stored[0])
    assert KEY not in stored[1]


def test_a_new_key_replaces_the_old_one_and_can_be_removed(
    session: Session, settings: Settings, keyring: Keyring
) -> None:
    service.save_key(session, keyring, "flux", KEY)
    service.save_key(session, keyring, "flux", "another-key-9876")
    assert service.resolve(session, settings, "flux", SOMEBODY).api_key == "another-key-9876"
    service.remove_key(session, "flux")
    assert service.resolve(session, settings, "flux", SOMEBODY).simulated


def test_the_environments_key_is_second(session: Session, tmp_path: Path) -> None:
    configured = ProviderSettings(api_key="environment-1234", base_url="https://proxy.example/v1")
    settings = settings_in(tmp_path, providers={"gemini": configured})
    found = service.resolve(session, settings, "gemini", SOMEBODY)
    assert (found.api_key, found.base_url) == ("environment-1234", "https://proxy.example/v1")
    row = next(
        row for row in service.provider_rows(session, settings, today=TODAY) if row.provider == "gemini"
    )
    assert (row.source, row.last_four, row.base_url_source) == ("environment", "1234", "environment")
    service.save_key(session, service.keyring_of(settings), "gemini", KEY)
    assert service.resolve(session, settings, "gemini", SOMEBODY).api_key == KEY


def test_nothing_is_shown_of_a_very_short_key(session: Session, settings: Settings, keyring: Keyring) -> None:
    service.save_key(session, keyring, "openai", "hunter2")
    assert service.provider_rows(session, settings, today=TODAY)[0].last_four == ""


def test_a_row_moved_to_another_provider_does_not_open(
    session: Session, settings: Settings, keyring: Keyring
) -> None:
    service.save_key(session, keyring, "openai", KEY)
    session.execute(text("UPDATE provider_keys SET provider = 'flux'"))
    with pytest.raises(SealError):
        service.resolve(session, settings, "flux", SOMEBODY)


@pytest.mark.parametrize("key", ["", "   ", "two words", "key\nkey", "ключ", "x" * 501, "\x00", "\ud800"])
def test_what_is_no_key_is_refused(session: Session, keyring: Keyring, key: str) -> None:
    with pytest.raises(BadInput) as refused:
        service.save_key(session, keyring, "openai", key)
    assert refused.value.field == "key"


@pytest.mark.parametrize("provider", ["", "compatible", "custom-nowhere", "openai'; --"])
def test_keys_and_calls_for_unknown_providers_are_refused(
    session: Session, settings: Settings, keyring: Keyring, provider: str
) -> None:
    with pytest.raises(BadInput):
        service.save_key(session, keyring, provider, KEY)
    with pytest.raises(BadInput):
        service.save_base_url(session, provider, "https://example.com")
    with pytest.raises(UnknownProvider):
        service.resolve(session, settings, provider, SOMEBODY)


def test_a_base_url_replaces_the_vendors_and_the_simulator(session: Session, settings: Settings) -> None:
    service.save_base_url(session, "openai", "https://gateway.example/v1/")
    found = service.resolve(session, settings, "openai", SOMEBODY)
    assert (found.base_url, found.declared_by_owner, found.simulated) == (
        "https://gateway.example/v1",
        True,
        False,
    )
    service.save_base_url(session, "openai", " ")
    assert service.resolve(session, settings, "openai", SOMEBODY).simulated


def test_every_vendor_has_a_row_and_a_simulator(session: Session, settings: Settings) -> None:
    rows = service.provider_rows(session, settings, today=TODAY)
    assert [row.provider for row in rows] == list(VENDORS)
    assert {row.source for row in rows} == {"simulated"}
    assert all(row.models for row in rows)


def test_a_model_that_is_gone_is_noticed(session: Session, settings: Settings) -> None:
    row = service.provider_rows(session, settings, today=TODAY)[0]
    assert any("DALL·E 3" in words for words in row.notices)


async def test_a_simulated_provider_needs_no_test(session: Session, settings: Settings) -> None:
    answer = await probe(service.resolve(session, settings, "flux", SOMEBODY))
    assert answer.ok
    assert "Simulated" in answer.message


async def test_testing_without_a_key_says_so() -> None:
    answer = await probe(Connection(provider="openai", base_url=None, api_key=None))
    assert (answer.ok, answer.failure) == (False, FailureKind.NO_KEY)
