"""One open tab without a browser: events go through Reflex's own processor and our gate, state is real."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory
from reflex_base.event import Event
from reflex_base.event.context import EventContext
from reflex_base.event.processor import BaseStateEventProcessor
from sqlalchemy import Engine
from sqlmodel import Session

from runtz_core.users import service as users


@dataclass
class Tab:
    """Sends events as a browser would, and shows the state as it is then."""

    processor: BaseStateEventProcessor
    states: StateManagerMemory
    sent_back: list[Event]
    cookie: str = ""
    path: str = "/"
    query: dict[str, str] = field(default_factory=dict)
    token: str = field(default_factory=lambda: str(uuid4()))

    async def send(self, event: Any) -> None:
        """Handle an event and everything it sets off."""
        for one in Event.from_event_type(event):
            object.__setattr__(one, "router_data", self._router_data())
            await (await self.processor.enqueue(self.token, one)).wait_all()

    def _router_data(self) -> dict[str, Any]:
        headers = {"origin": "http://localhost:3000", "cookie": self.cookie}
        address = self.path + "".join(f"?{name}={value}" for name, value in self.query.items())
        return {
            "pathname": self.path, "asPath": address, "query": self.query, "headers": headers,
            "token": self.token, "sid": "sid", "ip": "127.0.0.1",
        }  # fmt: skip

    async def state(self, cls: type[rx.State]) -> Any:
        """The state of this tab."""
        root = await self.states.get_state(rx.BaseStateToken(ident=self.token, cls=cls))
        return await root.get_state(cls)

    def redirects(self) -> list[str]:
        """Where the browser was told to go."""
        return [event.payload["path"] for event in self.sent_back if event.name == "_redirect"]


@pytest.fixture
async def visitor(database: Engine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Tab]:
    """A tab without a session."""
    from runtz_app.gate import Gate
    from runtz_app.runtz_app import app  # one app per process, made once settings are known

    # A door of its own: another test's pace is not this one's.
    monkeypatch.setattr(app, "_middlewares", [Gate(events_per_second=10_000.0)])
    sent_back: list[Event] = []

    async def keep(token: str, *events: Event) -> None:
        sent_back.extend(events)

    async def ignore(*_: object) -> None: ...

    # Without a socket nobody asks for the whole state.
    monkeypatch.setattr(BaseStateEventProcessor, "_rehydrate", ignore)
    states = StateManagerMemory()
    processor = BaseStateEventProcessor(middleware=app, graceful_shutdown_timeout=1)
    processor._root_context = EventContext(
        token="", txid="", state_manager=states, enqueue_impl=processor.enqueue_many,
        emit_delta_impl=ignore, emit_event_impl=keep,
    )  # fmt: skip
    async with processor:
        yield Tab(processor=processor, states=states, sent_back=sent_back)
    await states.close()


@pytest.fixture
async def tab(visitor: Tab, session: Session, person: UUID) -> Tab:
    """A tab of `person`, signed in."""
    visitor.cookie = f"session={users.start_session(session, person)}"
    session.commit()
    return visitor
