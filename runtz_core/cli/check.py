"""`runtz check`: format, lint, types and import contracts, each with its verdict and time."""

import sys
import time

import click

from runtz_core.cli.programs import run_python

CHECKS = {
    "format": ("ruff", "-m", "ruff", "format", "--check", ".", "runtz"),
    "lint": ("ruff", "-m", "ruff", "check", ".", "runtz"),
    "types": ("mypy", "-m", "mypy"),
    # The package has no __main__; its script's name depends on how the environment was made.
    "imports": ("importlinter", "-c", "from importlinter.cli import lint_imports_command as run; run()"),
}


@click.command()
def check() -> None:
    """Run every static check; exit code 1 when one fails."""
    failed = []
    for name, (module, *arguments) in CHECKS.items():
        began = time.monotonic()
        done = run_python(module, arguments, quiet=True)
        took = time.monotonic() - began
        click.echo(f"{name:<8} {'pass' if done.returncode == 0 else 'FAIL'}  {took:.1f} s")
        if done.returncode != 0:
            failed.append(name)
            click.echo(done.stdout)
    if failed:
        click.echo(f"Failed: {', '.join(failed)}.", err=True)
        sys.exit(1)
