"""Many people at once for measurements: each with a session and a job whose page can be watched."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import aiohttp
from sqlalchemy import update
from sqlmodel import col

from bench.tab import Tab, TabClosed
from runtz_core import db, events
from runtz_core.credits import service as credits
from runtz_core.jobs.models import Call, CallState, Job
from runtz_core.users import service as users
from runtz_core.users.models import Tier, User

MARK = re.compile(r"update-(\d+)-")
AT_ONCE = 40  # connections being made at a time


@dataclass
class Watcher:
    """One person with a tab on the page of a job of theirs."""

    user_id: UUID
    job_id: UUID
    cookie: str
    tab: Tab | None = None
    last: int = 0  # the newest update that reached the tab
    seen: dict[int, float] = field(default_factory=dict)  # update -> when (monotonic seconds)

    def hear(self, text: str) -> None:
        for mark in MARK.findall(text):
            number = int(mark)
            self.seen.setdefault(number, time.monotonic())
            self.last = max(self.last, number)


def people(count: int, first: int = 0) -> list[Watcher]:
    """Make so many people, each with one finished job and a session."""
    made = []
    for number in range(first, first + count):
        with db.unit_of_work() as session:
            person = User(name=f"Person {number}", tier=Tier.FREE)
            session.add(person)
            session.flush()
            credits.open_accounts(session, person.id)
            job = Job(
                user_id=person.id, submission_key=f"crowd-{number}", prompt="update-0-", ratio="1:1", samples=1,
                models=[{"model": "flux-2-pro", "tier": "1 MP"}],
            )  # fmt: skip
            session.add(job)
            session.flush()
            session.add(
                Call(
                    job_id=job.id, user_id=person.id, provider="flux", model="flux-2-pro", tier="1 MP",
                    simulated=True, lane="flux/simulated", credits=0, price_usd_micros=0,
                    state=CallState.CANCELLED, failure="cancelled", finished_at=db.utc_now(),
                    request={
                        "seed": None, "tier": "1 MP", "model": "flux-2-pro", "ratio": "1:1", "width": 1024,
                        "height": 1024, "prompt": "update", "negative": None, "seed_asked": None, "ratio_asked": "1:1",
                    },
                )
            )  # fmt: skip
            cookie = f"session={users.start_session(session, person.id)}"
            made.append(Watcher(user_id=person.id, job_id=job.id, cookie=cookie))
    return made


def change(watcher: Watcher, number: int) -> float:
    """Change the job's words and tell its pages; returns when the change was committed (monotonic seconds)."""
    with db.unit_of_work() as session:
        session.execute(update(Job).where(col(Job.id) == watcher.job_id).values(prompt=f"update-{number}-"))
        committed: list[float] = []
        db.after_commit(session, lambda: committed.append(time.monotonic()))
        events.job_changed(session, watcher.user_id, watcher.job_id)
    return committed[0]


async def connect(
    http: aiohttp.ClientSession, url: str, watchers: list[Watcher], *, tries: int = 1,
    done: Callable[[], None] = lambda: None,
) -> int:  # fmt: skip
    """Open the page of every watcher; returns how many could not be opened."""
    gate, failed = asyncio.Semaphore(AT_ONCE), 0

    async def one(watcher: Watcher) -> None:
        nonlocal failed
        for left in reversed(range(tries)):
            async with gate:
                tab = Tab(http, url, watcher.cookie, f"/jobs/{watcher.job_id}", heard=watcher.hear)
                try:
                    watcher.tab = await tab.open()
                    done()
                    return
                except (TabClosed, aiohttp.ClientError, OSError, TimeoutError):
                    await tab.close()
            if left:
                await asyncio.sleep(0.5)
        failed += 1

    await asyncio.gather(*(one(watcher) for watcher in watchers))
    return failed


async def leave(watchers: list[Watcher]) -> None:
    """Close every tab."""
    await asyncio.gather(*(watcher.tab.close() for watcher in watchers if watcher.tab is not None))
