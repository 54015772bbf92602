"""`runtz audit`: what is in here, is any of it known to be flawed, and can that be known at all."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from runtz_core.cli.programs import run_python
from runtz_core.cli.speech import fail
from runtz_core.settings import PROJECT_ROOT
from runtz_core.supervisor import StartRefused

FLAWED, UNAVAILABLE = 1, 3
# Versions below which a published flaw concerns us (CVE and GHSA numbers in the changelogs of each).
FLOORS = {
    "starlette": "1.3.1", "granian": "2.7.4", "python-multipart": "0.0.32", "pillow": "12.2.0",
    "python-socketio": "5.14.0", "python-engineio": "3.9.0", "celery": "5.2.2", "redis": "4.5.3",
}  # fmt: skip
# A version with many published flaws: an audit that does not say so has looked at nothing.
CANARY = "pillow==9.0.0"
LISTS = ("requirements.txt", "requirements-dev.txt")


class Verdict(StrEnum):
    """How an audit of one list ended."""

    CLEAN = "clean"
    FLAWED = "flawed"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, kw_only=True)
class Audit:
    """A verdict, and what was found or why nothing could be."""

    verdict: Verdict
    words: str


@click.command()
@click.option("--sbom", type=click.Path(path_type=Path, dir_okay=False), help="Write the list of parts here.")
def audit(sbom: Path | None) -> None:
    """Check every pinned package against published flaws, and versions against the floors known here.

    Exit code 0: nothing is known against any; 1: something is; 3: the published flaws could not be reached, so
    only the floors were checked. `--sbom FILE` writes a CycloneDX list of everything installed.
    """
    try:
        if sbom is not None:
            click.echo(f"{write_sbom(sbom)} parts are listed in {sbom}.")
        below = too_old()
        for name, (here, floor) in below.items():
            click.echo(f"{name} {here} is below {floor}, its last version with a flaw known here.")
        if not below:
            click.echo(f"floors     {len(FLOORS)} packages are above their last known flaw.")
        canary = look(CANARY)
        if canary.verdict is not Verdict.FLAWED:
            click.echo(
                f"published  audit unavailable: {CANARY}, which has many flaws, was not flagged ({canary.words})."
            )
            sys.exit(FLAWED if below else UNAVAILABLE)
        found = [look(Path(PROJECT_ROOT / name).read_text()) for name in LISTS]
    except StartRefused as refusal:
        sys.exit(fail(str(refusal)))
    for name, one in zip(LISTS, found, strict=True):
        click.echo(f"published  {name}: {one.words}")
    if below or any(one.verdict is Verdict.FLAWED for one in found):
        sys.exit(FLAWED)
    sys.exit(UNAVAILABLE if any(one.verdict is Verdict.UNAVAILABLE for one in found) else 0)


def too_old() -> dict[str, tuple[str, str]]:
    """Installed packages below their floor: version here and floor. Works without a network."""
    from packaging.version import Version

    found = {}
    for name, floor in FLOORS.items():
        try:
            here = version(name)
        except PackageNotFoundError:
            here = "0"
        if Version(here) < Version(floor):
            found[name] = (here, floor)
    return found


def look(requirements: str) -> Audit:
    """Ask pip-audit about pinned requirements. Raises StartRefused when it is not installed."""
    with tempfile.NamedTemporaryFile("w", prefix="runtz-audit-", suffix=".txt") as listed:
        listed.write(requirements)
        listed.flush()
        done = run_python(
            "pip_audit",
            ["-m", "pip_audit", "--strict", "--disable-pip", "--no-deps", "--format=json", "--progress-spinner=off",
             "--timeout=10", f"--requirement={listed.name}"],
            quiet=True,
        )  # fmt: skip
    return judge(done)


def judge(done: subprocess.CompletedProcess[str]) -> Audit:
    """What pip-audit's output means. Only a list of audited packages counts as an answer."""
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    report = next((line for line in lines if line.startswith("{")), None)
    try:
        packages = json.loads(report or "")["dependencies"]
        unaudited = [one["name"] for one in packages if "skip_reason" in one]
        flawed = {one["name"]: [flaw["id"] for flaw in one.get("vulns", [])] for one in packages}
    except (ValueError, KeyError, TypeError):
        return Audit(verdict=Verdict.UNAVAILABLE, words=(lines or ["it printed nothing"])[-1][:200])
    known = {name: flaws for name, flaws in flawed.items() if flaws}
    if known:
        words = "; ".join(f"{name}: {', '.join(flaws)}" for name, flaws in sorted(known.items()))
        return Audit(verdict=Verdict.FLAWED, words=words)
    if unaudited or not packages:
        return Audit(verdict=Verdict.UNAVAILABLE, words=f"{len(unaudited)} packages could not be looked up")
    return Audit(verdict=Verdict.CLEAN, words=f"nothing is known against its {len(packages)} packages")


def write_sbom(target: Path) -> int:
    """Write the parts of this environment as CycloneDX JSON; returns how many there are. Raises StartRefused."""
    options = ["environment", "--output-format", "JSON", "--output-file", str(target.absolute()), sys.prefix]
    done = run_python("cyclonedx_py", ["-m", "cyclonedx_py", *options], quiet=True)
    try:
        parts: list[object] = json.loads(target.read_text())["components"]
    except (OSError, ValueError, KeyError) as error:
        raise StartRefused(f"The list of parts could not be made: {done.stdout.strip()[-300:]}") from error
    return len(parts)
