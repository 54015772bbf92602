"""SIGKILL to worker, web, Valkey and Postgres: seconds until the supervisor brings it back, and until all is true."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import aiohttp
import psutil
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from bench import crowd
from bench.crowd import Watcher
from bench.report import Figures, Target, console, machine, parser, run, show
from bench.stand import Stand, stand_with_pages
from runtz_core import db
from runtz_core.jobs import service
from runtz_core.jobs.models import UNFINISHED, Call
from runtz_core.jobs.service import ModelChoice, Submission
from runtz_core.supervisor import services

VICTIMS = ("worker", "web", "valkey", "postgres")
TARGETS = tuple(Target(figure=f"{name}_true_s", at_most=30) for name in VICTIMS)
PATIENCE = 120.0  # seconds


def main() -> None:
    """One after the other on one installation, each several times; the worst of each is shown."""
    options = parser("recovery", __doc__ or "")
    options.add_argument("--rounds", type=int, default=3, help="kills of each (3)")
    given = options.parse_args()
    before = machine()
    console.print(f"starting; load {before['load_before_1m']}")
    figures = asyncio.run(_measure(given.rounds))
    asked = {
        "rounds": given.rounds,
        "back": "a new process of that service answers",
        "true": "a job submitted after the kill is done, and an open page shows it",
    }
    show("recovery", {**figures, **before}, asked, targets=TARGETS, as_json=given.json)


async def _measure(rounds: int) -> Figures:
    figures: Figures = {}
    async with stand_with_pages(seconds=0.2) as stood, aiohttp.ClientSession() as http:
        url = services.url_of(stood.installation.settings)
        (watcher,) = await asyncio.to_thread(crowd.people, 1)
        await _whole(stood, http, url, watcher, 1)  # everything is warm
        for number, name in enumerate(VICTIMS):
            back, true = [], []
            for again in range(rounds):
                began = time.monotonic()
                before = stood.installation.supervisor.processes().get(name)
                _kill(stood, name)
                watching = asyncio.create_task(_back(stood, name, before, began))
                await _whole(stood, http, url, watcher, 100 * (number + 1) + again)
                true.append(time.monotonic() - began)
                back.append(await watching)
                console.print(f"{name}: back after {back[-1]:.1f} s, all true after {true[-1]:.1f} s")
                await asyncio.sleep(15.0)  # five crashes in a minute would end the installation, rightly
            figures |= {f"{name}_back_s": round(max(back), 2), f"{name}_true_s": round(max(true), 2)}
    return figures


def _kill(stood: Stand, name: str) -> None:
    shim = stood.installation.supervisor.processes()[name]
    for child in psutil.Process(shim).children():
        os.kill(child.pid, signal.SIGKILL)


async def _back(stood: Stand, name: str, before: int | None, began: float) -> float:
    await _until(lambda: _is(stood.installation.supervisor.processes().get(name) not in (None, before)))
    return time.monotonic() - began


async def _is(value: bool) -> bool:
    return value


async def _whole(stood: Stand, http: aiohttp.ClientSession, url: str, watcher: Watcher, number: int) -> None:
    """A job goes from submission to stored picture, and a page open now, or opened again, shows a change."""
    submitted = await _tried(lambda: asyncio.to_thread(_submit, stood, number))
    await _until(lambda: asyncio.to_thread(_ended, submitted))
    if watcher.tab is None or not watcher.tab.alive:
        await crowd.connect(http, url, [watcher], tries=200)
    await _tried(lambda: asyncio.to_thread(crowd.change, watcher, number))
    give_up = time.monotonic() + PATIENCE
    while watcher.last < number and time.monotonic() < give_up:
        if watcher.tab is None or not watcher.tab.alive:
            await crowd.connect(http, url, [watcher], tries=200)
        await asyncio.sleep(0.02)


async def _tried(attempt: Callable[[], Awaitable[Any]]) -> Any:
    """What `attempt` returns once the database takes it."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            return await attempt()
        except SQLAlchemyError:
            if time.monotonic() > give_up:
                raise
            await asyncio.sleep(0.05)


def _submit(stood: Stand, number: int) -> UUID:
    with db.unit_of_work() as session:
        return service.submit(
            session,
            stood.user_id,
            Submission(
                submission_key=f"recovery-{number}", prompt=f"harbour {number}",
                models=(ModelChoice(model="flux-2-pro"),),
            ),
        )  # fmt: skip


def _ended(job_id: UUID) -> bool:
    try:
        with db.unit_of_work() as session:
            states = (
                session.execute(select(col(Call.state)).where(col(Call.job_id) == job_id)).scalars().all()
            )
    except SQLAlchemyError:
        return False
    return all(state not in UNFINISHED for state in states)


async def _until(look: Callable[[], Awaitable[bool]]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not await look():
        if time.monotonic() > give_up:
            raise TimeoutError
        await asyncio.sleep(0.02)


if __name__ == "__main__":
    sys.exit(run(main))
