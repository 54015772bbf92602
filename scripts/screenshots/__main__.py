"""Make the pictures of the documentation: every screen at desk and phone size, by running the product itself.

    .venv/bin/python -m scripts.screenshots [--only AREA]… [--out docs/screenshots] [--data DIR] [--spread] [--whole]

Starts an installation of its own in a temporary folder; with --data it uses the one that runs there, whose
vendors must all be simulated and whose history will show. All areas take about ten minutes, because the
simulated vendors draw with all care and some of them take as long as the real ones.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from playwright.sync_api import Error, expect, sync_playwright

from runtz_core.cli.browser import chromium
from runtz_core.settings import PROJECT_ROOT
from scripts.screenshots import (
    accounts,
    batch,
    craft,
    looking,
    onboarding,
    prompts,
    remix,
    runs,
    usage,
    vault,
)
from scripts.screenshots.camera import PATIENCE, Studio
from scripts.screenshots.instance import chosen_instance, new_link

# In this order: the empty screens come first, and the last one signs out.
AREAS: Mapping[str, Callable[[Studio], None]] = {
    "onboarding": onboarding.take,
    "studio": runs.take,
    "vault": vault.take,
    "looking": looking.take,
    "remix": remix.take,
    "craft": craft.take,
    "prompts": prompts.take,
    "batch": batch.take,
    "usage": usage.take,
    "accounts": accounts.take,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", action="append", choices=[*AREAS], metavar="AREA", help=", ".join(AREAS))
    parser.add_argument("--out", type=Path, default=PROJECT_ROOT / "docs" / "screenshots")
    parser.add_argument("--data", type=Path, help="the data folder of a running installation")
    parser.add_argument("--whole", action="store_true", help="whole pages, not what a window shows of them")
    parser.add_argument(
        "--spread",
        action="store_true",
        help="with --data: put its calls on dates of two weeks, for the charts",
    )
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # and with it the installation
    chosen.out.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE)
    wanted = [name for name in AREAS if not chosen.only or name in chosen.only]
    with chosen_instance(chosen.data) as (instance, data), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(print), args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        studio = Studio(
            instance, browser, chosen.out, whole=chosen.whole, spreads=chosen.spread or chosen.data is None
        )
        studio.ask("reset")
        studio.sign_in(new_link(data), photograph="onboarding" in wanted)
        stuck = [name for name in wanted if not taken(studio, name)]
        browser.close()
    if stuck:
        sys.exit(f"not all was taken of: {', '.join(stuck)}")


def taken(studio: Studio, area: str) -> bool:
    """Whether the area came to its end. If not, what the tabs showed is in `trouble-…`, and the next begins anew."""
    begun = time.monotonic()
    try:
        AREAS[area](studio)
    except (Error, AssertionError) as error:
        print(f"{area}: {error}", file=sys.stderr, flush=True)
        studio.shoot_as_it_is(f"trouble-{area}")
        studio.ask("reset")
        return False
    print(f"{area}: {time.monotonic() - begun:.0f} s", flush=True)
    return True


if __name__ == "__main__":
    main()
