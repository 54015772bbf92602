"""docs/security.md names a test for every check, and every test that it names exists."""

import ast
import re
from pathlib import Path

import pytest

CHECK = re.compile(r"^\| S(\d\d) \|[^|]*\|(.*)\|$", re.MULTILINE)
NAMED = re.compile(r"`((?:tests/[\w/]+(?:\.py)?|…)(?:::\w+)?)/?`")
LISTED = re.compile(r"`(test_\w+)`")


def named_tests(root: Path) -> dict[str, list[str]]:
    """The tests that hold each check; "…" stands for the file named before it."""
    found: dict[str, list[str]] = {}
    for number, held_by in CHECK.findall((root / "docs" / "security.md").read_text("utf-8")):
        names, file = [], ""
        for name in NAMED.findall(held_by):
            file = file if name.startswith("…") else name.partition("::")[0]
            names.append(name.replace("…", file))
        found[number] = names
    return found


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_check_names_a_test(project_root: Path) -> None:
    found = named_tests(project_root)
    assert {f"{number:02}" for number in range(1, 37)} <= set(found)
    assert [number for number, names in found.items() if not names] == []


def test_every_named_test_exists(project_root: Path) -> None:
    missing = []
    for number, names in named_tests(project_root).items():
        for name in names:
            file, _, function = name.partition("::")
            path = project_root / file
            if not path.exists() or (function and function not in functions(path)):
                missing.append(f"S{number}: {name}")
    assert missing == []


@pytest.mark.parametrize("page", ["ledger.md", "security.md"])
def test_every_guard_is_held_by_a_test_that_exists(project_root: Path, page: str) -> None:
    known = {name for path in (project_root / "tests").rglob("test_*.py") for name in functions(path)}
    said = set(LISTED.findall((project_root / "docs" / page).read_text("utf-8")))
    assert said - known == set()
