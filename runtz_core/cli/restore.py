"""`runtz restore FILE`: an installation as it was when the backup was made."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtz_core.cli.backup import described
from runtz_core.cli.speech import data_option, fail, read_settings, say
from runtz_core.supervisor import StartRefused
from runtz_core.supervisor.instance import running

if TYPE_CHECKING:
    from runtz_core.backup.service import Restored
    from runtz_core.settings import Settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Replace the data that is there; its database is dumped first.")
@data_option
def restore(file: Path, replace: bool) -> None:
    """Put FILE back into the data folder, which must be empty or be replaced, and check all of it."""
    settings = read_settings()
    instance = running(settings.data_dir)
    try:
        if instance is not None:
            raise StartRefused(f"It is running (pid {instance.pid}). Stop it, then start again.")
        done = asyncio.run(_restore(settings, file, replace=replace))
    except StartRefused as refused:
        sys.exit(fail(str(refused)))
    click.echo(f"Restored and checked: {described(done.manifest)}. The books add up, every picture is whole.")
    if done.ended:
        click.echo(
            f"{done.ended} calls were under way then; they are marked as of unknown outcome and cost no credits."
        )
    if done.manifest.missing:
        click.echo(f"{len(done.manifest.missing)} pictures were damaged already when the backup was made.")


async def _restore(settings: "Settings", file: Path, *, replace: bool) -> "Restored":
    from runtz_core.backup import service
    from runtz_core.supervisor import schema
    from runtz_core.supervisor.installation import installation

    manifest = await asyncio.to_thread(service.read, file)
    async with installation(settings, say=say) as held:
        await held.start_databases()
        if await asyncio.to_thread(service.require_empty, held.settings, replace=replace):
            owner = held.settings.migration_database_url or held.settings.database_url or ""
            kept = await asyncio.to_thread(schema.back_up, owner, held.layout.backups, why="before-restore")
            say("runtz", f"the database that is replaced is kept in {kept}")
        await asyncio.to_thread(service.put_back, held.settings, file, manifest)
        return await asyncio.to_thread(service.settle_in, held.settings, manifest)
