"""Our own processes: the simulator, the worker and the web server, with what each is told."""

import os
import re
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from runtz_core.settings import EVERY_INTERFACE, LOOPBACK, PROJECT_ROOT, Settings
from runtz_core.supervisor.layout import Layout
from runtz_core.supervisor.service import Service, answers_http, exists

PYTHON = (sys.executable, "-P")  # -P: nothing in the current folder shadows an installed package
BUILD_STEPS = re.compile(r"\bERROR\b|^(Installing|Compiling:|Creating Production Build)")
# Niceness. A page that somebody waits for goes before the storing of pictures, and that before their imitation.
WORKER_NICENESS, SIMULATOR_NICENESS = 2, 5
STARTING = 120.0  # seconds for what loads the vendors' SDKs: two alone, forty on a crowded machine
STAND_IN = "localhost:49151"  # the address the pages are built with; frontend.py replaces it


def environment(settings: Settings) -> dict[str, str]:
    """The environment of every child: the person's own, and where this installation keeps its things."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    told = {
        "RUNTZ_DATA_DIR": settings.data_dir,
        "RUNTZ_IMAGES_DIR": settings.images_path,
        "RUNTZ_DATABASE_URL": settings.database_url,
        "RUNTZ_MIGRATION_DATABASE_URL": settings.migration_database_url,
        "RUNTZ_REDIS_URL": settings.redis_url,
        "RUNTZ_SIMULATOR_URL": settings.simulator_url,
        "RUNTZ_HOST": settings.host,
        "RUNTZ_PORT": settings.port,
        "RUNTZ_PUBLIC_URL": settings.public_url,
        "RUNTZ_INSECURE_HTTP": settings.insecure_http or None,
    }
    paths = [str(PROJECT_ROOT), *inherited.get("PYTHONPATH", "").split(os.pathsep)]
    return {
        **inherited,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(path for path in paths if path)),
        "PYTHONUNBUFFERED": "1",
        **{name: str(value) for name, value in told.items() if value is not None},
    }


def reflex_environment(folder: Path, scratch: Path) -> Mapping[str, str]:
    """What keeps Reflex inside our folders and off the network."""
    return {
        "REFLEX_WEB_WORKDIR": str(folder),
        "REFLEX_DIR": str(scratch / "reflex"),
        "REFLEX_STATES_WORKDIR": str(scratch / "states"),
        "REFLEX_UPLOADED_FILES_DIR": str(scratch / "unused"),
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_USE_SYSTEM_BUN": "1",
    }


def schema(settings: Settings, layout: Layout, *, backup: bool) -> Service:
    """The one-time step before our processes start: back up, migrate, make the owner link."""
    no_backup = () if backup else ("--no-backup",)
    return Service(
        name="schema",
        command=(
            *PYTHON,
            "-m",
            "runtz_core.supervisor.schema",
            str(layout.backups),
            str(layout.schema_result),
            *no_backup,
        ),
        environment=environment(settings),
        folder=PROJECT_ROOT,
    )


def simulator(port: int, layout: Layout) -> Service:
    """The pretend vendors, on loopback only. Like real ones they remember running tasks over a restart."""
    return Service(
        name="simulator",
        command=(
            *PYTHON,
            "-m",
            "runtz_sim",
            "--port",
            str(port),
            "--state",
            str(layout.data / "simulator.db"),
        ),
        folder=PROJECT_ROOT,
        ready=answers_http(LOOPBACK, port, "/healthz"),
        niceness=SIMULATOR_NICENESS,
    )


def worker(settings: Settings, layout: Layout) -> Service:
    """The process that calls vendors; it drains what is already paid for before it ends."""
    told = environment(settings)
    return Service(
        name="worker",
        command=(
            *(*PYTHON, "-m", "celery", "-A", "runtz_tasks.app", "worker"),
            *("-P", "threads", "-c", str(settings.worker_threads), "-l", settings.log_level),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        environment=told,
        folder=PROJECT_ROOT,
        ready=exists(layout.worker_ready),
        before_start=partial(layout.worker_ready.unlink, missing_ok=True),
        grace=settings.timing.drain + 10.0,
        niceness=WORKER_NICENESS,
        ready_within=STARTING,
    )


def web(settings: Settings, layout: Layout, pages: Path) -> Service:
    """Pages, socket and API on one port, served from the built front end in `pages`."""
    address = (settings.host, str(settings.port))
    workers = os.environ.get("GRANIAN_WORKERS", "1")
    return Service(
        name="web",
        command=(
            *(*PYTHON, "-m", "granian", "--interface", "asgi", "--factory", "--log-level", "warning"),
            *("--host", address[0], "--port", address[1], "--workers", workers),
            # No --workers-kill-timeout: granian may kill a worker that has just ended by itself, and a killed
            # one leaves its tabs behind in Redis. `grace` below is limit enough.
            "runtz_app.runtz_app:app",
        ),
        environment={
            **environment(settings),
            **reflex_environment(pages, layout.run),
            "REFLEX_ENV_MODE": "prod",
            "__REFLEX_SKIP_COMPILE": "true",
            "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
        },
        folder=PROJECT_ROOT,
        ready=answers_http(reachable(settings.host), settings.port or 0, "/health"),
        ready_within=STARTING,
        grace=15.0,
    )


def front_end_build(stage: Path, bun: Path) -> Service:
    """The one-time build of the pages in `stage`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RUNTZ_")}
    return Service(
        name="pages",
        command=(*PYTHON, "-m", "reflex", "export", "--frontend-only", "--no-zip"),
        environment={
            **inherited,
            **reflex_environment(stage / ".web", stage.parent / "scratch"),
            "COLUMNS": "400",  # its lines are read by us first: no folding
            "REFLEX_API_URL": f"http://{STAND_IN}",
            **_npm_registry(Path(os.path.expanduser("~/.npmrc"))),
            "PATH": os.pathsep.join((str(bun.parent), os.environ.get("PATH", os.defpath))),
            "PYTHONPATH": os.pathsep.join((str(stage), str(PROJECT_ROOT))),
        },
        folder=stage,
        noteworthy=BUILD_STEPS,
    )


def _npm_registry(configuration: Path) -> dict[str, str]:
    """The registry a person chose for npm; without one Reflex measures two public ones and picks."""
    if "NPM_CONFIG_REGISTRY" in os.environ or not configuration.is_file():
        return {}
    chosen = re.search(r"^\s*registry\s*=\s*(\S+)", configuration.read_text(), re.MULTILINE)
    return {"NPM_CONFIG_REGISTRY": chosen[1]} if chosen else {}


def reachable(host: str) -> str:
    """The address by which this machine reaches what listens on `host`."""
    return LOOPBACK if host in EVERY_INTERFACE else host


def url_of(settings: Settings) -> str:
    """Where a person opens the pages."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = reachable(settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
