"""The installation whose screens are photographed."""

import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtz_core.settings import PROJECT_ROOT
from runtz_core.supervisor import ports
from runtz_core.supervisor.instance import Instance, running

STARTING = 600  # seconds, the pages may have to be built first
COMMAND = (sys.executable, "-P", "-m", "runtz_core.cli")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}


@contextmanager
def own_instance(data: Path) -> Iterator[Instance]:
    """An installation that runs until the block is left."""
    process = subprocess.Popen(
        [*COMMAND, "up", "--data", str(data), "--no-open", "--port", str(ports.any_free())],
        cwd=PROJECT_ROOT,
        env=ENVIRONMENT,
        start_new_session=True,  # Ctrl-C ends this script first, which then ends the installation
    )
    try:
        end = time.monotonic() + STARTING
        while (instance := running(data)) is None or instance.url is None or instance.simulator_url is None:
            if process.poll() is not None or time.monotonic() > end:
                sys.exit("it did not start")
            select.select([], [], [], 0.2)
        yield instance
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


@contextmanager
def chosen_instance(data: Path | None) -> Iterator[tuple[Instance, Path]]:
    """The installation that runs on `data`, or one of our own."""
    if data is not None:
        instance = running(data)
        if instance is None or instance.url is None or instance.simulator_url is None:
            sys.exit(f"nothing runs on {data}")
        yield instance, data
        return
    with tempfile.TemporaryDirectory(prefix="runtz-screenshots-") as folder:
        data = Path(folder) / "data"
        with own_instance(data) as instance:
            yield instance, data


def new_link(data: Path) -> str:
    """What `./runtz link` prints."""
    command = [*COMMAND, "link", "--data", str(data)]
    done = subprocess.run(
        command, cwd=PROJECT_ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.strip()
