"""`runtz conformance DIR`: the simulator and the adapters held against the vendors' OpenAPI documents."""

import sys
from pathlib import Path

import click

from runtz_core.cli.programs import run_module


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def conformance(folder: Path) -> None:
    """Check against the documents in FOLDER, which stay outside the repository."""
    sys.exit(run_module("runtz_sim.conformance", [str(folder.absolute())]))
