"""The pages in the form a browser loads: built once per version of their sources, then only served.

Reflex writes the address of the server into the bundle. We build with a stand-in address and put an
expression in its place that asks the browser where the page came from, so one build serves every host, port
and proxy (docs/decisions/0003-one-build-for-every-address.md).
"""

import fcntl
import gzip
import hashlib
import os
import re
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from runtz_core.settings import PROJECT_ROOT
from runtz_core.supervisor import StartRefused, binaries
from runtz_core.supervisor.service import Service
from runtz_core.supervisor.services import STAND_IN, front_end_build

SOURCES = ("runtz_app", "assets", "rxconfig.py", "reflex.lock")
# What pages show from the domain (names of models, prices, words) is baked in; these parts never are.
DOMAIN, UNSEEN = "runtz_core", ("supervisor", "cli")

STAND_IN_URL = re.compile(rf"([\"'`])(http|ws)://{re.escape(STAND_IN)}(/[^\"'`]*)\1")
HERE = r'(location.origin.replace(/^http/,"\2")+"\3")'
REASON = re.compile(r"(\w*Error|error): \S")  # the first such line is the cause, the rest follows from it
KEPT_BUILDS = 3
SERVED = ("build/client", "backend", "reflex.json", "routes.json")

Runner = Callable[[Service], Awaitable[tuple[int, str]]]


async def pages(scratch: Path, run: Runner, say: Callable[[str], None], root: Path = PROJECT_ROOT) -> Path:
    """The folder of the built pages, building them with `run` when their sources changed.

    Builds are kept beside the code, or in `scratch` where that cannot be written. Raises StartRefused.
    """
    builds = _writable(root / ".cache" / "web", scratch / "web")
    done = builds / fingerprint(root)
    if done.exists():
        return done
    with (builds / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            started = time.monotonic()
            say("building the pages (once for this version)")
            done = await _build(root, builds, run)
            say(f"built in {time.monotonic() - started:.0f} s")
    return done


def fingerprint(root: Path) -> str:
    """A name for everything the built pages depend on."""
    digest = hashlib.sha256(f"{version('reflex')} {STAND_IN} {HERE}".encode())
    for path in sorted(_sources(root)):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _sources(root: Path) -> Iterator[Path]:
    for name in SOURCES:
        found = [root / name] if (root / name).is_file() else (root / name).rglob("*")
        yield from (path for path in found if path.is_file() and _counts(path.relative_to(root)))
    for path in (root / DOMAIN).rglob("*.py"):
        if path.relative_to(root).parts[1] not in UNSEEN:
            yield path


def _counts(path: Path) -> bool:
    # assets/external holds links that Reflex makes to files which count already.
    return "__pycache__" not in path.parts and path.parts[:2] != ("assets", "external")


async def _build(root: Path, builds: Path, run: Runner) -> Path:
    """Build in a copy of the sources: Reflex writes into the folder it builds. Raises StartRefused."""
    stage = builds / "build"
    _copy_sources(root, stage)
    client = stage / ".web" / "build" / "client"
    shutil.rmtree(client, ignore_errors=True)
    code, output = await run(front_end_build(stage, binaries.bun()))
    if code != 0 or not (client / "index.html").exists():
        raise StartRefused(_explain(output))
    partial = builds / "partial"
    shutil.rmtree(partial, ignore_errors=True)
    for name in SERVED:
        source = stage / ".web" / name
        if source.is_dir():
            shutil.copytree(source, partial / name)
        elif source.exists():
            shutil.copy2(source, partial / name)
    ask_the_browser(partial / "build" / "client")
    _keep_lock(stage / "reflex.lock", root / "reflex.lock")
    done = builds / fingerprint(root)
    partial.rename(done)
    _forget_old(builds, done)
    return done


def _keep_lock(resolved: Path, kept: Path) -> None:
    """Bring back the exact versions of packages that pages began to use, to be committed with them."""
    pinned, known = resolved / "bun.lock", kept / "bun.lock"
    if not pinned.exists() or not os.access(kept.parent, os.W_OK):
        return
    # Only this file decides: Reflex writes the same package.json now in one line, now in many.
    if not known.exists() or known.read_bytes() != pinned.read_bytes():
        shutil.copytree(resolved, kept, dirs_exist_ok=True)


def _copy_sources(root: Path, stage: Path) -> None:
    """Replace the staged sources; Reflex's own folder beside them stays and makes the next build quick."""
    stage.mkdir(parents=True, exist_ok=True)
    ignore = shutil.ignore_patterns("__pycache__", "external")
    for name in SOURCES:
        target = stage / name
        if target.is_dir():
            shutil.rmtree(target)
        if (root / name).is_dir():
            shutil.copytree(root / name, target, ignore=ignore)
        elif (root / name).exists():
            shutil.copy2(root / name, target)


def ask_the_browser(client: Path) -> None:
    """Replace the stand-in address in every script below `client`. Raises StartRefused if one is left."""
    changed = 0
    for script in client.rglob("*.js"):
        text = script.read_text()
        mended, count = STAND_IN_URL.subn(HERE, text)
        if count:
            changed += count
            script.write_text(mended)
            if (packed := script.with_name(script.name + ".gz")).exists():
                packed.write_bytes(gzip.compress(mended.encode(), mtime=0))
    left = [path for path in client.rglob("*") if path.is_file() and STAND_IN.encode() in path.read_bytes()]
    if left or not changed:
        where = left[0].name if left else "no script"
        raise StartRefused(
            f"The built pages name a fixed server address in a form we do not know ({where}); "
            "the installed Reflex differs from the pinned one. Delete .venv and start again."
        )


def _forget_old(builds: Path, newest: Path) -> None:
    """Keep the latest few builds: another installation beside this code may still serve one."""
    kept = [path for path in builds.iterdir() if (path / "build" / "client").is_dir() and path != newest]
    for path in sorted(kept, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT_BUILDS - 1 :]:
        shutil.rmtree(path, ignore_errors=True)


def _writable(*folders: Path) -> Path:
    """The first folder that can be made and written. Raises StartRefused."""
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    raise StartRefused(f"The pages cannot be built: {folders[-1]} cannot be written.")


def _explain(output: str) -> str:
    if re.search(r"ConnectionRefused|FailedToOpenSocket|Unable to connect|getaddrinfo|ENOTFOUND", output):
        return (
            "The pages could not be built: there is no network, or the package registry does not answer. "
            "Connect and start again; this is needed once."
        )
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["it printed nothing"]
    reason = next((line for line in lines if REASON.match(line)), lines[-1])[:200]
    return f"The pages could not be built: {reason} (the whole output: pages.log in the logs folder)."
