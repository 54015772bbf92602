"""One web or worker process by itself, on databases somebody else runs: what containers and other machines start.

Such a process replaces the command that started it, so signals reach it directly: SIGTERM drains a worker and closes
a web process in order, and whoever started it sees its exit code.
"""

import asyncio
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from runtz_core import migrations
from runtz_core.db import database_url
from runtz_core.settings import Settings
from runtz_core.supervisor import StartRefused, external, frontend, ports, services
from runtz_core.supervisor.layout import lay_out
from runtz_core.supervisor.logs import Say
from runtz_core.supervisor.service import Service
from runtz_core.supervisor.up import check_exposure


def worker(settings: Settings) -> Service:
    """A worker on the configured databases. Raises StartRefused when they are not there or not up to date."""
    _require_databases(settings)
    return services.worker(settings, lay_out(settings.data_dir))


def web(settings: Settings, *, say: Say) -> Service:
    """A web process on the configured databases, its pages built if need be. Raises StartRefused."""
    check_exposure(settings)
    _require_databases(settings)
    port = ports.choose(settings.host, settings.port)
    layout = lay_out(settings.data_dir)
    return services.web(settings.model_copy(update={"port": port}), layout, build(settings, say=say))


def build(settings: Settings, *, say: Say) -> Path:
    """The folder of the built pages. Raises StartRefused."""
    layout = lay_out(settings.data_dir)
    return asyncio.run(frontend.pages(layout.data, _run, lambda text: say("pages", text)))


def become(service: Service, environment: Mapping[str, str] = os.environ) -> None:
    """Replace this process by the service's. Never returns."""
    if service.folder is not None:
        os.chdir(service.folder)
    os.execve(service.command[0], service.command, {**environment, **service.environment})  # noqa: S606


async def _run(service: Service) -> tuple[int, str]:
    """Run a program to its end; its exit code and what it printed."""
    done = await asyncio.to_thread(
        subprocess.run,
        service.command,
        env={**service.environment},
        cwd=service.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def _require_databases(settings: Settings) -> None:
    if settings.database_url is None or settings.redis_url is None:
        raise StartRefused(
            "A process by itself needs RUNTZ_DATABASE_URL and RUNTZ_REDIS_URL; ./runtz up brings both along."
        )
    external.check_postgres(settings.database_url)
    external.check_redis(settings.redis_url)
    try:
        behind = migrations.pending(database_url(settings))
    except SQLAlchemyError as error:
        raise StartRefused(f"The schema could not be read ({type(error).__name__}).") from error
    if behind:
        raise StartRefused(
            "The database has another schema than this version. Run ./runtz migrate once, then start."
        )
