"""How fast and how often: events, submissions, sockets, and what leaves a tab when its session ends (S02, S10, S27)."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from reflex_base.event import Event
from sqlmodel import Session
from starlette.types import Message, Receive, Scope, Send

from runtz_app.access import FRAMEWORK_EVENTS, SUBMITTING, may_start_work
from runtz_app.gate import BURST_SECONDS, LOAD_SECONDS, SUBMITS_AT_ONCE, Gate
from runtz_app.pace import KEPT, Pace, Places
from runtz_app.sockets import VISITORS, FewSockets
from runtz_app.state.session import SessionState
from runtz_core.users import service as users
from tests.app.tab import Tab
from tests.conftest import make_person


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def admitted(pace: Pace, key: str, count: int) -> int:
    return sum(pace.admits(key) for _ in range(count))


def test_a_burst_and_then_the_steady_pace() -> None:
    clock = Clock()
    pace = Pace(per_second=20, burst=100, clock=clock)
    assert admitted(pace, "ada", 10_000) == 100
    assert admitted(pace, "bob", 5) == 5, "each has their own"
    clock.now += 1
    assert admitted(pace, "ada", 10_000) == 20
    clock.now += 3600
    assert admitted(pace, "ada", 10_000) == 100, "waiting saves up no more than a burst"


def test_a_clock_that_jumps_back_takes_nothing_away() -> None:
    clock = Clock()
    pace = Pace(per_second=20, burst=100, clock=clock)
    assert admitted(pace, "ada", 40) == 40
    clock.now -= 3600
    assert admitted(pace, "ada", 100) == 60
    clock.now += 1
    assert admitted(pace, "ada", 100) == 20


def test_a_million_names_take_no_more_room_than_a_few() -> None:
    pace = Pace(per_second=20, burst=100, clock=Clock())
    for number in range(KEPT * 2):
        pace.admits(str(number))
    assert len(pace._buckets) == KEPT


def test_places_come_back() -> None:
    places = Places(2)
    assert [places.take("ada"), places.take("ada"), places.take("ada"), places.take("bob")] == [
        True,
        True,
        False,
        True,
    ]
    places.leave("ada")
    assert places.take("ada")
    for key in ("ada", "ada", "bob"):
        places.leave(key)
    assert places._taken == {}


@pytest.fixture
def slow_gate(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> Tab:
    """A tab whose gate has refilled nothing since it opened."""
    from runtz_app.runtz_app import app

    gate = Gate(events_per_second=20.0)
    for pace in vars(gate).values():
        pace._clock = Clock()
    monkeypatch.setattr(app, "_middlewares", [gate])
    return tab


@pytest.fixture
def told(slow_gate: Tab) -> list[Any]:
    """What the browser of that tab was sent."""
    heard: list[Any] = []
    context = slow_gate.processor._root_context
    assert context is not None

    async def hear(token: str, delta: Any) -> None:
        heard.append(delta)

    object.__setattr__(context, "emit_delta_impl", hear)
    return heard


async def test_too_many_events_are_told_so_and_do_nothing(slow_gate: Tab, told: list[Any]) -> None:
    for _ in range(int(20 * BURST_SECONDS)):
        await slow_gate.send(SessionState.dismiss_trouble)
    state = await slow_gate.state(SessionState)
    state.trouble = "still there"
    told.clear()
    await slow_gate.send(SessionState.dismiss_trouble)
    assert "Nothing was done or charged" in str(told)
    assert (await slow_gate.state(SessionState)).trouble == "still there"


async def test_a_flood_leaves_no_page_empty(slow_gate: Tab) -> None:
    for _ in range(int(20 * BURST_SECONDS) + 50):
        await slow_gate.send(SessionState.dismiss_trouble)
    await slow_gate.send(SessionState.load)
    assert (await slow_gate.state(SessionState)).name == "Ada"


async def test_pages_that_come_too_fast_say_that_they_are_to_be_reloaded(
    slow_gate: Tab, told: list[Any]
) -> None:
    hydrate = next(name for name in FRAMEWORK_EVENTS if name.endswith(".hydrate"))
    for _ in range(int(20 * LOAD_SECONDS)):
        await slow_gate.send(Event(name=hydrate, payload={}))
    told.clear()
    await slow_gate.send(SessionState.load)
    assert "reload it" in str(told)
    assert (await slow_gate.state(SessionState)).name == ""


async def test_work_is_started_at_a_slower_pace(slow_gate: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    from runtz_app import gate

    told: list[str] = []
    say = gate._say
    monkeypatch.setattr(gate, "_say", lambda words: told.append(words) or say(words))
    name = next(name for name in SUBMITTING if name.endswith("welcome_state.start"))
    for _ in range(SUBMITS_AT_ONCE + 3):
        await slow_gate.send(Event(name=name, payload={}))
    assert told == [gate.TOO_FAST] * 3


def test_running_a_card_again_is_work_and_keeping_it_is_not() -> None:
    act = "reflex___state____state.runtz_app___state___comparison____comparison_state.act"
    assert may_start_work(act, {"action": "again"})
    assert not may_start_work(act, {"action": "keep"})


# --- sockets


class Held:
    """The app behind: holds every socket open until told."""

    def __init__(self) -> None:
        self.open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.open += 1
        await receive()
        self.open -= 1


async def connect(limited: FewSockets, cookie: str, address: str = "10.0.0.1") -> tuple[Any, list[Message]]:
    """A socket that stays open: its coroutine, stopped where the app behind waits, and what was sent."""
    sent: list[Message] = []
    leave = asyncio.Event()

    async def receive() -> Message:
        await leave.wait()
        return {"type": "websocket.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"cookie", cookie.encode())] if cookie else []
    scope = {"type": "websocket", "path": "/_event", "headers": headers, "client": (address, 1)}
    task = asyncio.create_task(limited(scope, receive, send))
    task.leave = leave  # type: ignore[attr-defined]
    return task, sent


async def settled(held: Held, tasks: list[Any], expected: int) -> None:
    async with asyncio.timeout(20):
        while held.open != expected or sum(task.done() for task in tasks) != len(tasks) - expected:
            await asyncio.sleep(0)


async def test_one_person_has_so_many_sockets_and_gets_places_back(session: Session, person: UUID) -> None:
    held = Held()
    limited = FewSockets(held, most=3)
    cookies = [f"session={users.start_session(session, person)}" for _ in range(2)]
    other = f"session={users.start_session(session, make_person(session, name='Eve'))}"
    session.commit()
    mine = [await connect(limited, cookies[number % 2]) for number in range(5)]
    await settled(held, [task for task, _ in mine], 3)
    assert [sent[0]["code"] for _, sent in mine if sent] == [1013, 1013]
    mine.append(await connect(limited, other))
    await settled(held, [task for task, _ in mine], 4)
    for task, _ in mine:
        task.leave.set()
        await task
    assert limited._people._taken == {}


async def test_visitors_are_counted_by_address(database: object) -> None:
    held = Held()
    limited = FewSockets(held, most=2)
    tabs = [await connect(limited, "session=made-up") for _ in range(2 * VISITORS + 2)]
    await settled(held, [task for task, _ in tabs], 2 * VISITORS)
    for task, _ in tabs:
        task.leave.set()
        await task
    assert limited._visitors._taken == {}
