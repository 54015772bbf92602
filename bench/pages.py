"""What the Studio and the vault cost a browser that has never been here: scripts, largest paint, shifts."""

import argparse
import asyncio
import sys
from typing import Any

from playwright.async_api import Browser

from bench.browser import browser, sign_in
from bench.report import Figures, console, machine, parser, run, show, spread
from bench.stand import stand_with_pages
from runtz_core import db
from runtz_core.supervisor import services
from runtz_core.users import service as users

PAGES = {"studio": "/", "vault": "/vault"}
QUIET = 1500  # milliseconds after the load in which nothing more is waited for

WATCH = """
window.seen = { lcp: 0, cls: 0 };
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.seen.lcp = one.startTime; })
  .observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.seen.cls += one.value;
}).observe({ type: "layout-shift", buffered: true });
"""
READ = """() => ({
  ...window.seen,
  bytes: performance.getEntriesByType("resource")
    .filter((one) => new URL(one.name).pathname.endsWith(".js") && !one.name.endsWith("/sw.js"))
    .reduce((sum, one) => sum + one.encodedBodySize, 0),
})"""


def main() -> None:
    """Every load in a browser profile of its own, so that nothing is cached."""
    given = _arguments()
    before = machine()
    console.print(f"starting; load {before['load_before_1m']}")
    found = asyncio.run(_measure(given.loads))
    figures: Figures = {}
    for name, loads in found.items():
        figures[f"{name}_script_bytes_gzip"] = max(int(one["bytes"]) for one in loads)
        figures |= spread(f"{name}_lcp", [one["lcp"] for one in loads], "ms", digits=0)
        figures[f"{name}_cls_max"] = round(max(one["cls"] for one in loads), 4)
    show(
        "pages",
        {**figures, **before},
        {"loads": given.loads, "viewport": "1440x900"},
        targets=(),
        as_json=given.json,
    )


def _arguments() -> argparse.Namespace:
    options = parser("pages", __doc__ or "")
    options.add_argument("--loads", type=int, default=10, help="loads of each page (10)")
    return options.parse_args()


async def _measure(loads: int) -> dict[str, list[dict[str, float]]]:
    async with stand_with_pages(seconds=0.2) as stood:
        url = services.url_of(stood.installation.settings)
        async with browser() as opened:
            return {
                name: [await _load(opened, url, path) for _ in range(loads)] for name, path in PAGES.items()
            }


async def _load(opened: Browser, url: str, path: str) -> dict[str, float]:
    page = await sign_in(opened, url, await asyncio.to_thread(_code))
    await page.add_init_script(WATCH)
    await page.goto(url + path)
    await page.locator("main").wait_for()
    await page.wait_for_timeout(QUIET)
    found: dict[str, Any] = await page.evaluate(READ)
    await page.context.close()
    return found


def _code() -> str:
    with db.unit_of_work() as session:
        return users.new_owner_link(session, seconds=60)


if __name__ == "__main__":
    sys.exit(run(main))
