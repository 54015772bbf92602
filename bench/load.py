"""A crowd of open tabs: connecting, pushing, events, memory, a restart, a flood of sign-ins; programs; a long queue.

L1–L5, L8, L9, L11 and, while clicks are answered, L12 of docs/benchmarks.md. The others have measurements of their
own: L6 `ledger`, L7 `inflight --jobs 200`, the lists of L8 `vault`, L10 `soak`. A person may hold 20 sockets, so the
crowd is one person for each tab, each watching a job of their own.
"""

import argparse
import asyncio
import os
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import aiohttp
import psutil

from bench import crowd, programs
from bench.crowd import Watcher
from bench.processes import Others, rss, tree
from bench.report import Figures, Target, console, machine, parser, quantile, run, show, spread
from bench.scrub import fill
from bench.stand import Stand, stand_with_pages
from bench.tab import ROOT
from runtz_core import db, events
from runtz_core.images import scrub
from runtz_core.images.store import BlobStore
from runtz_core.supervisor import services

TARGETS = (
    Target(figure="connect_s", at_most=15),
    Target(figure="connect_failed", at_most=0),
    Target(figure="event_p95_ms", at_most=250),
    Target(figure="event_p99_ms", at_most=600),
    Target(figure="event_unanswered", at_most=0),
    Target(figure="push_p95_ms", at_most=1000),
    Target(figure="push_final_missed", at_most=0),
    Target(figure="web_rss_mib", at_most=900),
    Target(figure="storm_true_s", at_most=20),
    Target(figure="flood_other_p95_ms", at_most=500),
    Target(figure="scrub_mb_per_s_beside", at_least=150),
    Target(figure="event_p95_growth_by_scrub", at_most=1.2),
    Target(figure="create_p95_ms", at_most=300),
    Target(figure="drain_done_s", at_most=60),
)
CALM_EVENT = f"{ROOT}.runtz_app___state___session____session_state.dismiss_trouble"
SCRUBBED = 200  # files of 1.5 MB
SETTLE = 15.0  # seconds that the last pushes may take


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for."""

    tabs: int
    seconds: float
    updates: float  # a second
    sign_ins: float  # a second
    creates: float  # a second


def main() -> None:
    """One web process, one worker, this process as all the browsers; all on this machine."""
    given = _arguments()
    options = Options(
        tabs=given.tabs, seconds=given.seconds, updates=given.updates, sign_ins=given.sign_ins, creates=given.creates
    )  # fmt: skip
    before = machine()
    console.print(f"starting; load {before['load_before_1m']}")
    figures = asyncio.run(_measure(options))
    if options.tabs >= 1000:
        figures["push_p95_ms_1000_tabs"] = figures["push_p95_ms"]
        figures["connect_s_1000"] = figures["connect_s"]
    show("load", {**figures, **before}, vars(options), targets=TARGETS, as_json=given.json)


def _arguments() -> argparse.Namespace:
    options = parser("load", __doc__ or "")
    options.add_argument("--tabs", type=int, default=1000, help="people, each with one tab (1000)")
    options.add_argument("--seconds", type=float, default=20.0, help="of each phase (20)")
    options.add_argument("--updates", type=float, default=50.0, help="changed jobs a second (50)")
    options.add_argument("--sign-ins", type=float, default=50.0, help="wrong passwords a second (50)")
    options.add_argument("--creates", type=float, default=50.0, help="jobs by the API a second (50)")
    return options.parse_args()


async def _measure(options: Options) -> Figures:
    async with stand_with_pages(seconds=1.0) as stood:
        url = services.url_of(stood.installation.settings)
        watchers = await asyncio.to_thread(crowd.people, options.tabs)
        console.print(f"{len(watchers)} people")
        limits = aiohttp.TCPConnector(limit=0)
        with Others() as others:
            async with aiohttp.ClientSession(connector=limits) as http:
                figures = await _connecting(http, url, watchers)
                figures |= await _pushing(watchers, options)
                figures |= _memory(stood)
                calm = await _events(watchers, options)
                figures |= calm | await _scrubbing(stood, watchers, options, calm)
                figures |= await _flood(http, url, watchers, options)
                figures |= await _storm(stood, http, url, watchers)
                await crowd.leave(watchers)
                figures |= await programs.creating(
                    stood, http, url, seconds=options.seconds, pace=options.creates
                )
                figures |= await programs.draining(stood)
        figures["others_cpu_share"] = others.share
        return figures


async def _connecting(http: aiohttp.ClientSession, url: str, watchers: list[Watcher]) -> Figures:
    """L1: every page opened and drawn for the first time."""
    began = time.monotonic()
    failed = await crowd.connect(http, url, watchers)
    return {"tabs": len(watchers), "connect_s": round(time.monotonic() - began, 2), "connect_failed": failed}


async def _pushing(watchers: list[Watcher], options: Options) -> Figures:
    """L3: from a change committed to the frame in its tab, at a steady pace over all tabs."""
    changed: dict[int, tuple[Watcher, float]] = {}
    tasks: list[asyncio.Task[None]] = []

    async def one(number: int) -> None:
        watcher = watchers[number % len(watchers)]
        changed[number] = watcher, await asyncio.to_thread(crowd.change, watcher, number)

    began = time.monotonic()
    for number in range(1, int(options.seconds * options.updates) + 1):
        await asyncio.sleep(max(0.0, began + number / options.updates - time.monotonic()))
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)
    last = {id(watcher): number for number, (watcher, _) in sorted(changed.items())}
    give_up = time.monotonic() + SETTLE
    while time.monotonic() < give_up and any(
        watcher.last < last[id(watcher)] for watcher, _ in changed.values()
    ):
        await asyncio.sleep(0.1)
    missed = sum(
        watcher.last < last[id(watcher)] for watcher in {id(w): w for w, _ in changed.values()}.values()
    )
    delays = [
        (min(at for seen, at in watcher.seen.items() if seen >= number) - committed) * 1000
        for number, (watcher, committed) in changed.items()
        if watcher.last >= number
    ]
    return {
        **spread("push", delays, "ms", digits=1),
        "push_p99_ms": round(quantile(delays, 0.99), 1),
        "push_final_missed": missed,
    }


async def _events(watchers: list[Watcher], options: Options) -> Figures:
    """L2: a click that changes nothing, at 100 a second over all tabs, until its answer is here."""
    delays: list[float] = []
    lost = 0
    free = [watcher for watcher in watchers if watcher.tab is not None and watcher.tab.alive]
    tasks: list[asyncio.Task[None]] = []

    async def one(watcher: Watcher) -> None:
        nonlocal lost
        tab, answered = watcher.tab, asyncio.Event()
        assert tab is not None
        tab.heard = lambda text: answered.set()
        began = time.monotonic()
        await tab.send(CALM_EVENT)
        try:
            async with asyncio.timeout(10):
                await answered.wait()
            delays.append((time.monotonic() - began) * 1000)
        except TimeoutError:
            lost += 1
        tab.heard = watcher.hear

    began, pace = time.monotonic(), min(100.0, len(free) * 2.0)
    for number in range(int(options.seconds * pace)):
        await asyncio.sleep(max(0.0, began + number / pace - time.monotonic()))
        tasks.append(asyncio.create_task(one(free[number % len(free)])))
    await asyncio.gather(*tasks)
    found: Figures = {"event_per_s": pace, "event_unanswered": lost}
    if delays:
        found |= spread("event", delays, "ms", digits=1)
        found["event_p99_ms"] = round(quantile(delays, 0.99), 1)
    return found


async def _scrubbing(stood: Stand, watchers: list[Watcher], options: Options, calm: Figures) -> Figures:
    """L12: the same clicks while stored pictures are compared with their hashes, over and over."""
    store = BlobStore(stood.installation.settings.images_path)
    await asyncio.to_thread(fill, stood.user_id, store, SCRUBBED, 1_500_000)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        scrubbing = asyncio.get_running_loop().run_in_executor(pool, _scrub, store.root, options.seconds)
        clicks = await _events(watchers, options)
        speed = await scrubbing
    return {
        "scrub_mb_per_s_beside": round(speed, 1),
        "event_p95_ms_beside_scrub": clicks["event_p95_ms"],
        "event_p95_growth_by_scrub": round(float(clicks["event_p95_ms"]) / float(calm["event_p95_ms"]), 2),
    }


def _memory(stood: Stand) -> Figures:
    """L4: the web process and what it started, and connections to Redis."""
    shim = stood.installation.supervisor.processes()["web"]
    processes = [one for one in tree(shim) if one.pid != shim]
    return {
        "web_rss_mib": round(rss(processes), 1),
        "web_descriptors": sum(one.num_fds() for one in processes),
        "redis_connections": int(events.hints().info("clients")["connected_clients"]),
    }


def _scrub(root: Path, seconds: float) -> float:
    """Scrub again and again for so many seconds, as a process of its own; returns MB/s."""
    done, spent = 0, 0.0
    while spent < seconds:
        began = time.monotonic()
        done += scrub.scrub(db.get_engine(), BlobStore(root)).bytes
        spent += time.monotonic() - began
    return done / 1e6 / spent


async def _flood(http: aiohttp.ClientSession, url: str, watchers: list[Watcher], options: Options) -> Figures:
    """L9: wrong passwords at a pace, while a signed-in person reads."""
    delays: list[float] = []
    tried = 0
    tasks: list[asyncio.Task[None]] = []

    async def wrong(number: int) -> None:
        nonlocal tried
        form = {"email": f"nobody{number}@example.com", "password": "not it, surely"}
        async with http.post(f"{url}/api/auth/sign-in", data=form, headers={"Origin": url}) as answer:
            await answer.read()
            tried += 1

    async def reading() -> None:
        while True:
            began = time.monotonic()
            cookie = {"Cookie": watchers[len(delays) % len(watchers)].cookie}
            async with http.get(f"{url}/api/usage/lines", headers=cookie) as answer:
                await answer.read()
            delays.append((time.monotonic() - began) * 1000)
            await asyncio.sleep(0.05)

    reader = asyncio.create_task(reading())
    began = time.monotonic()
    for number in range(int(options.seconds * options.sign_ins)):
        await asyncio.sleep(max(0.0, began + number / options.sign_ins - time.monotonic()))
        tasks.append(asyncio.create_task(wrong(number)))
    await asyncio.gather(*tasks)
    reader.cancel()
    return {"flood_answers": tried, **spread("flood_other", delays, "ms", digits=1)}


async def _storm(stood: Stand, http: aiohttp.ClientSession, url: str, watchers: list[Watcher]) -> Figures:
    """L5: the web process dies; every tab comes back by itself and shows what changed meanwhile."""
    shim = stood.installation.supervisor.processes()["web"]
    began = time.monotonic()
    for child in psutil.Process(shim).children():
        os.kill(child.pid, signal.SIGKILL)
    await asyncio.gather(*(watcher.tab.ended() for watcher in watchers if watcher.tab is not None))
    changes = [await asyncio.to_thread(crowd.change, watcher, 10_000_000) for watcher in watchers[:50]]
    failed = await crowd.connect(http, url, watchers, tries=60)
    back = time.monotonic() - began
    changed = watchers[: len(changes)]
    while time.monotonic() - began < back + SETTLE and any(one.last < 10_000_000 for one in changed):
        await asyncio.sleep(0.05)
    wrong = sum(one.last < 10_000_000 for one in changed)
    return {
        "storm_back_s": round(back, 2),
        "storm_true_s": round(time.monotonic() - began, 2),
        "storm_lost": failed,
        "storm_stale": wrong,
    }


if __name__ == "__main__":
    sys.exit(run(main))
