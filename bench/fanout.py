"""One job of four simulated vendors: how much slower than a plain script is submit → last row committed?"""

import argparse
import asyncio
import sys
import time
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from bench.plain import Script
from bench.processes import Others
from bench.report import Figures, Target, console, machine, parser, progress, quantile, run, show, spread
from bench.stand import MODELS, Stand, stand
from runtz_core import db
from runtz_core.jobs.models import Call

TARGETS = (Target(figure="ratio_p50", at_most=1.05), Target(figure="ratio_p95", at_most=1.05))


def main() -> None:
    """Alternate job by job between the product and the script, which goes first changing each time."""
    options = _options()
    before = machine()
    console.print(f"starting; load {before['load_before_1m']}")
    with stand(seconds=options.seconds) as stood:
        with Others() as others:
            measured = asyncio.run(_alternate(stood, options))
        drawing = stood.vendors.stats()
        stages = _stages(stood, options.jobs * len(MODELS))
    first, ours, plain = measured
    figures: Figures = {
        "ratio_p50": round(quantile(ours, 0.5) / quantile(plain, 0.5), 4),
        "ratio_p95": round(quantile(ours, 0.95) / quantile(plain, 0.95), 4),
        **spread("ours", ours, "s"),
        **spread("plain", plain, "s"),
        **stages,
        "ours_first_s": round(first[0], 3),
        "plain_first_s": round(first[1], 3),
        "others_cpu_share": others.share,
        "sim_pictures": drawing["pictures"],
        "sim_drawing_cpu_s": round(drawing["cpu_seconds"] + drawing["preview_cpu_seconds"], 2),
        **before,
    }
    asked = {"jobs": options.jobs, "seconds": options.seconds, "warm_up": options.warm_up, "models": MODELS}
    show("fanout", figures, asked, targets=TARGETS, as_json=options.json)


def _options() -> argparse.Namespace:
    options = parser("fanout", __doc__ or "")
    options.add_argument("--jobs", type=int, default=20, help="measured jobs of each side (20)")
    options.add_argument("--seconds", type=float, default=2.0, help="each vendor's latency (2)")
    options.add_argument("--warm-up", type=int, default=2, help="pairs before the measured ones (2)")
    return options.parse_args()


async def _alternate(
    stood: Stand, options: argparse.Namespace
) -> tuple[tuple[float, float], list[float], list[float]]:
    """The first pair's seconds, and then ours and the script's, job by job."""
    script = Script(stood.vendors.url, stood.folder / "plain")
    pairs: list[tuple[float, float]] = []
    count = options.warm_up + options.jobs
    try:
        with progress() as bar:
            shown = bar.add_task("pairs of jobs", total=count)
            for number in range(count):
                if number == options.warm_up:
                    stood.vendors.forget_counts()
                prompt = f"Night harbour after rain, glass towers, {number}"
                if number % 2:
                    plain = await _plain(script, stood, prompt, 2 * number)
                    ours = await asyncio.to_thread(_ours, stood, prompt, 2 * number + 1, options.seconds)
                else:
                    ours = await asyncio.to_thread(_ours, stood, prompt, 2 * number + 1, options.seconds)
                    plain = await _plain(script, stood, prompt, 2 * number)
                pairs.append((ours, plain))
                bar.update(shown, advance=1, description=f"ours {ours:.3f} s, plain {plain:.3f} s")
    finally:
        await script.close()
    measured = pairs[options.warm_up :]
    return pairs[0], [pair[0] for pair in measured], [pair[1] for pair in measured]


def _ours(stood: Stand, prompt: str, seed: int, seconds: float) -> float:
    expected = stood.stored() + len(MODELS)
    submission = stood.submission(prompt, seed)
    heard = stood.listener()
    began = time.time()
    stood.submit(submission)
    ended = stood.finished(heard, expected=expected, not_before=began + seconds)
    heard.close()
    return ended - began


def _stages(stood: Stand, calls: int) -> Figures:
    """Where the product's time goes, by its own timestamps: medians over the newest calls, milliseconds."""
    with db.unit_of_work() as session:
        newest = (
            session.execute(select(Call).order_by(col(Call.created_at).desc()).limit(calls)).scalars().all()
        )
    steps = {
        "claim": [(call.created_at, call.claimed_at) for call in newest],
        "intend": [(call.claimed_at, call.intent_at) for call in newest],
        "send": [(call.intent_at, call.sent_at) for call in newest],
        "vendor": [(call.sent_at, call.received_at) for call in newest],
        "keep": [(call.received_at, call.finished_at) for call in newest],
    }
    return {
        f"stage_{name}_p50_ms": round(quantile([_milliseconds(*step) for step in taken], 0.5), 1)
        for name, taken in steps.items()
    }


def _milliseconds(start: datetime | None, end: datetime | None) -> float:
    assert start is not None
    assert end is not None
    return (end - start).total_seconds() * 1000


async def _plain(script: Script, stood: Stand, prompt: str, seed: int) -> float:
    submission = stood.submission(prompt, seed)
    began = time.time()
    await script.run(submission)
    return time.time() - began


if __name__ == "__main__":
    sys.exit(run(main))
