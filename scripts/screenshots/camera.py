"""Make the pictures of the README: every screen at desk and phone size, by running the product itself.

    .venv/bin/python -m scripts.screenshots [--out docs/screenshots] [--data DIR]

Starts an installation of its own in a temporary folder; with --data it uses the one that runs there, whose
vendors must all be simulated and whose history will show. Takes about two minutes, because the simulated
vendors take as long as the real ones.
"""

import argparse
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from runtz_core.cli.browser import chromium
from runtz_core.settings import PROJECT_ROOT
from runtz_core.supervisor import ports
from runtz_core.supervisor.instance import Instance, running

SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
LARGEST = 350_000  # bytes of one file
PATIENCE = 120_000  # milliseconds
STARTING = 600  # seconds, the pages may have to be built first
SEED = 41207

GPT, BANANA, IDEOGRAM, FLUX = "GPT Image 2.6 Flare", "Nano Banana 2.1", "Ideogram 4.5", "FLUX.2 pro"
SPLENDID = (
    "Night harbour after rain, glass towers in low fog, one small lit ferry on black water, "
    "sign lights reflected, wide lens, quiet"
)
REFUSED = "Lighthouse in a storm, high waves, one lit window, gulls against the beam"
BEFORE = (
    ("Ink wash mountains in mist, one red sun, a flock of cranes, paper texture", "4:3"),
    ("Dunes at dusk under two suns, long shadows, one line of footprints, soft grain", "16:9"),
    ("A fox asleep in a field of tall poppies, morning haze, children's book", "1:1"),
)


class Studio:
    """The product, its simulated vendors, and one tab at each size."""

    def __init__(self, instance: Instance, browser: Browser, out: Path) -> None:
        self.url, self._simulator = str(instance.url), str(instance.simulator_url)
        self._browser, self._out = browser, out
        self.tabs = {size: self._tab(size, None) for size in SIZES}

    @property
    def desk(self) -> Page:
        return self.tabs["desktop"]

    @property
    def phone(self) -> Page:
        return self.tabs["phone"]

    def _tab(self, size: str, state: StorageState | None) -> Page:
        width, height = SIZES[size]
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            storage_state=state,
            has_touch=size == "phone",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        return context.new_page()

    def ask(self, path: str, **body: Any) -> None:
        """Tell the simulated vendors how to behave."""
        address = f"{self._simulator}/control/{path}"
        httpx.post(address, json=body, trust_env=False).raise_for_status()

    def sign_in(self, link: str) -> None:
        """Use the link up in the desk's tab and take the phone in with the same cookie."""
        for page in self.tabs.values():
            page.goto(link)
            expect(page.get_by_role("button", name="Sign in as owner")).to_be_visible()
        self.shoot("sign-in")
        self.desk.get_by_role("button", name="Sign in as owner").click()
        self.desk.wait_for_url(lambda url: "#" not in url)
        self.phone.context.close()
        self.tabs["phone"] = self._tab("phone", self.desk.context.storage_state())

    def open(self, path: str) -> None:
        """Bring both tabs to `path`."""
        for page in self.tabs.values():
            page.goto(self.url + path)
            expect(page.locator(".bone")).to_have_count(0)

    def run(self, prompt: str, ratio: str = "3:4") -> None:
        """Start a job in the desk's tab and wait until it stands there."""
        page = self.desk
        shown = page.locator("section[data-job-id]")
        before = shown.get_attribute("data-job-id") if shown.count() else ""
        page.get_by_role("combobox", name="Ratio").select_option(ratio)
        expect(page.locator(".ratio .value")).to_have_text(ratio)
        page.get_by_role("textbox", name="Prompt", exact=True).fill(prompt)
        page.get_by_label("Seed", exact=True).fill(str(SEED))
        page.locator(".composer .run-button").click()
        expect(shown).to_have_attribute("data-job-id", re.compile(rf"^(?!{before}$)." if before else "."))

    def take_along(self) -> None:
        """Show on the phone what the desk shows, with the same words and choices in the composer."""
        kept = self.desk.evaluate("({ ...localStorage })")
        self.phone.goto(f"{self.url}/history")
        self.phone.evaluate("(kept) => Object.assign(localStorage, kept)", kept)
        self.phone.goto(self.url)

    def reach(self, name: str, state: str) -> None:
        """Wait until the card of that model has come to `state` in both tabs."""
        for page in self.tabs.values():
            card = page.locator(f'[data-call-id][aria-label^="{name},"]')
            expect(card).to_have_attribute("data-state", state)

    def card(self, size: str, name: str) -> Any:
        return self.tabs[size].locator(f'[data-call-id][aria-label^="{name},"]')

    def shoot(self, name: str, *sizes: str) -> None:
        """Keep what the tabs show, as JPEG small enough for a README."""
        for size in sizes or SIZES:
            page = self.tabs[size]
            page.evaluate("document.fonts.ready")
            expect(page.locator("img.picture:not([data-here])")).to_have_count(0)
            page.wait_for_function(
                "[...document.images].every((image) => image.complete || image.loading === 'lazy')"
            )
            for quality in range(92, 40, -4):
                taken = page.screenshot(type="jpeg", quality=quality)
                if len(taken) <= LARGEST:
                    break
            target = self._out / f"{name}-{size}.jpg"
            target.write_bytes(taken)
            print(f"{target}  {len(taken) // 1000} kB")


def take_all(studio: Studio, link: str) -> None:
    """Walk through the product, screen by screen."""
    studio.ask("reset")
    studio.sign_in(link)
    studio.open("/welcome")
    studio.shoot("welcome")
    studio.open("/")
    studio.shoot("studio-empty")
    jobs_before(studio)
    running_job(studio)
    finished_job(studio)
    refused_job(studio)
    studio.open("/history")
    studio.shoot("history")
    studio.open("/settings")
    studio.shoot("settings")
    accounts(studio)


def accounts(studio: Studio) -> None:
    """What a person has and decides, what the owner does, how somebody new comes in. The last: it signs out."""
    for path in ("/usage", "/profile", "/admin"):
        studio.open(path)
        studio.shoot(path.removeprefix("/"))
    for page in studio.tabs.values():
        page.context.clear_cookies()
    for path in ("/register", "/reset"):
        studio.open(f"{path}#a-code")
        studio.shoot(path.removeprefix("/"))


def jobs_before(studio: Studio) -> None:
    """A little history, all of it made at once."""
    for prompt, ratio in BEFORE:
        studio.run(prompt, ratio)
    expect(studio.desk.get_by_text(re.compile("jobs? running"))).to_have_count(0, timeout=PATIENCE)


def running_job(studio: Studio) -> None:
    """One picture ready, one appearing, one rendering, in their natural order."""
    studio.ask("latency", vendor="openai", model=None, seconds=15)
    studio.run(SPLENDID)
    studio.take_along()
    studio.reach(FLUX, "succeeded")
    for size in SIZES:
        expect(studio.card(size, GPT).locator("img.picture-early")).to_be_visible()
    studio.shoot("studio-running", "desktop")
    studio.card("phone", GPT).scroll_into_view_if_needed()
    studio.shoot("studio-running", "phone")
    studio.phone.locator(".dock-words").click()
    studio.shoot("composer", "phone")
    studio.phone.keyboard.press("Escape")


def finished_job(studio: Studio) -> None:
    """All four, one of them kept, one looked at closely."""
    for name in (GPT, BANANA, IDEOGRAM, FLUX):
        studio.reach(name, "succeeded")
    studio.card("desktop", GPT).focus()
    studio.desk.keyboard.press("k")
    expect(studio.card("desktop", GPT)).to_have_attribute("aria-label", f"{GPT}, kept")
    studio.card("desktop", BANANA).focus()
    studio.desk.evaluate("scrollTo(0, 0)")
    studio.shoot("studio-done", "desktop")
    studio.desk.keyboard.press("i")
    expect(studio.desk.get_by_role("dialog", name=f"Receipt of {BANANA}")).to_be_visible()
    studio.shoot("receipt", "desktop")
    studio.desk.keyboard.press("Escape")

    studio.phone.locator(".strip button").nth(1).click()
    expect(studio.phone.locator(".strip button").nth(1)).to_have_attribute("aria-current", "true")
    studio.shoot("studio-done", "phone")
    studio.card("phone", BANANA).get_by_role("button", name="Details").click()
    expect(studio.phone.get_by_role("dialog", name=f"Receipt of {BANANA}")).to_be_visible()
    studio.shoot("receipt", "phone")
    studio.phone.keyboard.press("Escape")


def refused_job(studio: Studio) -> None:
    """Three pictures and one refusal."""
    studio.ask("reset")
    studio.ask("faults", vendor="flux", kind="content_blocked", times=1)
    studio.run(REFUSED)
    studio.take_along()
    studio.reach(FLUX, "failed")
    for name in (GPT, BANANA, IDEOGRAM):
        studio.reach(name, "succeeded")
    studio.desk.evaluate("scrollTo(0, 0)")
    studio.shoot("studio-failed", "desktop")
    studio.phone.locator(".strip button").nth(3).click()
    expect(studio.phone.locator(".strip button").nth(3)).to_have_attribute("aria-current", "true")
    studio.shoot("studio-failed", "phone")


@contextmanager
def own_instance(data: Path) -> Iterator[Instance]:
    """An installation that runs until the block is left."""
    command = [sys.executable, "-P", "-m", "runtz_core.cli", "up", "--data", str(data), "--no-open"]
    process = subprocess.Popen([*command, "--port", str(ports.any_free())], cwd=PROJECT_ROOT)
    try:
        end = time.monotonic() + STARTING
        while (instance := running(data)) is None:
            if process.poll() is not None or time.monotonic() > end:
                sys.exit("it did not start")
            select.select([], [], [], 0.2)
        yield instance
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


@contextmanager
def chosen_instance(data: Path | None) -> Iterator[tuple[Instance, Path]]:
    """The installation that runs on `data`, or one of our own."""
    if data is not None:
        instance = running(data)
        if instance is None or instance.url is None or instance.simulator_url is None:
            sys.exit(f"nothing runs on {data}")
        yield instance, data
        return
    with tempfile.TemporaryDirectory(prefix="runtz-screenshots-") as folder:
        data = Path(folder) / "data"
        with own_instance(data) as instance:
            yield instance, data


def new_link(data: Path) -> str:
    command = [sys.executable, "-P", "-m", "runtz_core.cli", "link", "--data", str(data)]
    done = subprocess.run(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=PROJECT_ROOT / "docs" / "screenshots")
    parser.add_argument("--data", type=Path, help="the data folder of a running installation")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE)
    with chosen_instance(chosen.data) as (instance, data), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(print), args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        take_all(Studio(instance, browser, chosen.out), new_link(data))
        browser.close()


if __name__ == "__main__":
    main()
