"""A Chromium for the browser tests: the machine's own, or one fetched once into the cache."""

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from runtz_core.settings import PROJECT_ROOT
from runtz_core.supervisor import StartRefused, binaries

PACKAGE = "@sparticuz/chromium"  # a headless Chromium with its own libraries: no root, x86-64 Linux
PACKAGE_VERSION = "153.0.0"
UNPACK = """
const { brotliDecompressSync } = require("node:zlib");
const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
const [from, to] = process.argv.slice(-2);
for (const name of readdirSync(from).filter((name) => name.endsWith(".br")))
  writeFileSync(`${to}/${name.slice(0, -3)}`, brotliDecompressSync(readFileSync(`${from}/${name}`)));
"""
# The libraries it brings are for machines that lack them, and so are its fonts.
WRAPPER = """#!/bin/sh
here=${0%/*}
export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_PATH="$here/fonts"
exec "$here/chromium" "$@"
"""


def chromium(say: Callable[[str], None]) -> Path:
    """A Chromium that starts. Raises StartRefused that says how to get one."""
    if named := os.environ.get("CHROMIUM"):
        if runs(Path(named)):
            return Path(named)
        raise StartRefused(f"CHROMIUM names {named}, which does not start. Correct it or unset it.")
    for candidate in (_installed(), _cached(), _playwright()):
        if candidate is not None and runs(candidate):
            return candidate
    say("fetching a Chromium for the browser tests (once, about 75 MB)")
    return _fetch()


def known() -> Path | None:
    """The Chromium that would be used without fetching one."""
    named = os.environ.get("CHROMIUM")
    candidates = (Path(named) if named else None, _installed(), _cached(), _playwright())
    return next((path for path in candidates if path is not None and runs(path)), None)


def runs(program: Path) -> bool:
    """Whether it starts at all; a missing library shows here and not in the middle of a test."""
    try:
        done = subprocess.run([program, "--no-sandbox", "--version"], capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _installed() -> Path | None:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return Path(found) if found else None


def _cache() -> Path:
    """Beside the code, or in the person's own cache where that cannot be written."""
    beside = PROJECT_ROOT / ".cache"
    if os.access(beside if beside.exists() else PROJECT_ROOT, os.W_OK):
        return beside / "chromium"
    return Path(tempfile.gettempdir()) / f"runtz-{os.geteuid()}-chromium"


def _cached() -> Path | None:
    program = _cache() / PACKAGE_VERSION / "chrome"
    return program if program.exists() else None


def _playwright() -> Path | None:
    """The browser that `playwright install` put somewhere, if anybody ran it."""
    homes = (
        Path(os.path.expanduser(home))
        for home in ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright")
    )
    names = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium")
    found = sorted(path for home in homes for name in names for path in home.glob(name))
    return found[-1] if found else None


def _fetch() -> Path:
    """Get the package through bun and unpack it, whole or not at all. Raises StartRefused."""
    cache = _cache()
    cache.mkdir(parents=True, exist_ok=True)
    target = cache / PACKAGE_VERSION
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        work = Path(scratch)
        (work / "package.json").write_text(json.dumps({"private": True}))
        (work / "out").mkdir()
        bun = str(binaries.bun())
        packed = work / "node_modules" / PACKAGE / "bin"
        for step in (
            [bun, "add", "--exact", f"{PACKAGE}@{PACKAGE_VERSION}"],
            [bun, "-e", UNPACK, str(packed), str(work / "out")],
        ):
            done = subprocess.run(step, cwd=work, capture_output=True, text=True)
            if done.returncode != 0:
                raise _missing(next(reversed(done.stderr.strip().splitlines()), "no reason given"))
        _arrange(work / "out")
        shutil.rmtree(target, ignore_errors=True)
        (work / "out").rename(target)
    program = target / "chrome"
    if not runs(program):
        raise _missing("the fetched one does not start on this machine")
    return program


def _arrange(folder: Path) -> None:
    """Unpack the libraries and fonts beside the program, and write the script that finds them."""
    for archive in folder.glob("*.tar"):
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        archive.unlink()
    (folder / "chromium").chmod(0o755)
    script = folder / "chrome"
    script.write_text(WRAPPER)
    script.chmod(0o755)


def _missing(reason: str) -> StartRefused:
    return StartRefused(
        f"No Chromium for the browser tests, and none could be fetched: {reason}. "
        "Install one (Debian, Ubuntu: apt install chromium) or set CHROMIUM to its program."
    )
