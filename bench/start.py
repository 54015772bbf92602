"""From typing `./runtz up` to "ready" and to the first picture in Chromium: a fresh clone, and a later start."""

import argparse
import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.async_api import Browser, Page

from bench.browser import PAINTED_SINCE, browser, sign_in
from bench.processes import pss, rss, tree
from bench.report import Figures, Target, console, machine, parser, run, show, spread
from bench.vendors import Vendors
from runtz_core.settings import PROJECT_ROOT
from runtz_core.supervisor import StartRefused, ports

TARGETS = (Target(figure="warm_ready_p50_s", at_most=8.0),)
LINK = re.compile(r"(https?://\S+)/welcome#(\S+)")
PICTURES = 4  # one of each of four vendors: what the composer offers a newcomer
PATIENCE = 120_000  # milliseconds
SETTLE = 5.0  # seconds after "ready" before memory counts as idle


@dataclass(frozen=True, kw_only=True)
class Running:
    """A started installation; `began` is when its command was typed, `ready` when it said so (epoch seconds)."""

    pid: int
    url: str
    code: str
    data: Path
    began: float
    ready: float


def main() -> None:
    """Cold: a clone without environment, data and built pages. Warm: the same clone again."""
    options = _options()
    before = machine()
    folder = PROJECT_ROOT / ".cache" / "bench" / uuid4().hex[:8]
    folder.mkdir(parents=True)
    try:
        figures = asyncio.run(_measure(options, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    asked = {
        "seconds": options.seconds,
        "warm_starts": options.warm,
        "environment": "reused" if options.reuse_environment else "made by the first start",
        "caches": "empty" if options.fresh_caches else "as they are on this machine",
        "painted": "load of the <img> and two animation frames; all times from the start of the command",
    }
    show("start", {**figures, **before}, asked, targets=TARGETS, as_json=options.json)


def _options() -> argparse.Namespace:
    options = parser("start", __doc__ or "")
    options.add_argument("--seconds", type=float, default=2.0, help="each vendor's latency (2)")
    options.add_argument("--warm", type=int, default=3, help="later starts (3)")
    options.add_argument(
        "--reuse-environment", action="store_true", help="do not make a Python environment (no network)"
    )
    options.add_argument(
        "--fresh-caches", action="store_true", help="do not use what uv, pip and bun fetched before"
    )
    return options.parse_args()


async def _measure(options: argparse.Namespace, folder: Path) -> Figures:
    clone = _clone(folder / "runtz")
    surroundings = _surroundings(options, folder, clone)
    figures: Figures = {}
    warm: dict[str, list[float]] = {"ready": [], "first_picture": [], "all_pictures": []}
    async with browser() as opened:
        console.print("cold start")
        async with _up(clone, surroundings) as running:
            first, last = await _four_pictures(opened, running, options.seconds)
            figures["cold_ready_s"] = round(running.ready - running.began, 2)
            figures["cold_first_picture_s"] = round(first - running.began, 2)
            figures["cold_all_pictures_s"] = round(last - running.began, 2)
        for number in range(options.warm + 1):  # one more, whose memory is read instead of its pictures
            console.print(f"warm start {number + 1}")
            async with _up(clone, surroundings) as running:
                warm["ready"].append(running.ready - running.began)
                if number == options.warm:
                    figures |= await _idle_memory(running)
                    continue
                first, last = await _four_pictures(opened, running, options.seconds)
                warm["first_picture"].append(first - running.began)
                warm["all_pictures"].append(last - running.began)
    for name, values in warm.items():
        figures |= spread(f"warm_{name}", values, "s", digits=2)
    return figures


def _clone(target: Path) -> Path:
    """What a new user gets: the last commit. Raises StartRefused outside a git checkout."""
    done = subprocess.run(
        ["git", "clone", "--quiet", "--no-hardlinks", str(PROJECT_ROOT), str(target)],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise StartRefused(f"A cold start is measured on a clone, and git could not make one: {done.stderr}")
    return target


def _surroundings(options: argparse.Namespace, folder: Path, clone: Path) -> dict[str, str]:
    """The environment of the command: nothing of ours, and nothing fetched before if so asked."""
    foreign = ("RUNTZ_", "PYTHONPATH", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    if options.fresh_caches:
        kept |= {
            "UV_CACHE_DIR": str(folder / "uv"),
            "PIP_NO_CACHE_DIR": "1",
            "BUN_INSTALL_CACHE_DIR": str(folder / "bun"),
        }
    return {**kept, "RUNTZ_VENV": sys.prefix if options.reuse_environment else str(clone / ".venv")}


@asynccontextmanager
async def _up(clone: Path, surroundings: dict[str, str]) -> AsyncIterator[Running]:
    """`./runtz up` in the clone until it says it is ready; Ctrl-C at the end. Raises StartRefused."""
    began = time.time()
    process = await asyncio.create_subprocess_exec(
        *(str(clone / "runtz"), "up", "--no-open", "--port", str(ports.any_free())),
        cwd=clone,
        env=surroundings,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        url, code = await _link(process.stdout)
        ready = time.time()
        rest = asyncio.create_task(process.stdout.read())  # so that its output never blocks it
        yield Running(pid=process.pid, url=url, code=code, data=clone / ".runtz", began=began, ready=ready)
        process.send_signal(signal.SIGINT)
        await rest
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _link(output: asyncio.StreamReader) -> tuple[str, str]:
    last = "it said nothing"
    async for line in output:
        last = line.decode().rstrip()
        console.print(last, markup=False, highlight=False)
        if found := LINK.search(last):
            return found[1], found[2]
    raise StartRefused(f"`./runtz up` ended: {last}")


async def _four_pictures(opened: Browser, running: Running, seconds: float) -> tuple[float, float]:
    """Sign in, type a prompt, run; when the first and the last picture were painted (epoch seconds)."""
    vendors = Vendors(_note(running)["simulator_url"], running.pid)
    await asyncio.to_thread(vendors.take, seconds)
    page = await sign_in(opened, running.url, running.code)
    await page.goto(running.url)
    await page.locator("#prompt").fill(f"Night harbour after rain, glass towers, {uuid4().hex[:4]}")
    await page.locator(".controls [data-run]").click()
    # The page may show an earlier job; nothing of the new one can be there before its vendors' latency is over.
    since = (time.time() + 0.9 * seconds) * 1000
    painted = [await _painted(page, many, since) for many in (1, PICTURES)]
    await page.context.close()
    return min(painted[0]), max(painted[1])


async def _painted(page: Page, many: int, since: float) -> list[float]:
    """Once at least so many pictures were painted after `since` (epoch ms): when each was (epoch seconds)."""
    await page.wait_for_function(PAINTED_SINCE, arg={"many": many, "since": since}, timeout=PATIENCE)
    paints: dict[str, float] = await page.evaluate("window.paints")
    return [at / 1000 for at in paints.values() if at > since]


async def _idle_memory(running: Running) -> Figures:
    await asyncio.sleep(SETTLE)
    everything = tree(running.pid)
    services: dict[str, int] = _note(running)["processes"]
    return {
        "idle_pss_mib": round(pss(everything), 1),
        "idle_rss_mib": round(rss(everything), 1),
        "idle_processes": len(everything),
        **{f"idle_pss_{name}_mib": round(pss(tree(pid)), 1) for name, pid in services.items()},
    }


def _note(running: Running) -> dict[str, Any]:
    """What the running installation leaves for other commands."""
    found: dict[str, Any] = json.loads((running.data / "run" / "instance.json").read_text())
    return found


if __name__ == "__main__":
    sys.exit(run(main))
