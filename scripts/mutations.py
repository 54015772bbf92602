"""Takes one guard after another out of a copy of the code; the test named beside it must then fail.

    .venv/bin/python -m scripts.mutations [NAME …]

A guard nobody notices the loss of is no guard. Exit code 1 names those.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".web", ".runtz", ".cache", "__pycache__", "uploaded_images", "reflex.lock", ".mypy_cache",
    ".ruff_cache", ".pytest_cache", ".hypothesis", "node_modules",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """A guard, what is left when it is gone, and the test that must notice."""

    name: str
    path: str
    guard: str
    instead: str
    test: str


CLAIMS = "runtz_core/jobs/claims.py"
TURNS = "runtz_core/jobs/turns.py"
MUTATIONS = (
    Mutation(
        name="one end for each call",
        path="alembic/versions/0001_first_schema.py",
        guard='"one_end_per_call",\n        "transfers",\n        ["call_id"],\n        unique=True',
        instead='"one_end_per_call",\n        "transfers",\n        ["call_id"],\n        unique=False',
        test="tests/ledger/test_races.py::test_the_database_itself_refuses_a_second_end",
    ),
    Mutation(
        name="the fence of every write",
        path=CLAIMS,
        guard="            _CALLS.c.attempt == claim.attempt,\n            _CALLS.c.state == CallState.RUNNING,\n",
        instead="",
        test="tests/core/test_work.py::test_a_fenced_attempt_writes_nothing",
    ),
    Mutation(
        name="the attempt grows with every claim",
        path=TURNS,
        guard="attempt = attempt + 1",
        instead="attempt = 1",
        test="tests/core/test_work.py::test_a_fenced_attempt_writes_nothing",
    ),
    Mutation(
        name="no balance below zero",
        path="alembic/versions/0001_first_schema.py",
        guard="balance >= 0",
        instead="balance >= -1000000",
        test="tests/core/test_credits.py::test_a_negative_balance_cannot_be_written",
    ),
    Mutation(
        name="fsync before the name",
        path="runtz_core/images/intake.py",
        guard="            original.sync()\n",
        instead="",
        test="tests/images/test_durability.py",
    ),
    Mutation(
        name="a call somebody holds is not claimed",
        path=TURNS,
        guard="FOR UPDATE OF calls SKIP LOCKED",
        instead="FOR UPDATE OF calls",
        test="tests/core/test_flow.py::test_a_call_somebody_is_cancelling_is_not_waited_for_and_not_taken",
    ),
    Mutation(
        name="what was sent is not sent again",
        path="runtz_core/jobs/upkeep.py",
        guard="(call.intent_at is None and call.attempt < attempts)",
        instead="call.attempt < attempts",
        test="tests/core/test_work.py::test_a_call_left_after_sending_is_unknown_and_never_sent_again",
    ),
    Mutation(
        name="one call is sent to see",
        path=TURNS,
        guard="WHEN tripped_at IS NOT NULL THEN 1 -",
        instead="WHEN tripped_at IS NOT NULL THEN 9 -",
        test="tests/core/test_flow.py::test_half_open_one_call_is_sent_to_see",
    ),
    Mutation(
        name="the budget of retries",
        path="runtz_core/flow/rules.py",
        guard="    if retried >= max(flow.retry_floor, flow.retry_share * ended):\n        return False\n",
        instead="",
        test="tests/core/test_flow.py::test_the_budget_lets_five_retries_a_minute_and_then_a_tenth",
    ),
    Mutation(
        name="a resting lane does not grow",
        path="runtz_core/flow/lanes.py",
        guard="col(Lane.tripped_at).is_(None), quiet",
        instead="quiet",
        test="tests/core/test_flow.py::test_a_lane_that_was_cut_grows_again_by_time_alone",
    ),
    Mutation(
        name="old calls say nothing about new room",
        path="runtz_core/flow/rules.py",
        guard="return since is None or began > since",
        instead="return True",
        test="tests/core/test_flow.py::test_a_crowded_provider_gets_half_once_for_all_that_was_sent_before",
    ),
)


def main() -> int:
    """Run the mutations asked for, or all. 0: every one was noticed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("names", nargs="*", help="only mutations whose name contains one of these")
    names = options.parse_args().names
    console = Console()
    unnoticed = []
    for mutation in MUTATIONS:
        if names and not any(name in mutation.name for name in names):
            continue
        noticed = _noticed(mutation)
        console.print(f"{'noticed  ' if noticed else 'UNNOTICED'}  {mutation.name}: {mutation.test}")
        if not noticed:
            unnoticed.append(mutation.name)
    return 1 if unnoticed else 0


def _noticed(mutation: Mutation) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "runtz"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        path = copy / mutation.path
        before = path.read_text()
        if mutation.guard not in before:
            raise SystemExit(
                f"{mutation.path} no longer holds the guard {mutation.name!r}; correct this script"
            )
        path.write_text(before.replace(mutation.guard, mutation.instead))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RUNTZ_")}
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", mutation.test],
            cwd=copy,
            env=environment | {"RUNTZ_ENV_FILE": "", "PYTHONPATH": str(copy)},
            capture_output=True,
            check=False,
        )
        return ended.returncode == 1  # 1: a test failed; anything else is a broken run


if __name__ == "__main__":
    sys.exit(main())
