"""From a picture's row committed to its pixels painted in Chromium, over the live page of its job."""

import argparse
import asyncio
import sys
from dataclasses import dataclass
from uuid import UUID

from playwright.async_api import Page
from sqlalchemy import select
from sqlmodel import col

from bench.browser import PAINTED, browser, sign_in
from bench.processes import Others
from bench.report import Figures, Target, console, machine, parser, progress, run, show, spread
from bench.stand import MODELS, Stand, stand_with_pages
from runtz_core import db
from runtz_core.jobs.models import Call
from runtz_core.providers import registry
from runtz_core.supervisor import services
from runtz_core.users import service as users

TARGETS = (Target(figure="p95_ms", at_most=150),)
PATIENCE = 60_000  # milliseconds


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the measurement was asked for. Seconds."""

    images: int
    seconds: float
    apart: float


def main() -> None:
    """Jobs one after another, each watched by an open page that is never reloaded."""
    given = _arguments()
    options = Options(images=given.images, seconds=given.seconds, apart=given.apart)
    before = machine()
    console.print(f"starting; load {before['load_before_1m']}")
    delays, others = asyncio.run(_measure(options))
    found = spread("push", delays, "ms", digits=1)
    figures: Figures = {
        "p50_ms": found["push_p50_ms"],
        "p95_ms": found["push_p95_ms"],
        "min_ms": found["push_min_ms"],
        "max_ms": found["push_max_ms"],
        "images": found["push_n"],
        "others_cpu_share": others,
        **before,
    }
    asked = {
        "images": options.images,
        "seconds": options.seconds,
        "apart": options.apart,
        "committed": "finished_at on the database's clock, written just before the commit",
        "painted": "load of the <img> and two animation frames",
        "models": MODELS,
    }
    show("push", figures, asked, targets=TARGETS, as_json=given.json)


def _arguments() -> argparse.Namespace:
    options = parser("push", __doc__ or "")
    options.add_argument("--images", type=int, default=50, help="pictures to watch (50)")
    options.add_argument("--seconds", type=float, default=3.0, help="latency of the first vendor (3)")
    options.add_argument(
        "--apart",
        type=float,
        default=0.3,
        help="seconds by which each vendor is slower than the one before (0.3)",
    )
    return options.parse_args()


async def _measure(options: Options) -> tuple[list[float], float]:
    """Milliseconds for each picture, and the share of the CPU that other programs had meanwhile."""
    async with stand_with_pages(seconds=options.seconds) as stood:
        for place, model in enumerate(MODELS):
            stood.vendors.take(options.seconds + place * options.apart, registry.spec(model).provider)
        url = services.url_of(stood.installation.settings)
        delays: list[float] = []
        async with browser() as opened:
            page = await sign_in(opened, url, await asyncio.to_thread(_code))
            await _job(stood, page, url, 0)  # the first page of a browser fetches and compiles everything
            with Others() as others, progress() as bar:
                shown = bar.add_task("pictures", total=options.images)
                while len(delays) < options.images:
                    delays += await _job(stood, page, url, len(delays) + 1)
                    bar.update(shown, completed=len(delays))
        return delays[: options.images], others.share


async def _job(stood: Stand, page: Page, url: str, number: int) -> list[float]:
    """Submit a job, watch its page until all its pictures are painted; their delays in milliseconds."""
    submission = stood.submission(f"Night harbour after rain, glass towers, {number}", number)
    job_id = await asyncio.to_thread(stood.submit, submission)
    calls = [call.id for call in await asyncio.to_thread(_calls, job_id)]
    await page.goto(f"{url}/jobs/{job_id}")
    # Only pictures that arrive while the page is live are pushed; so it must be there before the first.
    for call_id in calls:
        await page.locator(f"[data-call-id='{call_id}'][data-state=running]").wait_for(timeout=PATIENCE)
    await page.wait_for_function(PAINTED, arg=[str(call_id) for call_id in calls], timeout=PATIENCE)
    painted: dict[str, float] = await page.evaluate("window.paints")
    ahead: float = await page.evaluate("performance.timeOrigin + performance.now() - Date.now()")
    return [
        painted[str(call.id)] - ahead - call.finished_at.timestamp() * 1000
        for call in await asyncio.to_thread(_calls, job_id)
        if call.finished_at is not None
    ]


def _code() -> str:
    with db.unit_of_work() as session:
        return users.new_owner_link(session, seconds=60)


def _calls(job_id: UUID) -> list[Call]:
    with db.unit_of_work() as session:
        return list(session.execute(select(Call).where(col(Call.job_id) == job_id)).scalars())


if __name__ == "__main__":
    sys.exit(run(main))
