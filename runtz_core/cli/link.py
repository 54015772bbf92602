"""`runtz link`: a new one-time link for the owner."""

import sys

import click

from runtz_core.cli.speech import data_option, fail, read_settings
from runtz_core.supervisor import owner_link
from runtz_core.supervisor.instance import running


@click.command()
@data_option
def link() -> None:
    """Print a new link that signs the owner in: once, within 15 minutes."""
    settings = read_settings()
    instance = running(settings.data_dir)
    if instance is None and settings.database_url is not None and settings.public_url is not None:
        # Web processes by themselves, behind a proxy: `runtz web` leaves no note.
        click.echo(settings.public_url.rstrip("/") + owner_link.new_path(settings))
        return
    if instance is None or instance.url is None:
        sys.exit(
            fail(
                f"Nothing runs on {settings.data_dir}, so a link would lead nowhere. Start it with ./runtz up."
            )
        )
    here = settings.model_copy(update={"database_url": instance.database_url})
    click.echo(instance.url + owner_link.new_path(here))
