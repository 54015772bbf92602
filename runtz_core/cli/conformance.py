"""`runtz conformance DIR`: the simulator held against the vendors' OpenAPI documents."""

import os
import sys
from pathlib import Path

import click

from runtz_core.cli.programs import run_module
from runtz_core.settings import PROJECT_ROOT
from runtz_core.supervisor import StartRefused

SUITE = PROJECT_ROOT / "tests" / "conformance"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def conformance(folder: Path, arguments: tuple[str, ...]) -> None:
    """Check against the documents in FOLDER, which stay outside the repository."""
    if not folder.is_dir() or not any(folder.iterdir()):
        raise StartRefused(f"{folder} holds no OpenAPI documents; name the folder that does.")
    if not SUITE.is_dir():
        raise StartRefused(f"{SUITE} is missing from this copy of the project; get the whole repository.")
    environment = {**os.environ, "RUNTZ_SPECS_DIR": str(folder.absolute())}
    sys.exit(run_module("pytest", [str(SUITE), *arguments], environment=environment))
