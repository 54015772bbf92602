"""How commands speak: refusals on standard error, settings that cannot be read as a sentence."""

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtz_core.supervisor import StartRefused

if TYPE_CHECKING:
    from runtz_core.settings import Settings

COLOURS = {
    "postgres": "blue",
    "valkey": "red",
    "worker": "yellow",
    "web": "green",
    "simulator": "magenta",
    "runtz": "cyan",
}


def _use_data(ctx: click.Context, parameter: click.Parameter, data: Path | None) -> None:
    # As an environment variable, so that the settings of this process and of every child agree.
    if data is not None:
        os.environ["RUNTZ_DATA_DIR"] = str(data.absolute())


data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    callback=_use_data,
    expose_value=False,
    help="Where everything is kept. Default: .runtz beside ./runtz.",
)


def fail(sentence: str) -> int:
    """Say why the command cannot go on; returns its exit code."""
    click.echo(f"runtz: {sentence}", err=True)
    return 1


def say(who: str, what: str) -> None:
    """One prefixed line: coloured on a terminal, with the time when written to a file."""
    # A terminal that was closed must not keep the rest from being stopped in order.
    with contextlib.suppress(OSError):
        if sys.stdout.isatty():
            click.echo(f"{click.style(f'{who:>9}', fg=COLOURS.get(who))} │ {what}")
        else:
            click.echo(f"{time.strftime('%H:%M:%S')} {who:>9} | {what}")
        sys.stdout.flush()


def read_settings() -> "Settings":
    """The configuration. Raises StartRefused that names what is wrong with it."""
    # Here, because `--help` has no use for a tenth of a second of imports.
    from pydantic import ValidationError

    from runtz_core.settings import read_settings as load

    try:
        return load()
    except ValidationError as error:
        wrong = "; ".join(
            f"{_name(problem['loc'], known=problem['type'] != 'extra_forbidden')}: {problem['msg']}"
            for problem in error.errors()
        )
        raise StartRefused(
            f"The configuration cannot be read ({wrong}). Correct it and start again."
        ) from None


def _name(place: tuple[int | str, ...], *, known: bool) -> str:
    """A setting as its person wrote it; a name that is none of ours comes with whatever prefix it had."""
    written = "__".join(map(str, place)).upper()
    return f"RUNTZ_{written}" if known else written
