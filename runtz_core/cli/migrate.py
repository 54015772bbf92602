"""`runtz migrate`: bring the database to this version's schema."""

import asyncio

import click

from runtz_core.cli.speech import data_option, read_settings, say
from runtz_core.settings import Settings
from runtz_core.supervisor.installation import installation
from runtz_core.supervisor.instance import running


@click.command()
@data_option
@click.option("--no-backup", is_flag=True, help="You have backed the database up yourself.")
def migrate(no_backup: bool) -> None:
    """Back the database up if it holds data, then migrate it. `up` does the same by itself."""
    settings = read_settings()
    instance = running(settings.data_dir)
    if instance is not None:
        click.echo(f"{instance.url or 'A headless run'} is running, so its database is up to date already.")
        return
    click.echo("migrated" if asyncio.run(_migrate(settings, backup=not no_backup)) else "already up to date")


async def _migrate(settings: Settings, *, backup: bool) -> bool:
    async with installation(settings, say=say) as held:
        await held.start_databases()
        return bool((await held.make_schema_current(backup=backup))["migrated"])
