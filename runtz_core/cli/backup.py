"""`runtz backup FILE`: database and pictures in one file."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtz_core.cli.reached import reached
from runtz_core.cli.speech import data_option, fail, read_settings
from runtz_core.supervisor import StartRefused

if TYPE_CHECKING:
    from runtz_core.backup.archive import Manifest

INCOMPLETE = 3


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--with-key", is_flag=True, help="Also the master key: then FILE opens saved provider keys.")
@data_option
def backup(file: Path, with_key: bool) -> None:
    """Write everything into FILE and read it back to prove it; also while it runs.

    Exit code 0: all of it is there; 3: made, but some pictures are damaged on this disk and not in it.
    """
    from runtz_core.backup import service

    target = file.absolute()
    try:
        if target.exists():
            raise StartRefused(f"{target} is there already. Nothing was changed; name another file.")
        if not target.parent.is_dir():
            raise StartRefused(f"There is no folder {target.parent}. Make it, then start again.")
        with reached(read_settings()) as settings:
            made = service.back_up(settings, target, with_key=with_key, seen=_seen)
    except StartRefused as refused:
        sys.exit(fail(str(refused)))
    click.echo(f"{target}: {described(made)}, {target.stat().st_size / 1e6:,.1f} MB, read back and whole.")
    if not made.has_key:
        click.echo(
            "The master key is not in it: keep a copy of master.key elsewhere, or enter provider keys again."
        )
    if made.missing:
        click.echo(
            f"{len(made.missing)} pictures are damaged or lost on this disk: ./runtz scrub names them."
        )
        sys.exit(INCOMPLETE)


def described(manifest: "Manifest") -> str:
    """What a backup holds, in a few words."""
    jobs, people = manifest.rows.get("jobs", 0), manifest.rows.get("users", 0)
    return f"{manifest.pictures:,} pictures, {jobs:,} jobs, {people:,} people, as of {manifest.made_at}"


def _seen(done: int, of: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r  {done:,} of {of:,} pictures", err=True, nl=done >= of)
