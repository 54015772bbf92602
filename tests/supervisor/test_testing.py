"""`runtz test`: long files come first; with `--again` an accident is named and forgiven, a fault is not."""

from pathlib import Path

from tests.order import LONG
from tests.supervisor.test_commands import runtz

FAILS_ONCE = """
from pathlib import Path

def test_shaky():
    seen = Path({seen!r})
    shaky, _ = not seen.exists(), seen.touch()
    assert not shaky
"""


def test_what_passes_alone_is_named(tmp_path: Path) -> None:
    shaky = tmp_path / "test_shaky.py"
    shaky.write_text(FAILS_ONCE.format(seen=str(tmp_path / "seen")))
    ran = runtz("test", "--again", "-n0", str(shaky))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = next(line for line in ran.stdout.splitlines() if "passed only when run alone" in line)
    assert "test_shaky" in said


def test_what_fails_twice_fails(tmp_path: Path) -> None:
    wrong = tmp_path / "test_wrong.py"
    wrong.write_text("def test_wrong():\n    assert 1 + 1 == 3\n")
    assert runtz("test", "--again", "-n0", str(wrong)).returncode == 1


def test_every_file_that_is_said_to_be_long_is_there(project_root: Path) -> None:
    assert [name for name in LONG if not (project_root / name).is_file()] == []
