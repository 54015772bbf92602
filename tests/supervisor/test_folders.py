"""Data folders that something happened to: made whole where that is safe, else refused untouched."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runtz_core.settings import PROJECT_ROOT, Settings
from runtz_core.supervisor import StartRefused
from runtz_core.supervisor.installation import Installation, embedded_in_thread
from runtz_core.supervisor.instance import running
from runtz_core.supervisor.layout import lay_out
from tests.supervisor.processes import sql


@contextmanager
def databases(data: Path, said: list[str] | None = None) -> Iterator[Installation]:
    """Both databases on `data`, without a schema."""
    settings = Settings(data_dir=data, _env_file=None)

    def say(who: str, what: str) -> None:
        if said is not None:
            said.append(f"{who}: {what}")

    with embedded_in_thread(settings, durable=True, migrate=False, say=say) as started:
        yield started


def ask(data: Path, statement: str) -> list[tuple[object, ...]]:
    """Run one statement on what runs on `data`."""
    instance = running(data)
    assert instance is not None
    return sql(instance, statement)


def test_a_database_whose_making_was_interrupted_is_made_again(tmp_path: Path) -> None:
    partial = tmp_path / "postgres.partial"
    partial.mkdir()
    (partial / "PG_VERSION").write_text("18\n")
    with databases(tmp_path):
        assert ask(tmp_path, "SELECT 1") == [(1,)]
    assert not partial.exists()


def test_an_empty_database_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with databases(tmp_path):
        assert ask(tmp_path, "SELECT 1") == [(1,)]


def test_a_database_folder_with_parts_missing_is_refused_untouched(tmp_path: Path) -> None:
    precious = tmp_path / "postgres" / "base" / "1"
    precious.parent.mkdir(parents=True)
    precious.write_text("somebody's data")
    with (
        pytest.raises(StartRefused, match=r"not a whole Postgres folder.*Nothing was changed"),
        databases(tmp_path),
    ):
        pass
    assert precious.read_text() == "somebody's data"


def test_a_database_of_another_major_version_is_refused_untouched(tmp_path: Path) -> None:
    with databases(tmp_path):
        pass
    version = tmp_path / "postgres" / "PG_VERSION"
    version.write_text("15\n")
    with (
        pytest.raises(StartRefused, match=r"made by Postgres 15 and this is Postgres \d+"),
        databases(tmp_path),
    ):
        pass
    assert version.read_text() == "15\n"


def test_a_lock_file_whose_number_another_program_has_now_is_no_obstacle(tmp_path: Path) -> None:
    with databases(tmp_path):
        ask(tmp_path, "CREATE TABLE kept AS SELECT 7 AS number")
    (tmp_path / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n0\n5432\n\n\n\n")
    with databases(tmp_path):
        assert ask(tmp_path, "SELECT number FROM kept") == [(7,)]


def test_unreadable_valkey_files_are_set_aside_and_said(tmp_path: Path) -> None:
    with databases(tmp_path):
        pass
    logs = list((tmp_path / "valkey" / "appendonlydir").glob("*"))
    assert logs
    for file in logs:
        file.write_bytes(b"\xff\x00 not a command log")
    said: list[str] = []
    with databases(tmp_path, said):
        pass
    (aside,) = tmp_path.glob("valkey.damaged-*")
    assert any(str(aside) in line for line in said)
    assert {file.name for file in (aside / "appendonlydir").iterdir()} == {file.name for file in logs}


def test_a_data_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartRefused, match=r"cannot be used.*--data DIR"):
        lay_out(tmp_path / "file" / "data")


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    """A limit on the size of files is what a full disk looks like from inside a process."""
    done = subprocess.run(
        [sys.executable, "-m", "runtz_core.cli", "--data", str(tmp_path / "data"), "migrate"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024)),
    )
    assert done.returncode == 1
    assert "cannot be used (File too large). Make room" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_disk_that_fills_up_while_the_database_is_made_leaves_nothing_half(tmp_path: Path) -> None:
    data = tmp_path / "data"
    code = (
        "import resource, sys, asyncio, pathlib\n"
        "from runtz_core.settings import Settings\n"
        "from runtz_core.supervisor.installation import embedded_in_thread\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "with embedded_in_thread(Settings(data_dir=pathlib.Path(sys.argv[1]), _env_file=None)): pass\n"
    )
    full = subprocess.run(
        [sys.executable, "-c", code, str(data)], cwd=PROJECT_ROOT, capture_output=True, text=True
    )
    assert full.returncode == 1
    assert "The database could not be made" in full.stderr
    assert not (data / "postgres").exists()
    with databases(data):
        assert ask(data, "SELECT 1") == [(1,)]


def test_sockets_never_live_in_a_folder_others_can_enter(tmp_path: Path) -> None:
    layout = lay_out(tmp_path / "two words")
    layout.sockets.chmod(0o755)
    with pytest.raises(StartRefused, match="open to other users"):
        lay_out(tmp_path / "two words")
    layout.sockets.rmdir()
