"""The measurements run, say what they promise and leave nothing behind."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.report import Target, quantile, show, spread
from tests.nursery import nursery

PATIENCE = 300.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a measurement ended, and what it said."""

    code: int
    output: str
    said: str


Bench = Callable[..., Ran]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Runs a measurement without the settings of whoever runs the tests."""

    def run(name: str, *arguments: str, **variables: str) -> Ran:
        plain = {key: value for key, value in os.environ.items() if not key.startswith("RUNTZ_")}
        output, log = tmp_path / "output", tmp_path / "log"
        process = nursery().start(
            [f"bench.{name}", *arguments, "--json"], environment=plain | variables, log=log, output=output
        )
        return Ran(code=process.wait(PATIENCE), output=output.read_text(), said=log.read_text())

    return run


def measured(ran: Ran) -> dict[str, Any]:
    """The one object on standard output."""
    assert ran.code == 0, ran.said
    found: dict[str, Any] = json.loads(ran.output)
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


@pytest.mark.slow
def test_fanout_measures_both_sides(bench: Bench) -> None:
    found = measured(bench("fanout", "--jobs", "1", "--warm-up", "1", "--seconds", "0.2"))
    assert found["ours_n"] == found["plain_n"] == 1
    assert min(found["ours_p50_s"], found["plain_p50_s"]) >= 0.2
    # Both sides are rounded to milliseconds, the ratio is not.
    assert found["ratio_p50"] == pytest.approx(found["ours_p50_s"] / found["plain_p50_s"], rel=0.02)
    assert found["sim_pictures"] == 8
    assert found["settings"]["jobs"] == 1


@pytest.mark.slow
def test_inflight_stores_every_picture(bench: Bench) -> None:
    found = measured(bench("inflight", "--jobs", "3", "--seconds", "0.2", "--alone"))
    assert found["stored"] == 12
    assert found["rss_peak_mib"] > found["pss_peak_mib"] > 0
    assert found["settings"]["RUNTZ_PROVIDERS__FLUX__CONCURRENCY"] == "3"


@pytest.mark.slow
def test_batch_stores_every_picture_and_keeps_its_books(bench: Bench) -> None:
    found = measured(bench("batch", "--prompts", "5"))
    assert (found["stored"], found["books_hold"]) == (20, 1)
    assert found["accept_s"] > 0
    assert found["rss_peak_mib"] > 0


@pytest.mark.parametrize("name", ["fanout", "inflight", "push"])
def test_no_measurement_spends_money(bench: Bench, name: str) -> None:
    arguments = ("--alone",) if name == "inflight" else ()
    refused = bench(name, *arguments, RUNTZ_PROVIDERS__OPENAI__API_KEY="sk-real")
    assert refused.code == 1
    assert refused.output == ""
    assert "openai, and a measurement must not spend money" in " ".join(refused.said.split())
