"""How long a picture of 1024 by 1024 takes to be doubled on the processor, and how much memory the child needs."""

import asyncio
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from bench.processes import Others
from bench.report import Figures, console, machine, parser, run, show
from runtz_core.images.enlarge import THREADS, enlarge


def main() -> None:
    """Smooth shapes under noise, enlarged a few times, one after another."""
    options = parser("upscale", __doc__ or "")
    options.add_argument("--side", type=int, default=1024, help="pixels of the square picture (1024)")
    options.add_argument("--times", type=int, default=2, choices=(2, 4), help="how many times as wide (2)")
    options.add_argument("--samples", type=int, default=5, help="enlargements measured (5)")
    given = options.parse_args()
    before = machine()
    console.print(f"starting; load {before['load_before_1m']}")
    with tempfile.TemporaryDirectory() as folder, Others() as others:
        path = Path(folder) / "in.png"
        _picture(given.side).save(path)
        took = [asyncio.run(_once(path, given.times)) for _ in range(given.samples)]
    figures: Figures = {
        "upscale_1024_s": round(statistics.median(took), 2),
        "slowest_s": round(max(took), 2),
        "peak_child_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "threads": THREADS,
        "others_cpu_share": others.share,
        **before,
    }
    asked = {"side": given.side, "times": given.times, "samples": given.samples}
    show("upscale", figures, asked, as_json=given.json)


async def _once(path: Path, times: int) -> float:
    async def tell(_percent: int) -> bool:
        return True

    began = time.monotonic()
    await enlarge(path, times, tell)
    return time.monotonic() - began


def _picture(side: int) -> Image.Image:
    draw = np.random.default_rng(7)
    waves = np.linspace(0, 12, side)
    base = 127 + 90 * np.sin(waves)[:, None] * np.cos(waves)[None, :]
    noisy = base[:, :, None] + draw.normal(0, 12, (side, side, 3))
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


if __name__ == "__main__":
    sys.exit(run(main))
