"""Programs that submit at a steady pace (L8), and a long queue after Redis was wiped (L11). Parts of `bench load`."""

import asyncio
import time
from uuid import uuid4

import aiohttp
from sqlalchemy import func, select
from sqlmodel import col

from bench.report import Figures, console, quantile, spread
from bench.stand import MODELS, Stand
from runtz_core import db, events
from runtz_core.credits import service as credits
from runtz_core.credits.models import Purpose
from runtz_core.jobs.models import Call, CallState
from runtz_core.users import tokens
from runtz_core.users.models import Tier, User
from runtz_core.users.tokens import TokenScope

PEOPLE = 100  # whose tokens take turns: one person's pace is limited
QUEUED = 1000  # calls
GIVE_UP = 180.0  # seconds


async def creating(
    stood: Stand, http: aiohttp.ClientSession, url: str, *, seconds: float, pace: float
) -> Figures:
    """L8: jobs of one picture through the API, `pace` a second, while the worker draws them."""
    stood.vendors.take(0.05)
    keys = await asyncio.to_thread(_tokens)
    delays: list[float] = []
    answers: dict[int, int] = {}
    tasks: list[asyncio.Task[None]] = []

    async def one(number: int) -> None:
        began = time.monotonic()
        async with http.post(
            f"{url}/api/v1/jobs",
            json={"prompt": f"harbour {number}", "models": [{"model": MODELS[number % len(MODELS)]}]},
            headers={"Authorization": f"Bearer {keys[number % PEOPLE]}", "Idempotency-Key": uuid4().hex},
        ) as answer:
            await answer.read()
            answers[answer.status] = answers.get(answer.status, 0) + 1
        delays.append((time.monotonic() - began) * 1000)

    began = time.monotonic()
    for number in range(int(seconds * pace)):
        await asyncio.sleep(max(0.0, began + number / pace - time.monotonic()))
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)
    accepted = answers.pop(201, 0)
    console.print(f"{accepted} jobs accepted in {time.monotonic() - began:.0f} s; others: {answers}")
    await _none_left(stood)
    return {
        **spread("create", delays, "ms", digits=1),
        "create_p99_ms": round(quantile(delays, 0.99), 1),
        "create_refused": sum(answers.values()),
        "create_all_done_s": round(time.monotonic() - began, 1),
    }


def _tokens() -> list[str]:
    made = []
    for number in range(PEOPLE):
        with db.unit_of_work() as session:
            person = User(name=f"Program {number}", tier=Tier.FREE)
            session.add(person)
            session.flush()
            credits.open_accounts(session, person.id)
            credits.grant(
                session, person.id, 1_000_000, key=f"program-{number}", purpose=Purpose.GRANT, reason="measurement"
            )  # fmt: skip
            made.append(
                tokens.make(session, person.id, name="load", scopes=[TokenScope.READ, TokenScope.RUN])
            )
    return made


async def draining(stood: Stand) -> Figures:
    """L11: Redis is wiped when a thousand calls are queued; seconds until all were taken, and until all are done."""
    stood.vendors.take(0.05)
    for number in range(QUEUED // len(MODELS)):
        await asyncio.to_thread(stood.submit, stood.submission(f"a long queue {number}"))
    left = await asyncio.to_thread(_queued)
    began = time.monotonic()
    await asyncio.to_thread(events.hints().flushall)
    taken = began
    while await asyncio.to_thread(_queued) and time.monotonic() - began < GIVE_UP:
        await asyncio.sleep(0.1)
        taken = time.monotonic()
    await _none_left(stood)
    return {
        "drain_queued": left,
        "drain_taken_s": round(taken - began, 1),
        "drain_done_s": round(time.monotonic() - began, 1),
        "drain_unfinished": await asyncio.to_thread(stood.unfinished),
    }


async def _none_left(stood: Stand) -> None:
    began = time.monotonic()
    while await asyncio.to_thread(stood.unfinished) and time.monotonic() - began < GIVE_UP:
        await asyncio.sleep(0.2)


def _queued() -> int:
    with db.unit_of_work() as session:
        waiting = select(func.count()).select_from(Call).where(col(Call.state) == CallState.QUEUED)
        return int(session.execute(waiting).scalar_one())
