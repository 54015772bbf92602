"""The command line from outside: words and exit codes."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from runtz_core.cli import COMMANDS
from runtz_core.settings import PROJECT_ROOT, Settings
from runtz_core.supervisor import StartRefused, binaries, schema
from runtz_core.supervisor.installation import embedded_in_thread
from tests.supervisor.processes import stub_up


def runtz(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command without the settings of whoever runs the tests."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("RUNTZ_")}
    return subprocess.run(
        [sys.executable, "-m", "runtz_core.cli", *arguments],
        cwd=PROJECT_ROOT,
        env={**plain, **variables},
        capture_output=True,
        text=True,
    )


def test_help_names_every_command() -> None:
    done = runtz("--help")
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


def test_an_unknown_command_is_a_mistake_in_the_arguments() -> None:
    assert runtz("fly").returncode == 2


def test_status_and_link_without_anything_running(tmp_path: Path) -> None:
    status = runtz("--data", str(tmp_path), "status")
    assert (status.returncode, status.stdout) == (3, f"not running on {tmp_path}\n")
    link = runtz("--data", str(tmp_path), "link")
    assert link.returncode == 1
    assert "./runtz up" in link.stderr


def test_status_of_what_runs(tmp_path: Path) -> None:
    with stub_up(tmp_path / "data") as stub:
        done = runtz("--data", str(tmp_path / "data"), "status")
        assert done.returncode == 0
        assert f"{stub.instance().url} (pid {stub.process.pid}" in done.stdout
        assert "0 messages waiting" in done.stdout


def test_a_setting_that_cannot_be_read_is_named() -> None:
    done = runtz("link", RUNTZ_PORT="many")
    assert done.returncode == 1
    assert "RUNTZ_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_measurement_is_refused() -> None:
    done = runtz("bench", "nothing-of-that-name")
    assert done.returncode == 2
    assert "There are:" in done.stderr


def test_conformance_wants_a_folder_with_documents(tmp_path: Path) -> None:
    done = runtz("conformance", str(tmp_path))
    assert done.returncode == 2
    assert "has no document" in done.stderr


def test_tests_without_the_browser_that_was_asked_for_fail() -> None:
    done = runtz("test", CHROMIUM="/nonexistent/chromium")
    assert done.returncode == 1
    assert "CHROMIUM names /nonexistent/chromium, which does not start" in done.stderr


def test_doctor_finds_nothing_wrong_with_a_fresh_folder(tmp_path: Path) -> None:
    done = runtz("--data", str(tmp_path / "data"), "doctor")
    assert done.returncode == 0, done.stdout
    assert "fail" not in done.stdout


def test_doctor_names_a_database_that_does_not_answer(tmp_path: Path) -> None:
    url = "postgresql://me:secret@127.0.0.1:9/runtz"
    done = runtz("--data", str(tmp_path / "data"), "doctor", RUNTZ_DATABASE_URL=url)
    assert done.returncode == 1
    assert "127.0.0.1:9" in done.stdout
    assert "secret" not in done.stdout


def test_migrate_makes_the_schema_once(tmp_path: Path) -> None:
    first = runtz("--data", str(tmp_path), "migrate")
    assert (first.returncode, first.stdout.splitlines()[-1]) == (0, "migrated")
    assert runtz("--data", str(tmp_path), "migrate").stdout.splitlines()[-1] == "already up to date"


def test_the_note_and_the_sockets_are_ours_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with stub_up(data):
        assert stat.S_IMODE((data / "run" / "instance.json").stat().st_mode) == 0o600
        assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_a_backup_can_be_restored_and_a_failed_one_stops_the_migration(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", _env_file=None)
    with embedded_in_thread(settings, durable=False) as running:
        url = running.settings.migration_database_url or ""
        dump = schema.back_up(url, tmp_path / "backups")
        (tmp_path / "file").write_text("")
        with pytest.raises(StartRefused, match="could not be backed up"):
            schema.back_up(url, tmp_path / "file" / "backups")
    listed = subprocess.run(
        [binaries.postgres_folder() / "pg_restore", "--list", dump], capture_output=True, text=True
    )
    assert "TABLE DATA public jobs" in listed.stdout
