"""Origins, sockets, the content policy and what goes into logs."""

import logging
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from runtz_app.logs import WithoutEvents
from runtz_app.scripts import script_hashes
from runtz_app.security import (
    ANY_ADDRESS,
    CLOSED_PATHS,
    Shield,
    origins,
    page_policy,
    session_cookie,
    session_token,
)
from runtz_core.settings import Settings


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


class Inner:
    """The app behind the shield: notes what gets through."""

    def __init__(self) -> None:
        self.reached: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.reached.append(scope["type"])


async def knock(
    kind: str, headers: dict[str, str], path: str = "/_event", method: str = "GET"
) -> tuple[list[str], list[Message]]:
    """What reached the app, and what was sent instead."""
    inner, sent = Inner(), []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    shield = Shield(inner, allowed=("http://127.0.0.1:3000",), policy="p", https=True)
    await shield({"type": kind, "path": path, "method": method, "headers": raw}, receive, send)
    return inner.reached, sent


async def test_a_socket_of_our_own_page_opens() -> None:
    assert (await knock("websocket", {"Origin": "http://127.0.0.1:3000"}))[0] == ["websocket"]


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": ""}]
)
async def test_a_foreign_or_nameless_socket_is_refused_before_any_event(headers: dict[str, str]) -> None:
    reached, sent = await knock("websocket", headers)
    assert reached == []
    assert sent[0]["type"] == "websocket.close"


@pytest.mark.parametrize("closed", CLOSED_PATHS)
async def test_what_reflex_offers_and_we_do_not_use_is_closed(closed: str) -> None:
    for path in (closed, f"{closed}/file.png"):
        reached, sent = await knock("http", {}, path=path)
        assert (reached, sent[0]["status"]) == ([], 404)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/assets/page-1a2b.js", "immutable"),
        ("/fonts/inter.woff2", "immutable"),  # asked for anew, its preload goes unused and the browser warns
        ("/vault", "no-cache"),
        ("/api/me", "no-store"),
    ],
)
async def test_browsers_keep_what_never_changes(path: str, kept: str) -> None:
    sent: list[Message] = []

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    shield = Shield(page, allowed=(), policy="p", https=False)
    await shield({"type": "http", "path": path, "method": "GET", "headers": []}, receive, send)
    assert kept in dict(sent[0]["headers"])[b"cache-control"].decode()


async def test_over_https_browsers_are_told_to_stay_there() -> None:
    _, sent = await knock("http", {}, path=CLOSED_PATHS[0])
    assert b"strict-transport-security" in dict(sent[0]["headers"])


def test_origins_are_explicit_whatever_is_configured() -> None:
    for values in (
        {},
        {"port": 80},
        {"host": ANY_ADDRESS[0]},
        {"host": ANY_ADDRESS[1]},
        {"public_url": "https://a.example/"},
    ):
        found = origins(settings(**values))
        assert found
        assert "*" not in "".join(found)
        assert all(origin.count("/") == 2 for origin in found)


@pytest.mark.parametrize(
    ("values", "origin"),
    [
        ({"port": 8123}, "http://127.0.0.1:8123"),
        ({"port": 8123}, "http://localhost:8123"),
        ({"port": 80}, "http://localhost"),
        ({"host": "192.168.1.5", "port": 3000}, "http://192.168.1.5:3000"),
        ({"host": "fd00::1", "port": 3000}, "http://[fd00::1]:3000"),
        ({"public_url": "https://runtz.example:8443/x"}, "https://runtz.example:8443"),
    ],
)
def test_pages_may_come_from_where_the_server_listens(values: dict[str, Any], origin: str) -> None:
    assert origin in origins(settings(**values))


def test_the_policy_admits_built_scripts_by_hash_only(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "index.html").write_text(
        '<script>alert("a")</script><script type="module" src="/x.js"></script>'
    )
    (tmp_path / "sub" / "index.html").write_text('<script>alert("a")</script><script nonce="">b()</script>')
    hashes = script_hashes(tmp_path)
    assert len(hashes) == 2
    policy = page_policy(hashes)
    assert all(f"'{value}'" in policy for value in hashes)
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
    assert script_hashes(tmp_path / "none") == ()


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("session=abc", "abc"),
        ("a=1; session=abc; b=2", "abc"),
        ("session=", None),
        ("", None),
        ("sessions=abc", None),
    ],
)
def test_the_token_is_found_in_a_cookie_header(header: str, token: str | None) -> None:
    assert session_token(header, settings()) == token


def test_over_https_only_the_host_bound_cookie_counts() -> None:
    secure = settings(public_url="https://runtz.example")
    assert session_cookie(secure).secure
    assert session_token("session=abc", secure) is None
    assert session_token("__Host-session=abc", secure) == "abc"


def test_logs_say_which_event_failed_and_nothing_of_it() -> None:
    record = logging.LogRecord(
        "reflex.app",
        logging.ERROR,
        "f",
        1,
        "Failed: Event(name='x', payload={'key': %r})",
        ("sk-secret",),
        None,
    )
    assert WithoutEvents().filter(record)
    assert "sk-secret" not in record.getMessage()
    assert record.getMessage().startswith("Failed: Event(")
