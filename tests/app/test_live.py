"""The pump: hints become fresh states in the tabs that watch, and lost hints harm nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
import reflex as rx
from redis import Redis
from reflex.istate.manager.memory import StateManagerMemory
from reflex.state import StateUpdate
from sqlalchemy import text
from sqlmodel import Session

from runtz_app import live
from runtz_app.outlook import Look
from runtz_app.state.session import PersonMixin, SessionState
from runtz_core import events
from runtz_core.db import unit_of_work
from runtz_core.flow.models import Lane
from runtz_core.jobs import service
from runtz_core.users import service as users
from tests.conftest import make_person
from tests.core.conftest import submission

PATIENCE = 10.0  # seconds until something that must happen is given up
JOB, OTHER_JOB = str(uuid4()), str(uuid4())


class WatchingState(PersonMixin, rx.State):
    """A page that notes what it was poked with."""

    poked: tuple[str, ...] = ()
    lanes: int = 0  # how often something was said of providers

    async def _poke_lanes(self) -> None:
        self.lanes += 1

    async def _poke(self, job_id: str | None) -> None:
        self.poked = (*self.poked, job_id or "anything")


@dataclass
class FakeApp:
    """What the pump needs of Reflex: open sockets, states, and a way to the browser."""

    states: StateManagerMemory
    token_to_sid: dict[str, str] = field(default_factory=dict)
    updates: list[tuple[str, StateUpdate]] = field(default_factory=list)
    failing: int = 0  # so many more attempts fail

    @property
    def event_namespace(self) -> "FakeApp":
        return self

    async def emit_update(self, update: StateUpdate, token: str) -> None:
        self.updates.append((token, update))

    @asynccontextmanager
    async def modify_state(self, token: Any) -> AsyncIterator[Any]:
        if self.failing:
            self.failing -= 1
            raise RuntimeError("the state store stumbles")
        async with self.states.modify_state(token) as root:
            yield root

    async def page(self, token: str) -> WatchingState:
        root = await self.states.get_state(rx.BaseStateToken(ident=token, cls=WatchingState))
        return await root.get_state(WatchingState)

    async def poked(self, token: str) -> tuple[str, ...]:
        return (await self.page(token)).poked


async def until(condition: Callable[[], Any], what: str) -> None:
    """Let everything else run until `condition()` (awaited when it must be) holds."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = condition()
            if await found if asyncio.iscoroutine(found) else found:
                return
            await asyncio.sleep(0.005)
    raise AssertionError(what)


@pytest.fixture(autouse=True)
def _brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PUSH_EVERY", 0.02)
    monkeypatch.setattr(live, "RETRY_AFTER", 0.02)


@pytest.fixture
async def app(database: object) -> AsyncIterator[FakeApp]:
    """A running pump."""
    app = FakeApp(StateManagerMemory())
    hints = events.hints()
    before = hints.pubsub_numpat()
    pump = asyncio.create_task(live.pump(app))
    await until(lambda: hints.pubsub_numpat() > before, "the pump listens")
    yield app
    pump.cancel()
    with suppress(asyncio.CancelledError):
        await pump
    pushes = [tab.pushing for tab in live._tabs.values() if tab.pushing]
    for token in list(live._tabs):
        live.forget(token)
    await asyncio.gather(*pushes)
    await app.states.close()


async def open_tab(app: FakeApp, session: Session, person: UUID, job_id: str | None = None) -> str:
    """A tab whose page watches `job_id` (None: all jobs of the person)."""
    token = str(uuid4())
    cookie = f"session={users.start_session(session, person)}"
    session.commit()
    key = rx.BaseStateToken(ident=token, cls=WatchingState)
    async with app.states.modify_state(key) as root:
        root.router_data = root._update_router_vars({"headers": {"cookie": cookie}}, {})
        (await root.get_state(SessionState))._bound_to = str(person)
        await root.get_state(WatchingState)
    app.token_to_sid[token] = "sid"
    live.watch(token, person, WatchingState, job_id)
    return token


def hint(person: UUID, job_id: str = JOB) -> None:
    with unit_of_work() as session:
        events.job_changed(session, person, UUID(job_id))


async def test_a_committed_change_reaches_the_page_that_shows_it(
    app: FakeApp, session: Session, person: UUID
) -> None:
    token = await open_tab(app, session, person, JOB)
    hint(person)
    await until(lambda: _saw(app, token, JOB), "the poke")


async def _saw(app: FakeApp, token: str, what: str) -> bool:
    return what in await app.poked(token)


async def test_only_watched_jobs_of_the_same_person_poke(
    app: FakeApp, session: Session, person: UUID
) -> None:
    one = await open_tab(app, session, person, JOB)
    every = await open_tab(app, session, person)
    stranger = await open_tab(app, session, make_person(session), JOB)
    hint(person, OTHER_JOB)
    hint(person, JOB)
    await until(lambda: _saw(app, one, JOB), "the watched job")
    await until(lambda: _saw(app, every, JOB), "any job")
    assert OTHER_JOB in await app.poked(every)
    assert OTHER_JOB not in await app.poked(one)
    assert await app.poked(stranger) == ()


async def test_the_frames_figures_follow(app: FakeApp, session: Session, person: UUID) -> None:
    token = await open_tab(app, session, person, JOB)
    session.execute(text("UPDATE accounts SET balance = 1234 WHERE kind = 'available'"))
    session.commit()
    hint(person)
    await until(lambda: _has(app, token, 1234), "the new balance")


async def _has(app: FakeApp, token: str, available: int) -> bool:
    shown = await (await app.page(token)).get_state(SessionState)
    return bool(shown.available == available)


async def test_a_burst_becomes_a_few_pushes_and_the_last_change_is_seen(
    app: FakeApp, session: Session, person: UUID
) -> None:
    token = await open_tab(app, session, person)
    for _ in range(100):
        hint(person)
    hint(person, OTHER_JOB)
    await until(lambda: _saw(app, token, OTHER_JOB), "the last hint")
    assert (await app.poked(token)).count(JOB) < 100


async def test_a_tab_that_is_gone_is_forgotten(app: FakeApp, session: Session, person: UUID) -> None:
    token = await open_tab(app, session, person, JOB)
    del app.token_to_sid[token]
    hint(person)
    await until(lambda: token not in live._tabs, "forgetting")
    assert await app.poked(token) == ()
    assert not live._by_user


async def test_a_tab_that_moved_on_watches_its_new_page_only(
    app: FakeApp, session: Session, person: UUID
) -> None:
    token = await open_tab(app, session, person, JOB)
    live.watch(token, person, WatchingState, OTHER_JOB)
    hint(person, JOB)
    hint(person, OTHER_JOB)
    await until(lambda: _saw(app, token, OTHER_JOB), "the new page")
    assert JOB not in await app.poked(token)


async def test_a_signed_out_tab_learns_nothing_more(app: FakeApp, session: Session, person: UUID) -> None:
    token = await open_tab(app, session, person, JOB)
    session.execute(text("UPDATE sessions SET revoked_at = clock_timestamp()"))
    session.commit()
    hint(person)
    await until(lambda: token not in live._tabs, "forgetting")
    assert await app.poked(token) == ()


async def test_ending_the_sessions_sends_open_tabs_to_the_door(
    app: FakeApp, session: Session, person: UUID
) -> None:
    token = await open_tab(app, session, person, JOB)
    with unit_of_work() as other:
        users.end_sessions(other, person)
    await until(lambda: token not in live._tabs, "forgetting")
    ((told, update),) = app.updates
    assert (told, [event.payload["path"] for event in update.events]) == (token, ["/welcome?problem=out"])


async def test_after_a_lost_connection_every_tab_reads_again(
    app: FakeApp, session: Session, person: UUID
) -> None:
    token = await open_tab(app, session, person, JOB)
    _drop_subscribers(events.hints())
    await until(lambda: _saw(app, token, JOB), "reading again")
    before = len(await app.poked(token))
    hint(person)
    await until(lambda: _more(app, token, before), "hints work again")


def _drop_subscribers(redis: Redis) -> None:
    for client in redis.client_list(_type="pubsub"):
        redis.client_kill_filter(_id=client["id"])


async def _more(app: FakeApp, token: str, than: int) -> bool:
    return len(await app.poked(token)) > than


async def test_a_tab_whose_state_was_wiped_is_asked_to_load_again(
    app: FakeApp, session: Session, person: UUID
) -> None:
    token = await open_tab(app, session, person, JOB)
    await app.states.close()
    app.states = StateManagerMemory()
    hint(person)
    await until(lambda: bool(app.updates), "the request")
    (told, update) = app.updates[0]
    assert told == token
    assert [event.name for event in update.events] == ["reflex___state____state.hydrate_and_load"]
    assert await app.poked(token) == ()


async def test_tabs_that_show_providers_are_told_when_one_does_otherwise_and_nobody_else_is(
    app: FakeApp, session: Session, person: UUID
) -> None:
    studio, elsewhere = await open_tab(app, session, person), await open_tab(app, session, person)
    live.watch_lanes(studio, WatchingState)
    look = Look(app)
    await look.again()
    session.add(Lane(lane=f"openai/{make_person(session)}", room=3))  # somebody's own key
    session.add(Lane(lane="flux/installation", latency=10.0))
    session.commit()
    await look.again()
    await until(lambda: _told_of_lanes(app, studio, 1), "the first news")
    session.execute(text("UPDATE lanes SET latency = 10.4"))  # no news
    session.execute(text("UPDATE lanes SET room = 5 WHERE lane LIKE 'openai%'"))
    session.commit()
    await look.again()
    session.execute(text("UPDATE lanes SET room = 12 WHERE lane LIKE 'flux%'"))
    session.commit()
    await look.again()
    await until(lambda: _told_of_lanes(app, studio, 2), "the second news")
    assert await _told_of_lanes(app, elsewhere, 0)
    live.watch(studio, person)  # it has left the page
    session.execute(text("UPDATE lanes SET room = 13"))
    session.commit()
    await look.again()
    assert await _told_of_lanes(app, studio, 2)


async def _told_of_lanes(app: FakeApp, token: str, times: int) -> bool:
    return (await app.page(token)).lanes == times


async def test_who_waits_is_told_when_the_line_moves(app: FakeApp, session: Session, person: UUID) -> None:
    job_id = service.submit(session, person, submission("flux-2-pro"))
    other = make_person(session)
    service.submit(session, other, submission("flux-2-pro", samples=2))
    session.commit()
    token, admin = await open_tab(app, session, person, str(job_id)), await open_tab(app, session, other)
    live.watch_lanes(admin, WatchingState, counts=True)
    look = Look(app)
    await look.again()
    await until(lambda: _more(app, token, 0), "the place in line")
    await until(lambda: _told_of_lanes(app, admin, 1), "the queue")
    seen = len(await app.poked(token))
    await look.again()
    assert len(await app.poked(token)) == seen  # nothing has moved
    session.execute(text("UPDATE calls SET state = 'cancelled' WHERE user_id = :other"), {"other": other})
    session.commit()
    await look.again()
    await until(lambda: _more(app, token, seen), "the next place")
    await until(lambda: _told_of_lanes(app, admin, 2), "the shorter queue")


@pytest.mark.parametrize(
    "message", ["", "no json", "[]", "null", '{"kind": "job"}', '{"kind": 1, "id": {}}', "\x00"]
)
async def test_unreadable_hints_stop_nothing(
    app: FakeApp, session: Session, person: UUID, message: str
) -> None:
    token = await open_tab(app, session, person, JOB)
    events.hints().publish(events.channel(person), message)
    hint(person)
    await until(lambda: _saw(app, token, JOB), "the next hint")


async def test_a_push_that_fails_is_made_again(app: FakeApp, session: Session, person: UUID) -> None:
    token = await open_tab(app, session, person, JOB)
    app.failing = 3
    hint(person)
    await until(lambda: _saw(app, token, JOB), "the push")
    assert app.failing == 0


def test_hints_go_where_the_pump_listens() -> None:
    assert events.channel("x").startswith(events.CHANNEL_PATTERN.removesuffix("*"))
