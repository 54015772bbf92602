"""`runtz bench NAME`: one measurement, `bench/NAME.py`."""

import sys

import click

from runtz_core.cli.programs import run_module
from runtz_core.settings import PROJECT_ROOT


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("name", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(name: str | None, arguments: tuple[str, ...]) -> None:
    """Run the measurement NAME; without a name, list those there are."""
    known = names()
    if name is None or name not in known:
        listed = ", ".join(known) or "none in this copy of the project"
        click.echo(
            f"There is no measurement {name}. There are: {listed}." if name else listed, err=name is not None
        )
        sys.exit(2 if name else 0)
    sys.exit(run_module(f"bench.{name}", arguments))


def names() -> list[str]:
    """Every file in bench/ that can be run by name."""
    return sorted(
        path.stem for path in (PROJECT_ROOT / "bench").glob("[!_]*.py") if runnable(path.read_text())
    )


def runnable(source: str) -> bool:
    """Whether a file there is a measurement and not something shared by several."""
    return '__name__ == "__main__"' in source
