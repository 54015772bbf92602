"""`runtz test`: the whole suite, with everything it needs brought along."""

import os
import sys

import click

from runtz_core.cli import browser
from runtz_core.cli.programs import run_module
from runtz_core.cli.speech import say
from runtz_core.settings import PROJECT_ROOT


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--all", "everything", is_flag=True, help="Also the tests that need minutes.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(everything: bool, arguments: tuple[str, ...]) -> None:
    """Run the tests; ARGUMENTS go to pytest. A missing browser is a failure, not a skip."""
    # Settings of the person's own installation must not reach the tests.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RUNTZ_")}
    environment["RUNTZ_ENV_FILE"] = ""  # nor must its keys: a test would spend money
    environment["CHROMIUM"] = str(browser.chromium(lambda text: say("runtz", text)))
    chosen = () if everything else ("-m", "not slow")
    # Most tests wait for other processes; tests of one file share what they started.
    side_by_side = () if {"-n", "-n0", "--pdb", "-x"} & set(arguments) else ("-n", "2", "--dist", "loadfile")
    cache = () if os.access(PROJECT_ROOT, os.W_OK) else ("-p", "no:cacheprovider")
    sys.exit(run_module("pytest", [*chosen, *side_by_side, *cache, *arguments], environment=environment))
