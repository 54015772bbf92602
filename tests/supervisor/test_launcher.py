"""`./runtz` itself: which Python it takes, what it says when there is none, and when it leaves things alone."""

import ast
import os
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

from runtz_core.settings import PROJECT_ROOT

LAUNCHER = PROJECT_ROOT / "runtz"


@pytest.fixture
def launcher() -> ModuleType:
    """The launcher as a module."""
    loader = SourceFileLoader("launcher", str(LAUNCHER))
    spec = spec_from_loader("launcher", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def fake_python(folder: Path, name: str, says: str, code: int = 0) -> str:
    """A program that answers a version probe with `says`."""
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
    program.chmod(0o755)
    return str(program)


def launch(
    *arguments: str, python: str = sys.executable, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the launcher with `variables` on top of a plain environment."""
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/nonexistent"), **variables}
    return subprocess.run(
        [python, str(LAUNCHER), *arguments], env=environment, capture_output=True, text=True
    )


def test_it_can_be_read_by_python_3_6() -> None:
    ast.parse(LAUNCHER.read_text(), feature_version=(3, 6))


def test_it_passes_over_shims_that_fail_and_versions_we_do_not_support(
    launcher: ModuleType, tmp_path: Path
) -> None:
    shim = fake_python(tmp_path, "shim", "pyenv: command not found", 127)
    old = fake_python(tmp_path, "old", "3.10.13 True")
    new = fake_python(tmp_path, "new", "3.14.0 True")
    good = fake_python(tmp_path, "good", "3.12.9 True")
    candidates = [shim, old, new, str(tmp_path / "absent"), good]
    assert launcher.find_python((3, 10), candidates) == (good, "3.12.9")


@pytest.mark.parametrize("here", [(3, 6), (3, 10), (3, 14)])
def test_without_a_supported_python_it_names_this_one_and_those_it_needs(
    launcher: ModuleType, here: tuple[int, int]
) -> None:
    with pytest.raises(launcher.Refusal) as refused:
        launcher.find_python(here, [])
    assert f"this is {here[0]}.{here[1]}" in str(refused.value)
    assert "3.11, 3.12 or 3.13" in str(refused.value)


def test_a_python_without_venv_is_named_with_what_to_install(launcher: ModuleType, tmp_path: Path) -> None:
    bare = fake_python(tmp_path, "bare", "3.11.2 False")
    with pytest.raises(launcher.Refusal, match=r"3\.11\.2.*venv.*apt install python3\.11-venv"):
        launcher.find_python((3, 11), [bare])


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["up"], "up"),
        (["--data", "test", "up"], "up"),
        (["--data=x", "bench", "fanout"], "bench"),
        (["--help"], None),
        ([], None),
    ],
)
def test_it_finds_the_command_among_options(
    launcher: ModuleType, words: list[str], command: str | None
) -> None:
    assert launcher.command(words) == command


def test_a_folder_that_is_no_environment_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "thesis.txt"
    precious.write_text("years of work")
    done = launch("up", RUNTZ_VENV=str(tmp_path))
    assert done.returncode == 1
    assert "choose another RUNTZ_VENV" in done.stderr
    assert precious.read_text() == "years of work"


def test_where_nothing_can_be_written_it_says_how_to_go_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = launch("up", RUNTZ_VENV=str(tmp_path / "file" / "venv"))
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "RUNTZ_VENV" in done.stderr


def test_without_a_network_it_says_so_and_the_next_start_begins_again(tmp_path: Path) -> None:
    """An index at a port nobody listens on is what no network looks like."""
    venv = tmp_path / "venv"
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_RETRIES": "0",
        "PIP_CONFIG_FILE": "/dev/null",
        "UV_NO_CACHE": "1",
    }
    done = launch("up", RUNTZ_VENV=str(venv), **nowhere)
    assert done.returncode == 1
    assert "there is no network" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (venv / ".runtz-requirements.txt").exists()


def test_network_trouble_and_other_trouble_get_different_sentences(
    launcher: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "VENV", str(tmp_path / "venv"))
    assert "no network" in launcher.explain("requirements.txt", "error: dns error: failed to lookup")
    sentence = launcher.explain("requirements.txt", "x\nTHESE PACKAGES DO NOT MATCH THE HASHES\n")
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in sentence
    assert "no network" not in sentence
