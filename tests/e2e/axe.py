"""axe-core, the judge of accessibility: fetched once into the cache, run in the page."""

import fcntl
import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from runtz_core.settings import PROJECT_ROOT
from runtz_core.supervisor import binaries
from tests.e2e.tab import Tab

VERSION = "4.14.1"
SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (rules) => {
  const found = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return found.violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map((node) => node.html) }));
}"""


def violations(tab: Tab) -> list[str]:
    """What axe-core holds against the page as it stands, one line each."""
    if not tab.page.evaluate("() => 'axe' in window"):
        tab.page.evaluate(script().read_text())
    found: list[dict[str, Any]] = tab.page.evaluate(RUN, RULES)
    return [f"{one['id']}: {one['help']}: {node[:200]}" for one in found for node in one["nodes"]]


def script() -> Path:
    """The file axe.min.js of the pinned version."""
    cache = PROJECT_ROOT / ".cache" / "axe-core"
    cache.mkdir(parents=True, exist_ok=True)
    kept = cache / f"{VERSION}.js"
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            _fetch(kept)
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == SHA256, f"not the axe-core we know: {kept}"
    return kept


def _fetch(target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        (Path(folder) / "package.json").write_text(json.dumps({"private": True}))
        add = [str(binaries.bun()), "add", "--exact", f"axe-core@{VERSION}"]
        done = subprocess.run(add, cwd=folder, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"axe-core could not be fetched, is there a network? {done.stderr}"
        shutil.copy(Path(folder) / "node_modules" / "axe-core" / "axe.min.js", target)
