"""`runtz check-books`: do the credits add up?"""

import json
import sys
from typing import TYPE_CHECKING

import click

from runtz_core.cli.speech import data_option, fail, read_settings
from runtz_core.supervisor import StartRefused
from runtz_core.supervisor.instance import running

if TYPE_CHECKING:
    from runtz_core.credits.books import Report
    from runtz_core.settings import Settings

NOT_IN_ORDER = 1


@click.command("check-books")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of sentences.")
@click.option("--at-rest", is_flag=True, help="Also claim that nothing is under way.")
@data_option
def check_books(as_json: bool, at_rest: bool) -> None:
    """Check the ledger's invariants. Exit code 0: in order; 1: not, and the offending rows are shown."""
    try:
        report = _read(at_rest=at_rest)
    except StartRefused as refused:
        sys.exit(fail(str(refused)))
    if as_json:
        click.echo(json.dumps(report.as_dict(), indent=2, ensure_ascii=False, default=str))
    else:
        for line in report.lines():
            click.echo(line)
    sys.exit(0 if report.in_order else NOT_IN_ORDER)


def _read(*, at_rest: bool) -> "Report":
    """The report, from the running instance's database or one started for this."""
    from runtz_core.supervisor.installation import embedded_in_thread

    settings = read_settings()
    instance = running(settings.data_dir)
    if instance is not None:
        reached = settings.model_copy(update={"database_url": instance.database_url})
        return _check(reached, at_rest=at_rest)
    with embedded_in_thread(settings) as own:
        return _check(own.settings, at_rest=at_rest)


def _check(settings: "Settings", *, at_rest: bool) -> "Report":
    from sqlmodel import Session

    from runtz_core.credits import books
    from runtz_core.db import database_url, make_engine

    engine = make_engine(database_url(settings), pool_size=1)
    try:
        with Session(engine) as session:
            return books.check(session, at_rest=at_rest)
    finally:
        engine.dispose()
