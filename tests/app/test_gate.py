"""Nothing of ours answers a stranger, except what is listed; a tab's state belongs to one person."""

from typing import Any
from uuid import UUID

import pytest
from reflex_base.event import Event
from sqlalchemy import text
from sqlmodel import Session

from runtz_app.state.session import SessionState
from runtz_core.credits import service as credits
from runtz_core.users import service as users
from tests.app.tab import Tab, tab, visitor
from tests.conftest import make_person

__all__ = ["tab", "visitor"]  # fixtures

ROOT = "reflex___state____state"


def named(name: str, **payload: Any) -> Event:
    return Event(name=name, payload=payload)


async def sign_out(session: Session, tab: Tab) -> None:
    users.end_session(session, tab.cookie.removeprefix("session="))
    session.commit()


@pytest.mark.parametrize(
    "cookie",
    [
        "session=made-up",
        "session=",
        "session",
        "other=1; session=\x00",
        "__Host-session=x",
        "a=b; ;;=",
        "\ud800",
    ],
)
async def test_no_made_up_cookie_opens_the_gate(visitor: Tab, cookie: str) -> None:
    visitor.cookie = cookie
    await visitor.send(SessionState.load)
    assert visitor.redirects() == ["/welcome"]


async def test_a_signed_in_person_passes(tab: Tab) -> None:
    await tab.send(SessionState.load)
    state = await tab.state(SessionState)
    assert tab.redirects() == []
    assert (state.name, state.initials, state.available, state.held) == ("Ada", "A", 10_000, 0)


async def test_a_sign_out_counts_from_the_next_event_of_an_open_tab(tab: Tab, session: Session) -> None:
    await tab.send(SessionState.load)
    await sign_out(session, tab)
    await tab.send(SessionState.load)
    assert tab.redirects() == ["/welcome"]


async def test_a_disabled_person_is_out_with_the_next_event(tab: Tab, session: Session) -> None:
    await tab.send(SessionState.load)
    session.execute(text("UPDATE users SET disabled_at = clock_timestamp()"))
    session.commit()
    await tab.send(SessionState.load)
    assert tab.redirects() == ["/welcome"]


async def test_the_role_is_read_from_the_database_not_from_state(tab: Tab) -> None:
    root = await tab.states.get_state(_token(tab))
    (await root.get_state(SessionState)).is_owner = True
    await tab.send(named(f"{ROOT}.runtz_app___pages___settings___keys____keys_state.load"))
    assert tab.redirects() == ["/"]


def _token(tab: Tab) -> Any:
    import reflex as rx

    return rx.BaseStateToken(ident=tab.token, cls=SessionState)


@pytest.mark.parametrize("snapshot", ["hydrate", "hydrate_and_load"])
async def test_whoever_else_presents_a_tabs_token_finds_it_empty(
    tab: Tab, session: Session, snapshot: str
) -> None:
    await tab.send(SessionState.load)
    assert (await tab.state(SessionState)).available == 10_000
    stranger = make_person(session, available=7, name="Eve")
    tab.cookie = f"session={users.start_session(session, stranger)}"
    session.commit()
    await tab.send(named(f"{ROOT}.{snapshot}"))
    assert (await tab.state(SessionState)).available == 0


async def test_without_a_cookie_a_tabs_token_shows_nothing(tab: Tab) -> None:
    await tab.send(SessionState.load)
    tab.cookie = ""
    await tab.send(named(f"{ROOT}.hydrate"))
    assert (await tab.state(SessionState)).name == ""


async def test_events_of_another_person_are_refused_in_a_tab(tab: Tab, session: Session) -> None:
    await tab.send(SessionState.load)
    tab.cookie = f"session={users.start_session(session, make_person(session, available=7))}"
    session.commit()
    await tab.send(SessionState.load)
    assert tab.redirects() == ["/welcome"]
    assert (await tab.state(SessionState)).available == 10_000


async def test_the_same_person_keeps_a_tabs_state(tab: Tab, session: Session, person: UUID) -> None:
    await tab.send(SessionState.load)
    tab.cookie = f"session={users.start_session(session, person)}"
    session.commit()
    await tab.send(named(f"{ROOT}.hydrate"))
    assert (await tab.state(SessionState)).name == "Ada"


async def test_no_variable_can_be_set_from_outside(tab: Tab) -> None:
    await tab.send(SessionState.load)
    with pytest.raises(AttributeError):
        await tab.send(named(f"{SessionState.get_full_name()}.setvar", var_name="available", value=10**9))
    assert (await tab.state(SessionState)).available == 10_000


async def test_a_page_load_fills_an_infinity_account(tab: Tab, session: Session) -> None:
    session.execute(text("UPDATE users SET tier = 'infinity'"))
    session.execute(text("UPDATE accounts SET balance = 40 WHERE kind = 'available'"))
    session.commit()
    await tab.send(SessionState.load)
    assert (await tab.state(SessionState)).available == credits.INFINITY_LEVEL
