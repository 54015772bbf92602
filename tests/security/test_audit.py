"""The audit of what we stand on: a silent auditor counts as none, floors hold without a network, parts are listed."""

import json
import subprocess
from pathlib import Path

import pytest

from runtz_core.cli import audit
from runtz_core.cli.audit import Verdict


def said(report: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    text = report if isinstance(report, str) else json.dumps(report)
    return subprocess.CompletedProcess([], code, stdout=f"WARNING: something\n{text}\n")


def test_a_flaw_is_named() -> None:
    found = audit.judge(
        said({"dependencies": [{"name": "pillow", "version": "9.0.0", "vulns": [{"id": "PYSEC-1"}]}]}, 1)
    )
    assert (found.verdict, found.words) == (Verdict.FLAWED, "pillow: PYSEC-1")


def test_nothing_known_against_anything_is_clean() -> None:
    found = audit.judge(said({"dependencies": [{"name": "pillow", "version": "13.0.0", "vulns": []}]}))
    assert found.verdict is Verdict.CLEAN


def test_an_auditor_that_looked_at_nothing_is_none() -> None:
    for report in (
        {"dependencies": []},
        {"dependencies": [{"name": "pillow", "skip_reason": "not found on the index"}]},
        "No known vulnerabilities found",
        "",
        "ERROR: no network",
    ):
        assert audit.judge(said(report)).verdict is Verdict.UNAVAILABLE


def test_the_canary_is_flagged_or_the_audit_is_called_unavailable() -> None:
    assert audit.look(audit.CANARY).verdict in (Verdict.FLAWED, Verdict.UNAVAILABLE)


def test_floors_hold_without_a_network() -> None:
    assert audit.too_old() == {}


@pytest.mark.slow
def test_every_part_is_listed(tmp_path: Path) -> None:
    listed = audit.write_sbom(tmp_path / "parts.json")
    parts = json.loads((tmp_path / "parts.json").read_text())
    names = {part["name"].lower() for part in parts["components"]}
    assert {"reflex", "pillow", "celery", "cryptography", "openai"} <= names
    assert len(names) <= listed
    assert parts["bomFormat"] == "CycloneDX"
