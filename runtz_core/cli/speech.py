"""How commands speak: refusals on standard error, settings that cannot be read as a sentence."""

import sys
import time

import click
from pydantic import ValidationError

from runtz_core.settings import Settings
from runtz_core.supervisor import StartRefused

COLOURS = {
    "postgres": "blue",
    "valkey": "red",
    "worker": "yellow",
    "web": "green",
    "simulator": "magenta",
    "runtz": "cyan",
}


def fail(sentence: str) -> int:
    """Say why the command cannot go on; returns its exit code."""
    click.echo(f"runtz: {sentence}", err=True)
    return 1


def say(who: str, what: str) -> None:
    """One prefixed line: coloured on a terminal, with the time when written to a file."""
    if sys.stdout.isatty():
        click.echo(f"{click.style(f'{who:>9}', fg=COLOURS.get(who))} │ {what}")
    else:
        click.echo(f"{time.strftime('%H:%M:%S')} {who:>9} | {what}")
    sys.stdout.flush()


def read_settings() -> Settings:
    """The configuration. Raises StartRefused that names what is wrong with it."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"RUNTZ_{'__'.join(map(str, problem['loc'])).upper()}: {problem['msg']}"
            for problem in error.errors()
        )
        raise StartRefused(
            f"The configuration cannot be read ({wrong}). Correct it and start again."
        ) from None
