"""What the documents name is there: the test of each check in docs/security.md, each decision in its index."""

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


def test_every_decision_has_a_number_of_its_own_and_stands_in_the_index(project_root: Path) -> None:
    folder = project_root / "docs" / "decisions"
    index = (folder / "README.md").read_text("utf-8")
    records = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert [name[:4] for name in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    assert [name for name in records if f"| [{name[:4]}]({name}) |" not in index] == []
    for name in records:
        assert (folder / name).read_text("utf-8").startswith(f"# {name[:4]} ")
