"""The table of faults names tests that exist, and no case twice."""

import ast
import re
from pathlib import Path

_ROW = re.compile(r"^\| (F\d\d) \|.*$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_case_of_the_matrix_names_tests_that_exist(project_root: Path) -> None:
    table = (project_root / "docs" / "reliability.md").read_text()
    rows = [(row[1], _TEST.findall(row[0])) for row in _ROW.finditer(table)]
    cases = [case for case, _ in rows]
    assert len(cases) == len(set(cases))
    mine = {f"F{number:02}" for number in (*range(1, 40), *range(60, 65))}
    assert mine <= set(cases)
    for case, tests in rows:
        assert tests, f"{case} names no test"
        for path, name in tests:
            tree = ast.parse((project_root / path).read_text())
            found = {
                node.name
                for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            }
            assert name in found, f"{case}: {path} has no {name}"
