"""Pages and searches of a vault with a hundred thousand and a million pictures, over HTTP; and its wall in Chromium."""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
from playwright.async_api import Browser, Page
from sqlalchemy import make_url

from bench import vault_rows
from bench.browser import browser, sign_in
from bench.processes import Others
from bench.report import Figures, Target, console, machine, parser, progress, quantile, run, show
from bench.stand import connected, ground, person
from runtz_core import db
from runtz_core.settings import Settings
from runtz_core.supervisor import ports, services
from runtz_core.supervisor.installation import Installation, embedded
from runtz_core.users import service as users

QUERIES = 200  # of each kind
TARGETS = (
    Target(figure="page_p95_ms_100k", at_most=20),
    Target(figure="search_p95_ms_100k", at_most=60),
    Target(figure="page_p95_ms_1m", at_most=40),
    Target(figure="search_p95_ms_1m", at_most=120),
    Target(figure="images_in_dom_most", at_most=80),
    Target(figure="longest_task_ms", at_most=100),
)
NAMES = {100_000: "100k", 1_000_000: "1m"}

# Long tasks, pictures in the page and memory while the wall is scrolled, from inside the page.
WATCH = """
window.seen = { images: 0, tasks: [] };
new PerformanceObserver((list) => list.getEntries().forEach((one) => window.seen.tasks.push(one.duration)))
  .observe({ type: "longtask", buffered: false });
"""
SCROLL = """async (seconds) => {
  const end = performance.now() + seconds * 1000;
  let down = 0;
  await new Promise((done) => {
    const step = (now) => {
      if (now > end) return done();
      scrollBy(0, 60);
      if (++down % 15 === 0) window.seen.images = Math.max(window.seen.images, document.images.length);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  });
  return { ...window.seen, scrolled: scrollY, heights: document.documentElement.scrollHeight };
}"""


def main() -> None:
    """One installation for each size; queries of both kinds take turns, one at a time, after a warm-up."""
    given = _arguments()
    before = machine()
    console.print(f"starting; load {before['load_before_1m']}")
    figures: Figures = {}
    for count in given.sizes:
        figures |= asyncio.run(_measure(count, given))
    asked = {
        "sizes": given.sizes, "queries": given.queries, "browser": given.browser,
        "page_mix": "newest page, page at depth, three combined filters",
        "search_mix": "rare, middling, common word",
    }  # fmt: skip
    show(
        "vault",
        {**figures, **before},
        asked,
        targets=[one for one in TARGETS if one.figure in figures],
        as_json=given.json,
    )


def _arguments() -> argparse.Namespace:
    options = parser("vault", __doc__ or "")
    options.add_argument(
        "--sizes", type=int, nargs="+", default=[100_000, 1_000_000], help="pictures (100000 1000000)"
    )
    options.add_argument(
        "--queries", type=int, default=QUERIES, help=f"of each kind at each size ({QUERIES})"
    )
    options.add_argument("--browser", action="store_true", help="also scroll the wall of the first size")
    options.add_argument("--seconds", type=float, default=20.0, help="of scrolling (20)")
    return options.parse_args()


async def _measure(count: int, given: argparse.Namespace) -> Figures:
    name = NAMES.get(count, str(count))
    async with _standing() as (installation, user_id):
        root = installation.settings.images_path
        files = await asyncio.to_thread(vault_rows.draw_files, root)
        began = time.perf_counter()
        await asyncio.to_thread(_fill, installation, user_id, count, files)
        filled = time.perf_counter() - began
        url = services.url_of(installation.settings)
        queries = Queries(await asyncio.to_thread(_known, user_id), random.Random(7))
        with Others() as others:
            times = await _ask(url, user_id, queries, given.queries)
        figures: Figures = {f"rows_entered_s_{name}": round(filled, 1)}
        for kind, taken in times.items():
            figures[f"{kind}_p50_ms_{name}"] = round(quantile(taken, 0.5), 1)
            figures[f"{kind}_p95_ms_{name}"] = round(quantile(taken, 0.95), 1)
            figures[f"{kind}_max_ms_{name}"] = round(max(taken), 1)
            figures[f"{kind}_n_{name}"] = len(taken)
        figures[f"others_cpu_share_{name}"] = others.share
        if given.browser and count == given.sizes[0]:
            figures |= await _scroll(url, given.seconds)
        return figures


@asynccontextmanager
async def _standing() -> AsyncIterator[tuple[Installation, UUID]]:
    """Databases and the web server, without a worker: nothing else is to run."""
    with ground(0.1, {}) as (settings, _, _):
        settings = settings.model_copy(update={"port": ports.any_free()})
        async with embedded(settings, (), say=lambda who, what: console.print(f"{who}: {what}")) as running:
            await running.start(services.web(running.settings, running.layout, await running.pages()))
            with connected(running):
                yield running, person()


def _fill(installation: Installation, user_id: UUID, count: int, files: list[vault_rows.Files]) -> None:
    with progress() as bar:
        shown = bar.add_task("pictures", total=count)
        for done in vault_rows.fill(owner_dsn(installation.settings), user_id, count, files):
            bar.update(shown, completed=done)


def owner_dsn(settings: Settings) -> str:
    """How the owner of the tables connects."""
    url = make_url(settings.migration_database_url or "")
    return f"host={url.query['host']} user={url.username} dbname={url.database}"


def _known(user_id: UUID) -> dict[str, list[str]]:
    with db.unit_of_work() as session:
        found = {}
        for table in ("tags", "collections"):
            rows = session.connection().exec_driver_sql(
                f"SELECT id FROM {table} WHERE user_id = %s",  # noqa: S608
                (user_id,),
            )
            found[table] = [str(row[0]) for row in rows]
        return found


class Queries:
    """The fixed mix: addresses drawn with one seed."""

    def __init__(self, known: dict[str, list[str]], chance: random.Random) -> None:
        self._known, self._chance = known, chance
        self._models = [model for _, model, _ in vault_rows.MODELS]
        self._providers = [provider for provider, _, _ in vault_rows.MODELS]

    def page(self, place: int) -> str:
        """Newest, at depth, filtered, in turns."""
        show = self._chance.choice(("kept", "all"))
        match place % 3:
            case 0:
                return f"show={show}"
            case 1:
                return f"show={show}&after={self._depth()}"
            case _:
                return f"show={show}&{self._three()}"

    def _depth(self) -> str:
        """Somewhere in all the months."""
        ago = self._chance.uniform(0, vault_rows.MONTHS * 30 * 86400)
        micros = int((datetime.now(UTC).timestamp() - ago) * 1e6)
        return f"{micros}.{'0' * 32}"

    def _three(self) -> str:
        choice = self._chance.choice
        return "&".join(
            self._chance.sample(
                (
                    f"provider={choice(self._providers)}",
                    f"colour={choice(('blue', 'violet', 'orange', 'black', 'teal'))}",
                    f"ratio={choice(('1:1', '3:2', '2:3', '16:9'))}",
                    f"rating={choice(('4,5', '5', '3,4,5'))}",
                    f"tag={choice(self._known['tags'])}",
                    f"collection={choice(self._known['collections'])}",
                    f"state={choice(('simulated', 'untagged'))}",
                ),
                3,
            )
        )

    def search(self, place: int) -> str:
        """A rare, a middling, a common word, in turns."""
        words: Sequence[str] = (vault_rows.RARE, vault_rows.MIDDLING, vault_rows.COMMON)[place % 3]
        return f"show={self._chance.choice(('kept', 'all'))}&q={self._chance.choice(words).replace(' ', '+')}"


async def _ask(url: str, user_id: UUID, queries: Queries, count: int) -> dict[str, list[float]]:
    """Milliseconds of every answer, from the request sent to its last byte, one after another."""
    token = await asyncio.to_thread(_token, user_id)
    times: dict[str, list[float]] = {"page": [], "search": [], "rail": []}
    async with httpx.AsyncClient(
        base_url=url, cookies={"session": token}, trust_env=False, timeout=60
    ) as web:
        for place in range(30):  # connections, prepared statements, caches
            await _timed(web, f"/api/vault/page?{queries.page(place)}")
            await _timed(web, f"/api/vault/page?{queries.search(place)}")
        with progress() as bar:
            shown = bar.add_task("queries", total=count)
            for place in range(count):
                times["page"].append(await _timed(web, f"/api/vault/page?{queries.page(place)}"))
                times["search"].append(await _timed(web, f"/api/vault/page?{queries.search(place)}"))
                if place % 10 == 0:
                    times["rail"].append(await _timed(web, "/api/vault/rail?show=all"))
                bar.update(shown, advance=1)
    return times


async def _timed(web: httpx.AsyncClient, path: str) -> float:
    began = time.perf_counter()
    answer = await web.get(path)
    taken = (time.perf_counter() - began) * 1000
    answer.raise_for_status()
    return taken


def _token(user_id: UUID) -> str:
    with db.unit_of_work() as session:
        return users.start_session(session, user_id)


async def _scroll(url: str, seconds: float) -> Figures:
    """Scroll the wall of everything for so many seconds, as fast as frames come."""
    async with browser() as opened:
        page = await sign_in(opened, url, await asyncio.to_thread(_code))
        await page.add_init_script(WATCH)
        await page.goto(f"{url}/vault?show=all")
        await page.locator(".wall img[data-here]").first.wait_for()
        await page.evaluate(SCROLL, 2.0)  # what is compiled the first time
        await page.evaluate("window.seen = { images: 0, tasks: [] }")
        before = await _heap(page)
        with Others() as others:
            async with _traced(opened) as tasks:
                half = await page.evaluate(SCROLL, seconds / 2)
                middle = await _heap(page)
                found: dict[str, Any] = await page.evaluate(SCROLL, seconds / 2)
        after = await _heap(page)
        return {
            "images_in_dom_most": found["images"],
            "longest_task_ms": round(max(found["tasks"], default=0.0), 1),
            "longest_task_cpu_ms": round(max(tasks, default=0.0), 1),
            "long_tasks": len(found["tasks"]),
            "others_cpu_share_scroll": others.share,
            "scrolled_px": found["scrolled"],
            "scrolled_px_half": half["scrolled"],
            "heap_mib_before": before,
            "heap_mib_half": middle,
            "heap_mib_after": after,
        }


@asynccontextmanager
async def _traced(opened: Browser) -> AsyncIterator[list[float]]:
    """Milliseconds of CPU of every task of the page's main thread; complete when the block has ended.

    On a machine that others use too, a task's length says how long it waited for a core as well.
    """
    session = await opened.new_browser_cdp_session()
    events: list[dict[str, Any]] = []
    complete = asyncio.Event()
    session.on("Tracing.dataCollected", lambda said: events.extend(said["value"]))
    session.on("Tracing.tracingComplete", lambda _: complete.set())
    categories = {"includedCategories": ["disabled-by-default-devtools.timeline"]}
    await session.send("Tracing.start", {"traceConfig": categories, "transferMode": "ReportEvents"})
    taken: list[float] = []
    yield taken
    await session.send("Tracing.end")
    await complete.wait()
    await session.detach()
    mains = {
        (one["pid"], one["tid"])
        for one in events
        if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }
    taken += [
        one.get("tdur", 0) / 1000
        for one in events
        if one["name"] == "RunTask" and (one["pid"], one["tid"]) in mains
    ]


async def _heap(page: Page) -> float:
    """Memory of the page's scripts after a collection, MiB."""
    session = await page.context.new_cdp_session(page)
    await session.send("HeapProfiler.collectGarbage")
    found = await session.send("Runtime.getHeapUsage")
    await session.detach()
    return round(found["usedSize"] / 2**20, 1)


def _code() -> str:
    with db.unit_of_work() as session:
        return users.new_owner_link(session, seconds=60)


if __name__ == "__main__":
    sys.exit(run(main))
