"""`runtz web`: one web process on databases by URL."""

import sys

import click

from runtz_core.cli.speech import data_option, fail, read_settings, say
from runtz_core.supervisor import StartRefused


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Default: 3000, or the next free one.")
@click.option("--host", help="The address to listen on. Default: this machine only.")
@click.option("--public-url", help="The https address people use, when a proxy stands in front.")
@click.option("--insecure-http", is_flag=True, help="Allow others to connect over plain http.")
@click.option("--build", is_flag=True, help="Only build the pages (for an image), then end.")
@data_option
def web(port: int | None, host: str | None, public_url: str | None, insecure_http: bool, build: bool) -> None:
    """Serve pages and API on RUNTZ_DATABASE_URL and RUNTZ_REDIS_URL, until SIGTERM."""
    from runtz_core.supervisor import alone

    given = {"port": port, "host": host, "public_url": public_url, "insecure_http": insecure_http or None}
    chosen = {name: value for name, value in given.items() if value is not None}
    try:
        settings = read_settings().model_copy(update=chosen)
        if build:
            say("pages", str(alone.build(settings, say=say)))
            return
        service = alone.web(settings, say=say)
    except StartRefused as refusal:
        sys.exit(fail(str(refusal)))
    alone.become(service)
