"""Every event and every route is listed as open, or turns away who it is not for: strangers, and members (S04, S36)."""

import pkgutil
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import reflex as rx
from reflex.page import DECORATED_PAGES
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext
from sqlmodel import Session
from starlette.routing import Route

import runtz_app.pages
from runtz_app import access
from runtz_app.access import Access
from runtz_app.api.routes import ROUTES, api
from runtz_app.state.session import SessionState
from runtz_core.users import service as users
from tests.app.client import sit
from tests.app.tab import Tab


def handlers() -> list[str]:
    """Every event a browser can name, once the app is put together."""
    import runtz_app.runtz_app  # noqa: F401

    return sorted(RegistrationContext.get().event_handlers)


def ours() -> list[str]:
    return [name for name in handlers() if access.module_of(name).startswith("runtz_app")]


NOBODYS = str(UUID(int=7))  # an id that exists nowhere, the same in every process that collects these tests


def routes() -> list[tuple[str, str]]:
    """(method, path) of everything mounted, with ids that exist nowhere."""
    found = []
    for route in ROUTES:
        assert isinstance(route, Route), "a mounted app would bring routes of its own"
        path = route.path.replace("{name}", f"{NOBODYS}.png").replace("{rest:path}", "x")
        for name in (
            "image_id",
            "call_id",
            "job_id",
            "session_id",
            "user_id",
            "invite_id",
            "share_id",
            "shelf_id",
            "batch_id",
            "prompt_id",
            "preset_id",
            "grading_id",
            "token",
            "token_id",
        ):
            path = path.replace(f"{{{name}}}", NOBODYS)
        assert "{" not in path, f"{route.path} takes something this test does not know"
        found += [(method, path) for method in sorted((route.methods or {"GET"}) - {"HEAD"})]
    return found


# --- events


def test_every_module_with_events_is_listed(visitor: Tab) -> None:
    modules = {access.module_of(name) for name in ours()}
    assert len(modules) > 6
    unlisted = [
        module for module in modules
        if not any(module == listed or module.startswith(f"{listed}.") for listed in access.EVENTS)
    ]  # fmt: skip
    assert unlisted == []


def test_every_listed_event_exists(visitor: Tab) -> None:
    known = set(handlers())
    assert known >= access.PUBLIC_EVENTS | access.FRAMEWORK_EVENTS | access.SUBMITTING


def test_no_framework_event_is_one_of_ours(visitor: Tab) -> None:
    assert [name for name in access.FRAMEWORK_EVENTS if "runtz_app" in name] == []


@pytest.mark.parametrize(
    "name",
    [
        "x", "", "setvar", f"{access.ROOT}.setvar", f"{access.ROOT}.a.b", "runtz_app.state",
        f"{access.ROOT}.runtz_app___x____y.z", f"{access.ROOT}.runtz_app___statement____s.load",
        f"{access.ROOT}.runtz_app___pages___usages____u.load",
    ],
)  # fmt: skip
def test_what_is_not_listed_is_the_owners_alone(name: str) -> None:
    assert access.of_event(name) is Access.OWNER


async def test_every_event_that_is_not_open_turns_a_stranger_away(visitor: Tab) -> None:
    closed = [name for name in handlers() if access.of_event(name) is not Access.PUBLIC]
    assert len(closed) > 30
    for name in closed:
        visitor.sent_back.clear()
        visitor.token = str(uuid4())
        await visitor.send(Event(name=name, payload={}))
        assert visitor.redirects() == ["/welcome"], name


async def test_every_event_of_the_owner_turns_a_member_away(tab: Tab) -> None:
    closed = [name for name in handlers() if access.of_event(name) is Access.OWNER]
    assert len([name for name in closed if "runtz_app" in name]) > 10
    for name in closed:
        tab.sent_back.clear()
        await tab.send(Event(name=name, payload={}))
        assert tab.redirects() == ["/"], name


async def test_the_role_in_the_page_opens_nothing(tab: Tab) -> None:
    root = await tab.states.get_state(rx.BaseStateToken(ident=tab.token, cls=SessionState))
    session = await root.get_state(SessionState)
    session.is_owner = True
    name = next(name for name in ours() if access.of_event(name) is Access.OWNER)
    await tab.send(Event(name=name, payload={}))
    assert tab.redirects() == ["/"]


def test_no_variable_has_a_setter_that_a_browser_could_call(visitor: Tab) -> None:
    known, states = set(handlers()), _states(rx.State)
    assert len(states) > 6
    setters = {f"{state.get_full_name()}.set_{name}" for state in states for name in state.base_vars}
    assert known & setters == set()


async def test_setting_a_variable_of_any_state_fails(tab: Tab) -> None:
    for state in _states(rx.State):
        if access.of_event(f"{state.get_full_name()}.setvar") is Access.SIGNED_IN:
            name = next(iter(state.base_vars))
            with pytest.raises(AttributeError):
                await tab.send(
                    Event(name=f"{state.get_full_name()}.setvar", payload={"var_name": name, "value": "x"})
                )


def _states(top: Any) -> list[Any]:
    below = [state for child in top.get_substates() for state in (child, *_states(child))]
    return [state for state in below if state.__module__.startswith("runtz_app")]


# --- pages


async def test_every_page_is_open_or_sends_a_stranger_to_the_door(visitor: Tab) -> None:
    handlers()
    seen = 0
    for registered in DECORATED_PAGES.values():
        for _, options in registered:
            route = "/" + options["route"].strip("/")
            seen += 1
            for event in options.get("on_load") or []:
                visitor.sent_back.clear()
                visitor.path, visitor.token = route, str(uuid4())
                await visitor.send(event)
                went = {path.partition("?")[0] for path in visitor.redirects()}
                assert went == (set() if route in access.PUBLIC_PAGES else {"/welcome"}), route
            if route not in access.PUBLIC_PAGES:
                assert options.get("on_load"), f"{route} shows itself to anybody"
    assert seen >= len(list(pkgutil.iter_modules(runtz_app.pages.__path__))) // 2


async def test_the_door_leads_back_to_the_page_that_was_asked_for(visitor: Tab) -> None:
    visitor.path = "/history"
    await visitor.send(SessionState.load)
    assert visitor.redirects() == ["/welcome?next=%2Fhistory"]


async def test_who_is_signed_out_at_the_door_is_told_so(visitor: Tab) -> None:
    visitor.path = "/welcome"
    start = next(name for name in access.SUBMITTING if name.endswith("welcome_state.start"))
    await visitor.send(Event(name=start, payload={}))
    assert visitor.redirects() == ["/welcome?problem=out"]


# --- routes


def test_what_is_mounted_is_what_is_listed() -> None:
    assert api.routes == ROUTES
    assert {path for _, path in routes()} >= access.PUBLIC_ROUTES
    assert {path for path in access.PUBLIC_ROUTES if not path.startswith("/api/auth/")} == set()


@pytest.mark.parametrize(("method", "path"), routes())
async def test_every_route_that_is_not_open_turns_a_stranger_away(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await client.request(method, path)
    if path == "/health":
        assert answer.json() == {"status": "ok"}
    elif path == "/ready":
        assert answer.status_code in (200, 503)
        assert set(answer.json()) == {"status", "database", "redis", "worker", "disk"}
    elif path == "/metrics":
        assert (answer.status_code, answer.text) == (404, "There is nothing here."), "it is for this machine"
    elif access.of_route(path) is Access.PUBLIC:
        assert "session" not in answer.cookies
    elif access.of_route(path) is Access.TOKEN:
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "no_token")
    else:
        assert (answer.status_code, "Sign in first" in answer.text) == (401, True)


@pytest.mark.parametrize(("method", "path"), routes())
async def test_every_route_of_the_owner_is_nothing_to_a_member(
    client: httpx.AsyncClient, session: Session, ada: UUID, method: str, path: str
) -> None:
    sit(client, session, ada)
    answer = await client.request(method, path)
    if access.of_route(path) is Access.OWNER:
        assert (answer.status_code, answer.text) == (404, "There is nothing here.")
    elif access.of_route(path) is Access.SIGNED_IN:
        assert answer.status_code not in (401, 403)
    elif access.of_route(path) is Access.TOKEN:
        assert answer.status_code == 401, "a session's cookie opens nothing here"


def test_a_route_is_the_owners_by_where_it_lies() -> None:
    assert access.of_route("/api/admin/anything") is Access.OWNER
    assert access.of_route("/api/administration") is Access.SIGNED_IN
    assert access.of_route("/api/auth/sign-in/") is Access.SIGNED_IN, "only the exact path is open"


# A path that is also read, a list for one, answers GET with what is there: another function, which only reads.
READ_AND_POSTED = {"/api/exports", "/api/presets", "/api/prompts", "/api/v1/jobs"}


def test_few_paths_are_read_and_posted_to() -> None:
    declared = routes()
    assert {path for method, path in declared if method == "POST" and ("GET", path) in declared} == (
        READ_AND_POSTED
    )


@pytest.mark.parametrize(
    "state_changing", [path for method, path in routes() if method == "POST" and path not in READ_AND_POSTED]
)
async def test_what_changes_something_is_no_get(
    client: httpx.AsyncClient, session: Session, ada: UUID, state_changing: str
) -> None:
    token = sit(client, session, ada)
    by_token = access.of_route(state_changing) is Access.TOKEN
    assert (await client.get(state_changing)).status_code in ((401,) if by_token else (404, 405))
    from runtz_core.settings import get_settings

    assert users.who(session, token, get_settings().timing) is not None


@pytest.mark.parametrize("state_changing", [path for method, path in routes() if method == "POST"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3000.evil.example", ""])
async def test_posts_of_other_sites_are_not_carried_out(
    client: httpx.AsyncClient, session: Session, ada: UUID, state_changing: str, origin: str
) -> None:
    sit(client, session, ada)
    answer = await client.post(
        state_changing, data={"confirm": "delete my account"}, headers={"Origin": origin}
    )
    assert answer.status_code == 403
    assert "came from another site" in answer.text


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost:3000@evil.example", "[::1", "a b", "", "127.0.0.1:1/api/auth"]
)
@pytest.mark.parametrize(
    "path",
    [
        "/api/account/export",
        "/api//auth/sign-out/../../account/export",
        "/api/auth/sign-out/..%2f..%2faccount",
    ],
)
async def test_no_host_and_no_path_moves_the_door(client: httpx.AsyncClient, host: str, path: str) -> None:
    answer = await client.post(path, headers={"Host": host})
    assert answer.status_code in (401, 403, 404)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "X"])
async def test_other_methods_do_nothing(
    client: httpx.AsyncClient, session: Session, ada: UUID, method: str
) -> None:
    sit(client, session, ada)
    for path in ("/api/auth/sign-out", "/api/account/delete", "/health"):
        assert (await client.request(method, path)).status_code in (403, 404, 405)


@pytest.mark.parametrize("path", ["/auth-codespace", "/_upload", "/_upload/x.png", "/_all_routes"])
async def test_what_reflex_offers_besides_is_closed(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize(("method", "path"), [*routes(), ("GET", "/nowhere"), ("GET", "/.git/config")])
async def test_every_answer_carries_the_headers(client: httpx.AsyncClient, method: str, path: str) -> None:
    for headers in ({}, {"Origin": "https://evil.example"}):
        answer = await client.request(method, path, headers=headers)
        policy = answer.headers["content-security-policy"]
        assert all(f"{part} 'none'" in policy for part in ("object-src", "base-uri", "frame-ancestors"))
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers
        if path.startswith("/api/"):
            assert answer.headers["cache-control"] == "no-store"
