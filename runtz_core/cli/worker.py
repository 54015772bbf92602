"""`runtz worker`: one worker process on databases by URL."""

import sys

import click

from runtz_core.cli.speech import data_option, fail, read_settings
from runtz_core.supervisor import StartRefused


@click.command()
@data_option
def worker() -> None:
    """Run one worker on RUNTZ_DATABASE_URL and RUNTZ_REDIS_URL, until SIGTERM: then it fetches what is paid for."""
    from runtz_core.supervisor import alone

    try:
        service = alone.worker(read_settings())
    except StartRefused as refusal:
        sys.exit(fail(str(refusal)))
    alone.become(service)
