"""`runtz test`: the whole suite, with everything it needs brought along."""

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from runtz_core.cli import browser
from runtz_core.cli.programs import run_module
from runtz_core.cli.speech import say
from runtz_core.settings import PROJECT_ROOT

TESTS_FAILED = 1  # pytest's exit code when tests ran and some failed
SIDE_BY_SIDE = 3  # one more than a small machine has processors: most tests wait for others to act
MOST_AGAIN = 5  # more failures than this are no accident of a busy machine


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--all", "everything", is_flag=True, help="Also the tests that need minutes.")
@click.option(
    "--again",
    is_flag=True,
    help=f"Run up to {MOST_AGAIN} failed tests once more, alone, and name those that passed only then.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(everything: bool, again: bool, arguments: tuple[str, ...]) -> None:
    """Run the tests; ARGUMENTS go to pytest. A missing browser is a failure, not a skip."""
    # Settings of the person's own installation must not reach the tests.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RUNTZ_")}
    environment["RUNTZ_ENV_FILE"] = ""  # nor must its keys: a test would spend money
    environment["CHROMIUM"] = str(browser.chromium(lambda text: say("runtz", text)))
    chosen = () if everything else ("-m", "not slow")
    # Tests of one file share what they started (tests/order.py).
    shared = ("-n", str(SIDE_BY_SIDE), "--dist", "loadfile", "--no-loadscope-reorder")
    side_by_side = () if {"-n", "-n0", "--pdb", "-x"} & set(arguments) else shared
    if not again:
        cache = () if os.access(PROJECT_ROOT, os.W_OK) else ("-p", "no:cacheprovider")
        sys.exit(run_module("pytest", [*chosen, *side_by_side, *cache, *arguments], environment=environment))
    with tempfile.TemporaryDirectory(prefix="runtz-test-") as folder:
        cache = ("-o", f"cache_dir={folder}")
        code = run_module("pytest", [*chosen, *side_by_side, *cache, *arguments], environment=environment)
        if code == TESTS_FAILED:
            code = _once_more(Path(folder), [*cache, *arguments], environment)
    sys.exit(code)


def _once_more(cache: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run what failed alone. Returns pytest's exit code; what passes only now is named, since it is unsound."""
    failed = list(json.loads((cache / "v" / "cache" / "lastfailed").read_text()))
    if len(failed) > MOST_AGAIN:
        return TESTS_FAILED
    say("runtz", f"{len(failed)} failed beside the others; once more, alone")
    code = run_module("pytest", ["--last-failed", "-n0", *arguments], environment=environment)
    if code == 0:
        say("runtz", "passed only when run alone, which is a fault of the test: " + ", ".join(failed))
    return code
