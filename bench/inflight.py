"""A hundred jobs of four pictures submitted at once, and the same calls by a plain BullMQ worker."""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select
from sqlmodel import col

from bench import bullmq_run
from bench.processes import Others, Peak, cpu_seconds
from bench.report import Figures, console, machine, parser, progress, run, show
from bench.stand import MODELS, PATIENCE, Stand, stand
from runtz_core import db
from runtz_core.images.models import Image
from runtz_core.jobs.models import Call
from runtz_core.jobs.requests import Submission
from runtz_core.providers import registry

SUBMITTERS = 4  # threads, as a busy web server would


def main() -> None:
    """First the product, then BullMQ with concurrency for every call, on the same Valkey and simulator."""
    options = _options()
    before = machine()
    command = None if options.alone else bullmq_run.install()
    configured = _configured(options.jobs)
    console.print(f"starting; load {before['load_before_1m']}")
    with stand(seconds=options.seconds, configured=configured) as stood:
        _warm(stood)
        with Others() as beside_ours:
            ours = _ours(stood, options.jobs)
        ours["others_cpu_share"] = beside_ours.share
        ours["settled_s"] = _settled(stood)
        theirs = {} if command is None else _theirs(stood, command, options.jobs)
    asked = {
        "jobs": options.jobs,
        "seconds": options.seconds,
        "models": MODELS,
        "bullmq": "6.7.0, concurrency for every call, download and write only",
        **configured,
    }
    show("inflight", {**ours, **theirs, **before}, asked, as_json=options.json)


def _options() -> argparse.Namespace:
    options = parser("inflight", __doc__ or "")
    options.add_argument("--jobs", type=int, default=100, help="jobs of four pictures (100)")
    options.add_argument("--seconds", type=float, default=2.0, help="each vendor's latency (2)")
    options.add_argument("--alone", action="store_true", help="leave BullMQ out; needs no npm")
    return options.parse_args()


def _configured(jobs: int) -> dict[str, str]:
    """Lanes as wide as the run: the vendors' published limits would be what is measured otherwise."""
    providers = [registry.spec(model).provider for model in MODELS]
    lanes = {f"RUNTZ_PROVIDERS__{provider.upper()}__CONCURRENCY": str(jobs) for provider in providers}
    return {"RUNTZ_CALLS_IN_FLIGHT": str(jobs * len(MODELS)), **lanes}


def _warm(stood: Stand) -> None:
    heard = stood.listener()
    stood.submit(stood.submission("A first picture", 1))
    stood.finished(heard, expected=len(MODELS), not_before=0)
    heard.close()


def _submissions(stood: Stand, jobs: int, first_seed: int) -> list[Submission]:
    return [
        stood.submission(f"Night harbour after rain, {number}", first_seed + number) for number in range(jobs)
    ]


def _ours(stood: Stand, jobs: int) -> Figures:
    submissions = _submissions(stood, jobs, 1000)
    before = stood.stored()
    stood.vendors.forget_counts()
    cpu, working = stood.vendors.cpu_seconds(), cpu_seconds(stood.worker_pid)
    with Peak(stood.worker_pid) as peak, ThreadPoolExecutor(SUBMITTERS) as submitters:
        began = time.time()
        job_ids = list(submitters.map(stood.submit, submissions))
        submitted = time.time()
        _watch(stood, jobs)
    with db.unit_of_work() as session:
        ended = session.execute(select(func.max(Call.finished_at)).where(col(Call.job_id).in_(job_ids)))
        wall = ended.scalar_one().timestamp() - began
    drawing = stood.vendors.stats()
    return {
        "wall_s": round(wall, 2),
        "submit_s": round(submitted - began, 2),
        "stored": stood.stored() - before,
        "worker_cpu_s": round(cpu_seconds(stood.worker_pid) - working, 2),
        "rss_peak_mib": round(peak.rss, 1),
        "pss_peak_mib": round(peak.pss, 1),
        "sim_cpu_s": round(stood.vendors.cpu_seconds() - cpu, 2),
        "sim_drawing_cpu_s": round(drawing["cpu_seconds"] + drawing["preview_cpu_seconds"], 2),
        "sim_in_flight_peak": drawing["in_flight_peak"],
    }


def _watch(stood: Stand, jobs: int) -> None:
    """Show progress until nothing is unfinished. Raises TimeoutError."""
    total = jobs * len(MODELS)
    give_up = time.time() + PATIENCE
    with progress() as bar:
        shown = bar.add_task("pictures", total=total)
        while left := stood.unfinished():
            bar.update(shown, completed=total - left)
            if time.time() > give_up:
                raise TimeoutError(f"{left} calls are unfinished after {PATIENCE:.0f} s")
            time.sleep(0.1)
        bar.update(shown, completed=total)


def _settled(stood: Stand) -> float:
    """Wait until the worker has also made what follows a ready picture; the seconds that took."""
    began = time.monotonic()
    missing = select(func.count()).select_from(Image).where(col(Image.thumbhash).is_(None))
    while time.monotonic() - began < PATIENCE:
        with db.unit_of_work() as session:
            if session.execute(missing).scalar_one() == 0:
                break
        time.sleep(0.2)
    return round(time.monotonic() - began, 2)


def _theirs(stood: Stand, command: list[str], jobs: int) -> Figures:
    stood.vendors.forget_counts()
    cpu = stood.vendors.cpu_seconds()
    console.print("the same calls by BullMQ")
    with Others() as beside:
        found = bullmq_run.run(
            command,
            folder=stood.folder / "bullmq",
            simulator_url=stood.vendors.url,
            redis_url=stood.installation.settings.redis_url or "",
            submissions=_submissions(stood, jobs, 5000),
            concurrency=jobs * len(MODELS),
        )
    return {
        "bullmq_wall_s": round(found["wall_s"], 2),
        "bullmq_submit_s": round(found["submit_s"], 2),
        "bullmq_stored": found["stored"],
        "bullmq_cpu_s": round(found["cpu_s"], 2),
        "bullmq_rss_peak_mib": round(found["rss_peak_mib"], 1),
        "bullmq_sim_cpu_s": round(stood.vendors.cpu_seconds() - cpu, 2),
        "bullmq_others_cpu_share": beside.share,
        "bullmq_runtime": found["runtime"],
    }


if __name__ == "__main__":
    sys.exit(run(main))
