"""What a measurement says: a table for people on standard error, with `--json` one object on standard output."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psutil
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from runtz_core.supervisor import StartRefused

Figures = dict[str, float | int | str]

console = Console(stderr=True)


@dataclass(frozen=True, kw_only=True)
class Target:
    """The most or the least a figure may be."""

    figure: str
    at_most: float | None = None
    at_least: float | None = None


def parser(name: str, description: str) -> argparse.ArgumentParser:
    """The options every measurement has; add its own."""
    made = argparse.ArgumentParser(prog=f"runtz bench {name}", description=description)
    made.add_argument("--json", action="store_true", help="print one object on standard output")
    return made


def run(main: Callable[[], None]) -> int:
    """Run a measurement's `main`; the exit code. What cannot be measured here is said in one sentence."""
    try:
        main()
    except StartRefused as refusal:
        sys.stderr.write(f"runtz bench: {refusal}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nruntz bench: stopped; everything it started has ended.\n")
        return 130
    return 0


def progress() -> Progress:
    """A bar on standard error."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of `values` lie, linear between neighbours."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def spread(name: str, values: Sequence[float], unit: str, digits: int = 3) -> Figures:
    """Count, median, 95th percentile, least and most of a series, as flat figures."""
    return {
        f"{name}_n": len(values),
        f"{name}_p50_{unit}": round(quantile(values, 0.5), digits),
        f"{name}_p95_{unit}": round(quantile(values, 0.95), digits),
        f"{name}_min_{unit}": round(min(values), digits),
        f"{name}_max_{unit}": round(max(values), digits),
    }


def machine() -> Figures:
    """What else was going on: the load averages and the CPU share in use over the last second."""
    one, five, _ = os.getloadavg()
    return {
        "load_before_1m": round(one, 2),
        "load_before_5m": round(five, 2),
        "cpu_busy_before": round(psutil.cpu_percent(interval=1.0) / 100, 2),
        "cpus": os.cpu_count() or 1,
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
    }


def show(
    name: str,
    figures: Mapping[str, Any],
    settings: Mapping[str, Any],
    *,
    targets: Sequence[Target] = (),
    as_json: bool = False,
) -> None:
    """Print the table, and the object when it is asked for."""
    table = Table(title=f"bench {name}", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("target", justify="right")
    wanted = {target.figure: target for target in targets}
    for figure, value in figures.items():
        table.add_row(figure, str(value), _judged(value, wanted.get(figure)))
    console.print(table)
    console.print("settings: " + ", ".join(f"{key}={value}" for key, value in settings.items()))
    if as_json:
        sys.stdout.write(json.dumps({"bench": name, **figures, "settings": dict(settings)}) + "\n")


def _judged(value: float, target: Target | None) -> str:
    if target is None:
        return ""
    if target.at_most is not None:
        return (
            f"[green]≤ {target.at_most:g} met[/]"
            if value <= target.at_most
            else f"[red]≤ {target.at_most:g} missed[/]"
        )
    least = target.at_least or 0
    return f"[green]≥ {least:g} met[/]" if value >= least else f"[red]≥ {least:g} missed[/]"
