"""The built pages: one build for every address, and a new one exactly when a source changes."""

import gzip
from pathlib import Path

import pytest

from runtz_core.supervisor import StartRefused
from runtz_core.supervisor.frontend import ask_the_browser, fingerprint, pages
from runtz_core.supervisor.service import Service

SCRIPT = "const e={PING:`http://localhost:49151/ping`,EVENT:'ws://localhost:49151/_event'};"
MENDED = (
    'const e={PING:(location.origin.replace(/^http/,"http")+"/ping"),'
    'EVENT:(location.origin.replace(/^http/,"ws")+"/_event")};'
)


def test_the_address_is_asked_of_the_browser_also_in_the_packed_copy(tmp_path: Path) -> None:
    script = tmp_path / "assets" / "environment.js"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    (packed := script.with_name("environment.js.gz")).write_bytes(gzip.compress(SCRIPT.encode()))
    ask_the_browser(tmp_path)
    assert script.read_text() == MENDED
    assert gzip.decompress(packed.read_bytes()).decode() == MENDED


@pytest.mark.parametrize("text", ["const e={};", f"{SCRIPT} host = localhost:49151"])
def test_an_address_in_a_form_we_do_not_know_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "environment.js").write_text(text)
    with pytest.raises(StartRefused, match="fixed server address"):
        ask_the_browser(tmp_path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one page."""
    folder = tmp_path / "project"
    for name in ("runtz_app/pages.py", "assets/theme.css", "runtz_core/words.py", "runtz_core/cli/up.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("one")
    (folder / "rxconfig.py").write_text("one")
    return folder


@pytest.mark.parametrize(
    ("name", "matters"),
    [
        ("runtz_app/pages.py", True),
        ("assets/theme.css", True),
        ("rxconfig.py", True),
        ("runtz_core/words.py", True),
        ("reflex.lock/bun.lock", True),
        ("runtz_core/cli/up.py", False),
        ("runtz_app/__pycache__/pages.pyc", False),
        ("assets/external/gallery.jsx", False),
    ],
)
def test_what_the_pages_are_made_from_names_the_build(root: Path, name: str, matters: bool) -> None:
    before = fingerprint(root)
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("two")
    assert (fingerprint(root) != before) is matters


class Builder:
    """Stands where the supervisor runs the build; writes what Reflex would."""

    def __init__(self, code: int = 0, output: str = "", lock: str = "pinned") -> None:
        self.code, self.output, self.lock, self.runs = code, output, lock, 0

    async def __call__(self, service: Service) -> tuple[int, str]:
        self.runs += 1
        assert service.folder is not None
        client = service.folder / ".web" / "build" / "client"
        client.mkdir(parents=True, exist_ok=True)
        (client / "index.html").write_text("<html>")
        (client / "environment.js").write_text(SCRIPT)
        (service.folder / "reflex.lock").mkdir(exist_ok=True)
        (service.folder / "reflex.lock" / "bun.lock").write_text(self.lock)
        return self.code, self.output


async def test_pages_are_built_once_and_again_after_a_change(root: Path, tmp_path: Path) -> None:
    build = Builder()
    first = await pages(tmp_path, build, print, root)
    assert (first / "build" / "client" / "environment.js").read_text() == MENDED
    assert await pages(tmp_path, build, print, root) == first
    (root / "runtz_app" / "pages.py").write_text("two")
    assert await pages(tmp_path, build, print, root) != first
    assert build.runs == 2


async def test_a_failed_build_is_refused_even_when_it_left_pages(root: Path, tmp_path: Path) -> None:
    output = "ReferenceError: state is not defined\n  at Page\nerror: prerender failed\nCreating: 4/4"
    with pytest.raises(StartRefused, match=r"could not be built: ReferenceError: state is.*pages\.log"):
        await pages(tmp_path, Builder(1, output), print, root)
    with pytest.raises(StartRefused, match="no network"):
        await pages(tmp_path, Builder(1, "error: ConnectionRefused downloading"), print, root)
    build = Builder()
    await pages(tmp_path, build, print, root)
    assert build.runs == 1


async def test_versions_resolved_by_a_build_are_kept_for_the_next_one(root: Path, tmp_path: Path) -> None:
    for lock in ("pinned", "pinned and one more"):
        build = Builder(lock=lock)
        (root / "rxconfig.py").write_text(lock)
        first = await pages(tmp_path, build, print, root)
        assert (root / "reflex.lock" / "bun.lock").read_text() == lock
        assert await pages(tmp_path, build, print, root) == first
        assert build.runs == 1


async def test_old_builds_are_forgotten(root: Path, tmp_path: Path) -> None:
    for number in range(5):
        (root / "rxconfig.py").write_text(str(number))
        newest = await pages(tmp_path, Builder(), print, root)
    kept = [path for path in (root / ".cache" / "web").iterdir() if (path / "build" / "client").is_dir()]
    assert len(kept) == 3
    assert newest in kept
