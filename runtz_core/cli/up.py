"""`runtz up`: start everything in the foreground."""

import asyncio
import os
import sys
import webbrowser

import click

from runtz_core.cli.speech import data_option, read_settings, say
from runtz_core.supervisor.up import Ready
from runtz_core.supervisor.up import up as run_everything


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Default: 3000, or the next free one.")
@click.option("--host", help="The address to listen on. Default: this machine only.")
@click.option("--public-url", help="The https address people use, when a proxy stands in front.")
@click.option("--insecure-http", is_flag=True, help="Allow others to connect over plain http.")
@data_option
@click.option("--verbose", is_flag=True, help="Show every line the services print.")
@click.option("--no-open", is_flag=True, help="Do not open the browser.")
def up(
    port: int | None,
    host: str | None,
    public_url: str | None,
    insecure_http: bool,
    verbose: bool,
    no_open: bool,
) -> None:
    """Start everything, print the address and a link that signs you in, and run until Ctrl-C."""
    given = {"port": port, "host": host, "public_url": public_url}
    chosen = {name: value for name, value in given.items() if value is not None}
    settings = read_settings().model_copy(update=chosen)
    if insecure_http:
        settings = settings.model_copy(update={"insecure_http": True})

    def ready(told: Ready) -> None:
        show(told, open_browser=not no_open and sys.stdout.isatty() and has_desktop())

    sys.exit(asyncio.run(run_everything(settings, say=say, verbose=verbose, ready=ready)))


def show(told: Ready, *, open_browser: bool) -> None:
    """The last lines of a start: the ones a person needs."""
    say("runtz", f"ready in {told.seconds:.1f} s: {told.url}")
    say("runtz", f"sign in once with this link (15 minutes): {told.link}")
    say("runtz", "Ctrl-C stops everything; the next start finds all of it again")
    if open_browser:
        webbrowser.open(told.link)


def has_desktop() -> bool:
    """Whether a window can open; on a server `webbrowser` would take over the terminal with a text browser."""
    return sys.platform == "darwin" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
