"""`runtz doctor`: what is missing or misconfigured, each in words with what to do."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import click

from runtz_core.cli import browser
from runtz_core.cli.speech import data_option, read_settings
from runtz_core.settings import Settings
from runtz_core.supervisor import StartRefused, binaries, external, ports, postgres
from runtz_core.supervisor.instance import running
from runtz_core.supervisor.layout import lay_out, leave
from runtz_core.supervisor.up import check_exposure

LOW_DISK_GIB, NO_DISK_GIB = 2.0, 0.2
GIB = 1024**3


class Verdict(StrEnum):
    """How a finding ends: only "fail" stops `up` from working."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the report."""

    verdict: Verdict
    what: str
    words: str


@click.command()
@data_option
def doctor() -> None:
    """Check this machine and the configuration; exit code 1 when something would not work."""
    colours = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red"}
    failed = False
    for finding in examine(read_settings()):
        failed = failed or finding.verdict is Verdict.FAIL
        click.echo(
            f"{click.style(f'{finding.verdict:<4}', fg=colours[finding.verdict])} {finding.what}: {finding.words}"
        )
    if failed:
        sys.exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Every check, in the order in which `up` would meet what they are about."""
    yield _ok("Python", f"{sys.version.split()[0]} in {sys.prefix}")
    yield _checked("Exposure", lambda: _exposure(settings))
    yield _checked("Data folder", lambda: _data(settings))
    yield _disk(settings.data_dir)
    yield _port(settings)
    if settings.database_url is None:
        yield _checked("Postgres", lambda: _postgres(settings))
    else:
        yield _answers("Postgres", external.check_postgres, settings.database_url)
    if settings.redis_url is None:
        yield _checked("Valkey", lambda: f"in the box, {_version(binaries.valkey_server())}")
    else:
        yield _answers("Redis", external.check_redis, settings.redis_url)
    yield _checked("bun", lambda: f"{_version(binaries.bun())}, builds the pages")
    yield _browser()
    yield from _providers(settings)
    yield from _lanes(settings)


def _ok(what: str, words: str) -> Finding:
    return Finding(verdict=Verdict.OK, what=what, words=words)


def _warn(what: str, words: str) -> Finding:
    return Finding(verdict=Verdict.WARN, what=what, words=words)


def _checked(what: str, look: Callable[[], str]) -> Finding:
    """Ok with what `look` found, or a failure with the sentence it refused with."""
    try:
        return _ok(what, look())
    except StartRefused as refusal:
        return Finding(verdict=Verdict.FAIL, what=what, words=str(refusal))


def _answers(what: str, ask: Callable[[str], None], url: str) -> Finding:
    def look() -> str:
        ask(url)
        return f"{external.where(url)} answers"

    return _checked(what, look)


def _exposure(settings: Settings) -> str:
    check_exposure(settings)
    return f"listens on {settings.host}" + (
        f", known as {settings.public_url}" if settings.public_url else ""
    )


def _data(settings: Settings) -> str:
    layout = lay_out(settings.data_dir)
    leave(layout)
    return str(layout.data)


def _disk(data: Path) -> Finding:
    existing = next(path for path in (data, *data.parents) if path.exists())
    free = shutil.disk_usage(existing).free / GIB
    words = f"{free:.1f} GiB free for {data}"
    if free < NO_DISK_GIB:
        return Finding(verdict=Verdict.FAIL, what="Disk", words=f"{words}: make room before you start.")
    if free < LOW_DISK_GIB:
        return _warn("Disk", f"{words}: a few hundred pictures fill that; make room or choose --data DIR.")
    return _ok("Disk", words)


def _port(settings: Settings) -> Finding:
    instance = running(settings.data_dir)
    if instance is not None:
        return _ok("Port", f"already running on {instance.url or 'no port'} (pid {instance.pid})")
    return _checked("Port", lambda: f"{ports.choose(settings.host, settings.port)} is free")


def _postgres(settings: Settings) -> str:
    folder = binaries.postgres_folder()
    major = binaries.postgres_major(folder)
    layout = lay_out(settings.data_dir)
    identity = postgres.choose_identity(folder, layout)
    how = {
        "self": "as this user",
        "namespace": "in a user namespace, because root may not run it",
        "nobody": "as nobody, because root may not run it",
    }
    leave(layout)
    postgres.check(layout, major)
    state = "its folder is whole" if layout.postgres.exists() else "its folder is made at the first start"
    return f"in the box, version {major}, runs {how[identity]}; {state}"


def _version(program: Path) -> str:
    """What `program` says of itself. Raises StartRefused when it does not run."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise StartRefused(f"{program} does not run here ({error}).") from error
    return f"{program.name} {done.stdout.strip().splitlines()[0].split(' sha=')[0]}"


def _browser() -> Finding:
    found = browser.known()
    if found is not None:
        return _ok("Chromium", f"{found}, for the tests")
    return _warn("Chromium", "none here; ./runtz test fetches one, nothing else needs it.")


def _providers(settings: Settings) -> Iterator[Finding]:
    """Which configured providers have a key; keys entered on the settings page are not visible from here."""
    for name, provider in sorted(settings.providers.items()):
        if provider.api_key is not None:
            yield _ok(f"Provider {name}", "has a key in the environment")
        elif provider.base_url is not None:
            yield _warn(
                f"Provider {name}", f"has an address ({external.where(provider.base_url)}) but no key."
            )
    if not any(provider.api_key for provider in settings.providers.values()):
        yield _ok("Providers", "no key in the environment: simulated, unless keys are entered in Settings")


def _lanes(settings: Settings) -> Iterator[Finding]:
    """What the workers have learned of each provider: calls at once, whether its breaker is open."""
    instance = running(settings.data_dir)
    if instance is None:
        return
    # Here, because everything above needs neither the domain nor a database.
    from sqlalchemy.exc import SQLAlchemyError
    from sqlmodel import Session

    from runtz_core.db import database_now, database_url, make_engine
    from runtz_core.flow import lanes
    from runtz_core.jobs.figures import breaker

    engine = make_engine(
        database_url(settings.model_copy(update={"database_url": instance.database_url})), pool_size=1
    )
    try:
        with Session(engine) as session:
            now = database_now(session)
            for lane in lanes.lanes(session).values():
                state = breaker(lane, now)
                room = f"{lane.room} calls at once" if lane.room else "as many calls at once as it publishes"
                words = f"{room}, breaker {state.replace('_', ' ')}"
                if state == "closed":
                    yield _ok(f"Lane {lane.lane}", words)
                else:
                    yield _warn(f"Lane {lane.lane}", f"{words}: the last answers were {lane.tripped_by}.")
    except SQLAlchemyError as error:
        yield Finding(
            verdict=Verdict.FAIL,
            what="Lanes",
            words=f"the database does not answer ({type(error).__name__}).",
        )
    finally:
        engine.dispose()
