"""The simulator, our adapters and the SDKs against the vendors' documents, which stay outside the repository."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def test_everything_is_as_the_documents_say(capfd: pytest.CaptureFixture[str], project_root: Path) -> None:
    folder = os.environ.get("RUNTZ_SPECS_DIR")
    assert folder, "the documents are not in the repository: run ./runtz conformance DIR"
    with capfd.disabled():  # a line for every check is what this is run for
        command = [sys.executable, "-m", "runtz_sim.conformance", folder]
        ended = subprocess.run(command, cwd=project_root, check=False)
    assert ended.returncode == 0
