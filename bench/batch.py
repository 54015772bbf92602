"""A batch of five hundred prompts for four models on fast simulated vendors: accepted, made, stored, in the books."""

import argparse
import sys
import time
from uuid import uuid4

from sqlalchemy import func, select
from sqlmodel import col

from bench.processes import Others, Peak, cpu_seconds
from bench.report import Figures, Target, console, machine, parser, progress, run, show
from bench.stand import MODELS, Stand, stand
from runtz_core import db
from runtz_core.batches import service
from runtz_core.batches.service import Order
from runtz_core.batches.sheet import Row
from runtz_core.credits import books
from runtz_core.credits import service as credits
from runtz_core.jobs.models import Call
from runtz_core.jobs.requests import ModelChoice
from runtz_core.providers import registry

TARGETS = (Target(figure="accept_s", at_most=3.0), Target(figure="books_hold", at_least=1))
PATIENCE = 1800.0  # seconds; most of a run is the simulator drawing
LANE = 100  # calls in flight with each vendor; the published limits would be what is measured otherwise


def main() -> None:
    """Submit once, wait for every picture, then add the books up."""
    options = _options()
    before = machine()
    configured = _configured()
    console.print(f"starting; load {before['load_before_1m']}")
    with stand(seconds=options.seconds, configured=configured) as stood, Others() as beside:
        _warm(stood)
        found = _measure(stood, options.prompts)
    asked = {"prompts": options.prompts, "seconds": options.seconds, "models": MODELS, **configured}
    found["others_cpu_share"] = beside.share
    show("batch", {**found, **before}, asked, targets=TARGETS, as_json=options.json)


def _options() -> argparse.Namespace:
    options = parser("batch", __doc__ or "")
    options.add_argument("--prompts", type=int, default=500, help="rows of the batch (500)")
    options.add_argument("--seconds", type=float, default=0.05, help="each vendor's latency (0.05)")
    return options.parse_args()


def _configured() -> dict[str, str]:
    providers = [registry.spec(model).provider for model in MODELS]
    lanes = {f"RUNTZ_PROVIDERS__{provider.upper()}__CONCURRENCY": str(LANE) for provider in providers}
    return {"RUNTZ_CALLS_IN_FLIGHT": str(LANE * len(MODELS)), **lanes}


def _order(prompts: int) -> Order:
    rows = tuple(Row(prompt=f"Night harbour after rain, {number}", seed=number) for number in range(prompts))
    models = tuple(ModelChoice(model=model) for model in MODELS)
    return Order(submission_key=uuid4().hex, rows=rows, models=models, confirmed=True)


def _submit(stood: Stand, prompts: int) -> None:
    with db.unit_of_work() as session:
        service.submit(session, stood.user_id, _order(prompts))


def _warm(stood: Stand) -> None:
    _submit(stood, 1)
    _watch(stood, len(MODELS))


def _measure(stood: Stand, prompts: int) -> Figures:
    total = prompts * len(MODELS)
    stored = stood.stored()
    working, drawing, keeping = _cpu(stood)
    with Peak(stood.worker_pid) as peak:
        began = time.time()
        _submit(stood, prompts)
        accepted = time.time()
        _watch(stood, total)
    with db.unit_of_work() as session:
        ended = session.execute(select(func.max(col(Call.finished_at)))).scalar_one()
        report = books.check(session)
        held = credits.balance(session, stood.user_id).held
    wall, after = ended.timestamp() - began, _cpu(stood)
    return {
        "accept_s": round(accepted - began, 3),
        "wall_s": round(wall, 2),
        "pictures_per_s": round(total / wall, 1),
        "stored": stood.stored() - stored,
        "books_hold": int(all(check.holds for check in report.checks) and held == 0),
        "worker_cpu_s": round(after[0] - working, 1),
        "sim_cpu_s": round(after[1] - drawing, 1),
        "postgres_cpu_s": round(after[2] - keeping, 1),
        "rss_peak_mib": round(peak.rss, 1),
        "pss_peak_mib": round(peak.pss, 1),
    }


def _cpu(stood: Stand) -> tuple[float, float, float]:
    """CPU seconds so far of the worker with its decode processes, the simulator, and Postgres."""
    postgres = stood.installation.supervisor.processes()["postgres"]
    return cpu_seconds(stood.worker_pid), stood.vendors.cpu_seconds(), cpu_seconds(postgres)


def _watch(stood: Stand, total: int) -> None:
    """Show progress until nothing is unfinished. Raises TimeoutError."""
    give_up = time.time() + PATIENCE
    with progress() as bar:
        shown = bar.add_task("pictures", total=total)
        while left := stood.unfinished():
            bar.update(shown, completed=total - left)
            if time.time() > give_up:
                raise TimeoutError(f"{left} calls are unfinished after {PATIENCE:.0f} s")
            time.sleep(0.2)
        bar.update(shown, completed=total)


if __name__ == "__main__":
    sys.exit(run(main))
