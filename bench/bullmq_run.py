"""Installs BullMQ once into the cache and runs its worker beside us: same Valkey, same simulator, same orders."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from runtz_core.jobs import requests
from runtz_core.jobs.requests import Submission
from runtz_core.providers import registry
from runtz_core.providers.models.openai import PARTIALS
from runtz_core.settings import PROJECT_ROOT
from runtz_core.supervisor import StartRefused

SOURCE = Path(__file__).with_name("bullmq")
CACHE = PROJECT_ROOT / ".cache" / "bullmq"
DATABASE = 9  # of the same Valkey; ours are 0, 1 and 3
POLL_SECONDS = 0.5  # as in the adapters of Ideogram and FLUX


def install() -> list[str]:
    """The command that runs the worker, with its packages installed. Raises StartRefused when they cannot be."""
    CACHE.mkdir(parents=True, exist_ok=True)
    wanted = (SOURCE / "package.json").read_text()
    stamp = CACHE / "installed.json"
    shutil.copy(SOURCE / "worker.mjs", CACHE / "worker.mjs")
    bun = shutil.which("bun", path=str(Path(sys.executable).parent)) or shutil.which("bun")
    node, npm = shutil.which("node"), shutil.which("npm")
    if not stamp.exists() or stamp.read_text() != wanted:
        (CACHE / "package.json").write_text(wanted)
        installer = [npm, "install", "--no-audit", "--no-fund"] if npm else [bun or "bun", "install"]
        done = subprocess.run(installer, cwd=CACHE, capture_output=True, text=True)
        if done.returncode:
            last = next(reversed((done.stderr or done.stdout).splitlines()), "it said nothing")
            raise StartRefused(f"BullMQ could not be installed from npm: {last}")
        stamp.write_text(wanted)
    runtime = node or bun
    if runtime is None:
        raise StartRefused("Neither node nor bun is here to run BullMQ; install one of them.")
    return [runtime, str(CACHE / "worker.mjs")]


def run(
    command: Sequence[str],
    *,
    folder: Path,
    simulator_url: str,
    redis_url: str,
    submissions: Sequence[Submission],
    concurrency: int,
) -> dict[str, Any]:
    """Do the calls of `submissions` with BullMQ; what it took, as worker.mjs says it."""
    folder.mkdir(parents=True)
    orders = [order for submission in submissions for order in _orders(submission)]
    plan = {
        "simulator_url": simulator_url,
        "redis": _redis(redis_url),
        "folder": str(folder),
        "concurrency": concurrency,
        "poll_seconds": POLL_SECONDS,
        "partials": PARTIALS,
        "orders": [{"number": number, **order} for number, order in enumerate(orders)],
    }
    file = folder.with_suffix(".json")
    file.write_text(json.dumps(plan))
    done = subprocess.run([*command, str(file)], stdout=subprocess.PIPE, text=True, check=True, timeout=600)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _orders(submission: Submission) -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for choice in submission.models:
        spec = registry.spec(choice.model)
        request, _ = requests.build(submission, spec, spec.default_tier, 0)
        made.append(
            {
                "provider": spec.provider,
                "model": request.model,
                "prompt": request.prompt,
                "tier": request.tier,
                "ratio": request.ratio,
                "size": str(request.size),
                "seed": request.seed,
            }
        )
    return made


def _redis(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return {"path": parts.path, "db": DATABASE}
    return {"host": parts.hostname, "port": parts.port or 6379, "db": DATABASE}
