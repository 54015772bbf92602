"""The measurements run, say what they promise and leave nothing behind."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from bench.report import Target, quantile, show, spread
from runtz_core.settings import PROJECT_ROOT


def bench(name: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a measurement without the settings of whoever runs the tests."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("RUNTZ_")}
    return subprocess.run(
        [sys.executable, "-m", f"bench.{name}", *arguments, "--json"],
        cwd=PROJECT_ROOT,
        env={**plain, **variables},
        capture_output=True,
        text=True,
    )


def measured(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one object on standard output."""
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_quantile_lies_between_its_neighbours() -> None:
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile([0.0, 10.0], 0.25) == 2.5
    assert quantile([7.0], 0.95) == 7.0


def test_a_spread_has_flat_names() -> None:
    assert spread("ours", [1.0, 3.0], "s") == {
        "ours_n": 2,
        "ours_p50_s": 2.0,
        "ours_p95_s": 2.9,
        "ours_min_s": 1.0,
        "ours_max_s": 3.0,
    }


def test_the_object_goes_to_standard_output_and_the_table_beside_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show("x", {"a": 2.0}, {"jobs": 1}, targets=[Target(figure="a", at_most=1.0)], as_json=True)
    assert json.loads(capsys.readouterr().out) == {"bench": "x", "a": 2.0, "settings": {"jobs": 1}}


def test_fanout_measures_both_sides() -> None:
    found = measured(bench("fanout", "--jobs", "1", "--warm-up", "1", "--seconds", "0.2"))
    assert found["ours_n"] == found["plain_n"] == 1
    assert min(found["ours_p50_s"], found["plain_p50_s"]) >= 0.2
    # Both sides are rounded to milliseconds, the ratio is not.
    assert found["ratio_p50"] == pytest.approx(found["ours_p50_s"] / found["plain_p50_s"], rel=0.02)
    assert found["sim_pictures"] == 8
    assert found["settings"]["jobs"] == 1


@pytest.mark.slow
def test_inflight_stores_every_picture() -> None:
    found = measured(bench("inflight", "--jobs", "3", "--seconds", "0.2", "--alone"))
    assert found["stored"] == 12
    assert found["rss_peak_mib"] > found["pss_peak_mib"] > 0
    assert found["settings"]["RUNTZ_PROVIDERS__FLUX__CONCURRENCY"] == "3"


@pytest.mark.slow
def test_batch_stores_every_picture_and_keeps_its_books() -> None:
    found = measured(bench("batch", "--prompts", "5"))
    assert (found["stored"], found["books_hold"]) == (20, 1)
    assert found["accept_s"] > 0
    assert found["rss_peak_mib"] > 0


@pytest.mark.parametrize("name", ["fanout", "inflight", "push"])
def test_no_measurement_spends_money(name: str) -> None:
    arguments = ("--alone",) if name == "inflight" else ()
    refused = bench(name, *arguments, RUNTZ_PROVIDERS__OPENAI__API_KEY="sk-real")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "openai, and a measurement must not spend money" in " ".join(refused.stderr.split())
