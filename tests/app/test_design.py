"""The design system keeps its own rules: roles instead of colours, files that exist, nothing from elsewhere."""

import json
import re
from pathlib import Path

import pytest
from reflex.page import DECORATED_PAGES
from reflex_components_lucide.icon import LUCIDE_ICON_LIST

from runtz_app.ui.document import STYLESHEETS
from runtz_app.ui.tokens import BACKGROUND
from runtz_core.providers.registry import PROVIDERS

COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(")
THEME = "theme.css"


@pytest.fixture(scope="module")
def assets(project_root: Path) -> Path:
    return project_root / "assets"


@pytest.fixture(scope="module")
def styles(assets: Path) -> dict[str, str]:
    return {sheet.name: sheet.read_text("utf-8") for sheet in assets.glob("*.css")}


def python_files(root: Path) -> list[Path]:
    return sorted((root / "runtz_app").rglob("*.py"))


def test_components_name_roles_and_never_colours(project_root: Path, assets: Path) -> None:
    sources = [*python_files(project_root), *(assets / "js").iterdir()]
    named = {
        source.name
        for source in sources
        for line in source.read_text("utf-8").splitlines()
        if re.search(r"[\"'`]#[0-9a-fA-F]{3,8}[\"'`]|\brgba?\(", line)
    }
    assert named == {"tokens.py"}


def test_only_the_theme_names_colours(styles: dict[str, str]) -> None:
    assert [name for name, sheet in styles.items() if COLOUR.search(sheet)] == [THEME]


def test_every_role_a_sheet_uses_is_defined(styles: dict[str, str]) -> None:
    defined = set(re.findall(r"(--[\w-]+)\s*:", styles[THEME]))
    handed_in = {
        "--hue",
        "--swatch",
        "--shape",
        "--column",
        "--share",
        "--panes",
        "--models",
        "--samples",
        "--cell",
    }  # set on elements while the page runs
    used = {role for sheet in styles.values() for role in re.findall(r"var\((--[\w-]+)", sheet)}
    assert used - defined - handed_in == set()


def test_every_sheet_is_loaded(styles: dict[str, str]) -> None:
    assert {sheet.removeprefix("/") for sheet in STYLESHEETS} == set(styles)


def test_every_provider_has_a_hue(styles: dict[str, str]) -> None:
    assert {f".hue-{entry.hue}" for entry in PROVIDERS.values()} <= set(
        re.findall(r"\.hue-[\w]+", styles[THEME])
    )


def test_files_the_sheets_name_are_here(styles: dict[str, str], assets: Path) -> None:
    named = {path for sheet in styles.values() for path in re.findall(r"url\(([^)]+)\)", sheet)}
    assert named
    assert [path for path in named if not (assets / path.removeprefix("/")).is_file()] == []


def test_nothing_is_fetched_from_elsewhere(assets: Path) -> None:
    texts = [file for file in assets.rglob("*") if file.suffix in {".css", ".js", ".jsx", ".webmanifest"}]
    assert [file.name for file in texts if re.search(r"(?:https?:)?//[\w-]+\.\w", strip_comments(file))] == []


def strip_comments(file: Path) -> str:
    return re.sub(r"^\s*//.*$|/\*.*?\*/", "", file.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def test_the_manifest_agrees_with_the_theme(assets: Path, styles: dict[str, str]) -> None:
    manifest = json.loads((assets / "manifest.webmanifest").read_text("utf-8"))
    assert manifest["theme_color"] == manifest["background_color"] == BACKGROUND
    assert f"--bg: {BACKGROUND};" in styles[THEME]
    assert all((assets / icon["src"].removeprefix("/")).is_file() for icon in manifest["icons"])


def test_files_and_the_api_are_never_routed(project_root: Path) -> None:
    """`rx.el.a` is the router's link: a download through it would end on the page for unknown addresses."""
    assert [file.name for file in python_files(project_root) if "rx.el.a(" in file.read_text("utf-8")] == []


def test_every_icon_is_one_of_lucide(project_root: Path) -> None:
    calls = re.compile(
        r"\bicon\(\s*\"([a-z0-9_]+)\"|icon_name=\"([a-z0-9_]+)\"|icon_button\(\s*\"([a-z0-9_]+)\""
    )
    named = {
        name
        for source in python_files(project_root)
        for found in calls.findall(source.read_text("utf-8"))
        for name in found
        if name
    }
    assert len(named) > 20
    assert named - set(LUCIDE_ICON_LIST) == set()


def test_every_page_can_be_drawn(database: object) -> None:
    """What the build of the pages would stumble over, without building them."""
    import runtz_app.runtz_app  # noqa: F401  importing a page registers it

    pages = [draw for registered in DECORATED_PAGES.values() for draw, _ in registered]
    assert len(pages) > 10
    for draw in pages:
        assert draw().render()
