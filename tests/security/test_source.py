"""What the code must not do at all, and which versions it must not run on (S12, S26, S33, S38, S40)."""

import ast
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.version import Version

from runtz_core.cli.audit import FLOORS

PACKAGES = ("runtz_core", "runtz_app", "runtz_tasks")
CLIENTS = {"httpx", "httpx2", "httpcore2", "requests", "aiohttp", "urllib.request", "urllib3", "http.client"}
# Where the guard is made, the vendors' SDKs get it, and Google is asked through it; two ask our own processes.
MAY_ASK = {
    "runtz_core/providers", "runtz_core/users/google.py", "runtz_core/connections/probe.py", "runtz_core/supervisor",
    "runtz_core/cli",
}  # fmt: skip


def files(root: Path, packages: tuple[str, ...] = PACKAGES) -> Iterator[tuple[str, ast.AST]]:
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            yield str(path.relative_to(root)), ast.parse(path.read_text("utf-8"))


def imports(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def test_nothing_evaluates_unpickles_or_goes_through_a_shell(project_root: Path) -> None:
    bad = []
    for name, tree in files(project_root):
        if imports(tree) & {"pickle", "marshal", "shelve", "dill"}:
            bad.append(f"{name} imports a pickler")
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec", "compile"):
                bad.append(f"{name}:{node.lineno} {node.func.id}")
            loose = [
                word.arg for word in node.keywords
                if isinstance(word.value, ast.Constant)
                and (word.arg, word.value.value) in (("shell", True), ("verify", False))
            ]  # fmt: skip
            bad += [f"{name}:{node.lineno} {word}" for word in loose]
    assert bad == []


def test_only_the_guarded_modules_open_connections(project_root: Path) -> None:
    asking = {name for name, tree in files(project_root) if imports(tree) & CLIENTS}
    assert asking, "the guard itself is one"
    assert {name for name in asking if not any(name.startswith(place) for place in MAY_ASK)} == set()


def test_no_page_keeps_a_token_where_scripts_can_read_it(project_root: Path) -> None:
    kept = {
        (name, node.attr)
        for name, tree in files(project_root, ("runtz_app",))
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("LocalStorage", "SessionStorage", "Cookie")
    }
    assert kept <= {("runtz_app/state/composer.py", "LocalStorage")}, (
        "the composer's last choices, nothing else"
    )
    scripts = [path.read_text("utf-8") for path in (project_root / "assets" / "js").glob("*.js*")]
    assert scripts
    assert [text for text in scripts if "document.cookie" in text] == []


MARKUP = re.compile(
    r"dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment"
    r"|rx\.(?:html|markdown|script)\b|srcDoc|javascript:"
)


def test_nothing_that_was_typed_can_become_markup(project_root: Path) -> None:
    """React writes text as text; these are the ways around it. The page for guests is escaped by hand."""
    drawn = [
        *(project_root / "assets" / "js").glob("*.js*"),
        *(project_root / "runtz_app").rglob("*.py"),
    ]
    assert len(drawn) > 100
    assert [str(path) for path in drawn if MARKUP.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize(("package", "floor"), FLOORS.items())
def test_no_dependency_is_older_than_its_last_known_flaw(package: str, floor: str) -> None:
    assert Version(version(package)) >= Version(floor)
