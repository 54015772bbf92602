"""Running development programs: found beside this Python, with our packages importable."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from runtz_core.settings import PROJECT_ROOT
from runtz_core.supervisor import StartRefused


def run_module(
    module: str, arguments: Sequence[str] = (), *, environment: Mapping[str, str] = os.environ
) -> int:
    """Run `python -m module` in the project's folder; returns its exit code. Raises StartRefused."""
    return run_python(module, ["-m", module, *arguments], environment=environment).returncode


def run_python(
    package: str,
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str] = os.environ,
    quiet: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run Python in the project's folder; its output is captured when `quiet`.

    Raises StartRefused when `package`, which it is about to use, is not there.
    """
    if importlib.util.find_spec(package.partition(".")[0]) is None:
        raise StartRefused(f"{package} is not installed here; run this through ./runtz, which installs it.")
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT_ROOT,
        env=environment,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
    )
