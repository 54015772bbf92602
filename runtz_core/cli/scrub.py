"""`runtz scrub`: is every stored picture still what was stored?"""

import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from runtz_core.cli.speech import data_option, fail, read_settings
from runtz_core.supervisor import StartRefused

if TYPE_CHECKING:
    from runtz_core.images.scrub import Report
    from runtz_core.settings import Settings

NOT_IN_ORDER, STOPPED = 1, 3
GENTLE = 10  # added to the niceness: what people wait for goes first


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of sentences.")
@data_option
def scrub(as_json: bool) -> None:
    """Read every stored picture and compare it with its hash; damaged ones are set aside and flagged.

    Also while it runs. Stopped by Ctrl-C, or killed, the next scrub goes on where this one was. Exit code 0:
    all are whole; 1: some are damaged, or not all could be looked at; 3: stopped before the end.
    """
    from runtz_core.cli.reached import reached
    from runtz_core.images.scrub import FolderMissing, ScrubBusy

    os.nice(GENTLE)
    try:
        with reached(read_settings()) as settings:
            report = _scrub(settings, shown=not as_json and sys.stderr.isatty())
    except StartRefused as refused:
        sys.exit(fail(str(refused)))
    except ScrubBusy:
        sys.exit(fail("Another scrub is under way on this database. Wait for it, then start again."))
    except FolderMissing as missing:
        sys.exit(
            fail(
                f"There is no folder of pictures at {missing}. Nothing was flagged; is RUNTZ_IMAGES_DIR right?"
            )
        )
    if as_json:
        click.echo(json.dumps(report.as_dict(), indent=2))
    else:
        for line in report.lines():
            click.echo(line)
    sys.exit(STOPPED if report.stopped else 0 if report.in_order else NOT_IN_ORDER)


def _scrub(settings: "Settings", *, shown: bool) -> "Report":
    from runtz_core.db import database_url, make_engine
    from runtz_core.images import scrub as rounds
    from runtz_core.images.store import BlobStore

    stop = threading.Event()

    def seen(checked: int, population: int) -> None:
        if shown:
            click.echo(f"\r  looked at {checked:,} of {population:,}", err=True, nl=checked >= population)

    engine = make_engine(database_url(settings), pool_size=2)
    try:
        with _told(stop.set):
            return rounds.scrub(
                engine, BlobStore(settings.images_path), go_on=lambda: not stop.is_set(), seen=seen
            )
    finally:
        engine.dispose()


@contextlib.contextmanager
def _told(stop: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the round after the files in hand."""
    before = {number: signal.signal(number, lambda *_: stop()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
