"""The frame's person, the thread pool in front of the core, and what a failed event says."""

import asyncio
import logging
import threading
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from reflex.state import StateUpdate
from reflex_base.event.context import EventContext
from sqlalchemy import select
from sqlmodel import Session, col

from runtz_app import threads
from runtz_app.state.session import TROUBLE, SessionState, initials, tell_trouble
from runtz_app.threads import run_core
from runtz_core.users.models import User


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Owner", "O"), ("Mira Vela", "MV"), ("ada m. lovelace", "AL"), ("", "?"), ("  ", "?"), ("Łukasz", "Ł")],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def rename(session: Session, person: UUID, name: str) -> None:
    session.get_one(User, person).name = name


def name_of(session: Session, person: UUID) -> str:
    session.rollback()
    return str(session.execute(select(col(User.name)).where(col(User.id) == person)).scalar_one())


async def test_a_call_into_the_core_is_one_transaction(session: Session, person: UUID) -> None:
    await run_core(rename, person, "Grace")
    assert name_of(session, person) == "Grace"


async def test_a_call_that_raises_changes_nothing(session: Session, person: UUID) -> None:
    def spoil(session: Session) -> None:
        rename(session, person, "Nobody")
        session.flush()
        raise LookupError("spoiled")

    with pytest.raises(LookupError, match="spoiled"):
        await run_core(spoil)
    assert name_of(session, person) == "Ada"


async def test_the_event_loop_stays_free_meanwhile(session: Session, person: UUID) -> None:
    go_on = threading.Event()

    def wait(session: Session) -> bool:
        return go_on.wait(10)

    waiting = asyncio.create_task(run_core(wait))
    await run_core(rename, person, "Grace")
    go_on.set()
    assert await waiting


async def test_a_call_that_takes_too_long_is_given_up_but_not_torn(
    session: Session, person: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "PATIENCE", 0.01)
    go_on, done = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        go_on.wait(10)
        rename(session, person, "Grace")
        session.commit()
        done.set()

    with pytest.raises(TimeoutError):
        await run_core(slow)
    go_on.set()
    assert done.wait(10)
    assert name_of(session, person) == "Grace"


class Namespace:
    """Where Reflex would send updates to browsers."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []

    async def emit_update(self, update: StateUpdate, token: str) -> None:
        self.sent.append((token, update.delta))


async def test_a_failed_event_is_said_in_its_tab_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def ignore(*_: object) -> None: ...

    context = EventContext(
        token="tab-1",
        txid="",
        state_manager=None,
        enqueue_impl=ignore,
        emit_delta_impl=ignore,
        emit_event_impl=ignore,
    )
    namespace = Namespace()
    reset = EventContext.set(context)
    try:
        with caplog.at_level(logging.ERROR):
            await tell_trouble(SimpleNamespace(event_namespace=namespace), ValueError("the cause"))
    finally:
        EventContext.reset(reset)
    assert namespace.sent == [("tab-1", {SessionState.get_full_name(): {"trouble_rx_state_": TROUBLE}})]
    assert "the cause" in caplog.text
    assert "trouble" in SessionState.__fields__
