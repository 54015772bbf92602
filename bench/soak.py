"""Steady work for a long time: do memory, descriptors and connections of web and worker stay flat? (L10)"""

import argparse
import asyncio
import sys
import time
from dataclasses import dataclass

import aiohttp
import psutil
from sqlalchemy import text
from sqlmodel import Session

from bench import crowd
from bench.processes import rss, tree
from bench.report import Figures, Target, console, machine, parser, run, show
from bench.stand import Stand, stand_with_pages
from runtz_core import db, events
from runtz_core.credits import books
from runtz_core.supervisor import services

TARGETS = (
    Target(figure="web_rss_slope_percent", at_most=3),
    Target(figure="worker_rss_slope_percent", at_most=3),
    Target(figure="books_broken", at_most=0),
)
TABS = 50
LONGEST_ROUND = 30.0  # seconds; more is a pause
WATCHED = ("web", "worker")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One look."""

    at: float
    rss: dict[str, float]  # MiB
    descriptors: dict[str, int]
    redis: int
    postgres: int


def main() -> None:
    """Jobs one after another, open tabs that are pushed to, and pages that come and go."""
    given = _arguments()
    before = machine()
    console.print(f"starting; load {before['load_before_1m']}")
    figures = asyncio.run(_measure(given.minutes, given.pause))
    asked = {
        "minutes": given.minutes, "pause": given.pause, "tabs": TABS,
        "slope": "last quarter's mean over the second quarter's",
    }  # fmt: skip
    show("soak", {**figures, **before}, asked, targets=TARGETS, as_json=given.json)


def _arguments() -> argparse.Namespace:
    options = parser("soak", __doc__ or "")
    options.add_argument("--minutes", type=float, default=30.0, help="how long (30)")
    options.add_argument("--pause", type=float, default=2.0, help="seconds between jobs of four pictures (2)")
    return options.parse_args()


async def _measure(minutes: float, pause: float) -> Figures:
    async with stand_with_pages(seconds=0.5) as stood, aiohttp.ClientSession() as http:
        url = services.url_of(stood.installation.settings)
        watchers = await asyncio.to_thread(crowd.people, TABS)
        await crowd.connect(http, url, watchers)
        samples: list[Sample] = []
        spent, number = 0.0, 0
        while spent < minutes * 60:
            began = time.monotonic()
            number += 1
            await asyncio.to_thread(stood.submit, stood.submission(f"harbour {number}", number))
            for watcher in watchers[number % 10 :: 10]:
                await asyncio.to_thread(crowd.change, watcher, number)
            coming = watchers[number % TABS]
            if coming.tab is not None:
                await coming.tab.close()
            await crowd.connect(http, url, [coming], tries=3)
            samples.append(await asyncio.to_thread(_look, stood))
            await asyncio.sleep(pause)
            # A machine that was suspended, or a measurement that was stopped for another's sake, does not count.
            spent += min(time.monotonic() - began, LONGEST_ROUND)
        while await asyncio.to_thread(stood.unfinished):
            await asyncio.sleep(0.5)
        await crowd.leave(watchers)
        with Session(db.get_engine()) as session:
            report = books.check(session, at_rest=True)
    return {
        "jobs": number,
        "minutes_spent": round(spent / 60, 1),
        "samples": len(samples),
        "books_broken": sum(c.broken for c in report.checks),
        **_slopes(samples),
    }


def _look(stood: Stand) -> Sample:
    parts = {name: _of(stood, name) for name in WATCHED}
    with Session(db.get_engine()) as session:
        connections = session.execute(text("SELECT count(*) FROM pg_stat_activity")).scalar_one()
    return Sample(
        at=time.monotonic(),
        rss={name: rss(found) for name, found in parts.items()},
        descriptors={name: sum(one.num_fds() for one in found) for name, found in parts.items()},
        redis=int(events.hints().info("clients")["connected_clients"]),
        postgres=connections,
    )


def _of(stood: Stand, name: str) -> list[psutil.Process]:
    shim = stood.installation.supervisor.processes()[name]
    return [one for one in tree(shim) if one.pid != shim]


def _slopes(samples: list[Sample]) -> Figures:
    """First and last quarter after the warm-up quarter, and what grew in between."""
    quarter = max(1, len(samples) // 4)
    early, late = samples[quarter : 2 * quarter] or samples, samples[-quarter:]
    figures: Figures = {}
    for name in WATCHED:
        begin = sum(one.rss[name] for one in early) / len(early)
        end = sum(one.rss[name] for one in late) / len(late)
        figures |= {
            f"{name}_rss_mib": round(end, 1),
            f"{name}_rss_slope_percent": round(100 * (end / begin - 1), 2),
            f"{name}_descriptors_early": max(one.descriptors[name] for one in early),
            f"{name}_descriptors_late": max(one.descriptors[name] for one in late),
        }
    return figures | {
        "redis_connections_early": max(one.redis for one in early),
        "redis_connections_late": max(one.redis for one in late),
        "postgres_connections_early": max(one.postgres for one in early),
        "postgres_connections_late": max(one.postgres for one in late),
    }


if __name__ == "__main__":
    sys.exit(run(main))
