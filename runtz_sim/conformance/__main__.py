"""`python -m runtz_sim.conformance DIR`: start the simulator, talk to it, judge by the documents in DIR."""

import asyncio
import logging
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from runtz_sim.app import application
from runtz_sim.conformance.allowances import ALLOWANCES
from runtz_sim.conformance.documents import SUFFIX, Document, load
from runtz_sim.conformance.driving import drive
from runtz_sim.conformance.judging import Judge
from runtz_sim.conformance.recording import Exchange, Recorder
from runtz_sim.server import serving
from runtz_sim.simulation import Options, Simulation
from runtz_sim.vendors import EVERYBODY


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0 all as documented, 1 something is not, 2 there is nothing to judge by."""
    if len(arguments) != 1:
        sys.stderr.write("Usage: python -m runtz_sim.conformance DIR\n")
        return 2
    folder = Path(arguments[0])
    documents, others = load(folder) if folder.is_dir() else ([], [])
    if not documents:
        what = "has no document that the simulator covers" if folder.is_dir() else "is no folder"
        sys.stderr.write(f"{folder} {what}; put the vendors' files named NAME{SUFFIX} there.\n")
        return 2
    logging.basicConfig(level=logging.WARNING)
    for name in others:
        sys.stdout.write(f"{name}  not judged: the simulator has no routes for it\n")
    return _report(Judge(documents, ALLOWANCES), asyncio.run(_exchanges(documents)))


def _report(judge: Judge, exchanges: Sequence[Exchange]) -> int:
    checks = [check for exchange in exchanges for check in judge.checks(exchange)]
    for check in checks:
        sys.stdout.write(f"{check}\n")
    for allowance, times in judge.used.items():
        sys.stdout.write(f"{allowance}  allowed {times} times: {allowance.why}\n")
    unneeded = judge.unneeded()
    for allowance in unneeded:
        sys.stdout.write(f"{allowance}  NOT NEEDED any more, remove it: {allowance.why}\n")
    violations = sum(bool(check.violations) for check in checks)
    sys.stdout.write(
        f"{len(checks)} checks, {violations} violations, {len(unneeded)} allowances not needed\n"
    )
    return 1 if violations or unneeded else 0


async def _exchanges(documents: Sequence[Document]) -> list[Exchange]:
    simulation = Simulation(
        options=Options(fast=True), vendors=EVERYBODY, clock=time.time, dice=random.Random(1)
    )
    recorder = Recorder(application(simulation))
    vendors = [document.prefix.split("/")[1] for document in documents]
    try:
        async with serving(recorder, "127.0.0.1", 0) as port:
            await drive(recorder, simulation, f"http://127.0.0.1:{port}", vendors)
    finally:
        simulation.close()
    return recorder.exchanges


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
