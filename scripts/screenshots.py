"""Takes the screenshots of the documentation from a running instance: `python -m scripts.screenshots LINK`.

LINK is the one-time link that `./runtz up` or `./runtz link` prints. Everything is run on simulated vendors, at
1440×900 and 390×844; a fresh data folder shows the empty Studio too.
"""

import argparse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, sync_playwright

OUT = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}  # pixels
PROMPT = (
    "Night harbour after rain, glass towers in low fog, one small lit ferry on black water, "
    "sign lights reflected, seen from the breakwater, wide lens, quiet"
)
REFUSED = " [fail:content_blocked@flux]"  # what makes the simulated FLUX refuse
PATIENCE = 120_000  # milliseconds for four simulated pictures


class Camera:
    """One window of one size, signed in."""

    def __init__(self, browser: Browser, name: str, out: Path, origin: str, cookies: list[Any]) -> None:
        width, height = SIZES[name]
        context = browser.new_context(viewport={"width": width, "height": height}, has_touch=name == "phone")
        context.add_cookies(cookies)
        self.name, self.out, self.origin = name, out, origin
        self.page: Page = context.new_page()

    def shoot(self, name: str) -> None:
        """Save what is seen now."""
        self.page.wait_for_timeout(400)  # fades end after 220 ms
        path = self.out / f"{name}-{self.name}.png"
        self.page.screenshot(path=path)
        print(path)

    def open(self, path: str) -> None:
        """Go to a page and wait until it has answered."""
        self.page.goto(self.origin + path)
        self.page.locator(".avatar").filter(has_text="account").wait_for()
        self.page.wait_for_load_state("networkidle")

    def cards(self, state: str) -> Locator:
        return self.page.locator(f"[data-state={state}]")

    def write(self, prompt: str) -> None:
        """Put words into the composer."""
        if self.name == "phone" and not self.page.locator(".composer[data-open]").count():
            self.page.locator(".dock-words").click()
        self.page.locator("#prompt").fill(prompt)

    def run(self, prompt: str) -> None:
        """Run a prompt at 3:4 and leave clean words behind."""
        self.write(prompt)
        self.page.locator(".ratio select").select_option("3:4")
        self.page.locator(".ratio .value").get_by_text("3:4").wait_for()
        self.page.locator(".controls [data-run]").click()
        self.page.locator("[data-state=queued], [data-state=running]").first.wait_for()
        self.write(PROMPT)
        if self.name == "phone":
            self.page.keyboard.press("Escape")
        self.page.evaluate("document.activeElement.blur()")


def studio(camera: Camera) -> None:
    """Empty, composer, running, one refused, all ready, receipt."""
    camera.open("/")
    camera.page.locator("[data-call-id], .welcome").first.wait_for()
    if camera.page.locator(".welcome").count():
        camera.shoot("studio-empty")
    camera.run(PROMPT + REFUSED)
    camera.cards("failed").first.wait_for(timeout=PATIENCE)
    camera.cards("succeeded").first.wait_for(timeout=PATIENCE)
    camera.shoot("studio-running")
    camera.cards("succeeded").nth(2).wait_for(timeout=PATIENCE)
    if camera.name == "phone":
        camera.cards("failed").first.scroll_into_view_if_needed()
    camera.shoot("studio-one-refused")
    camera.run(PROMPT)
    camera.cards("succeeded").nth(3).wait_for(timeout=PATIENCE)
    camera.shoot("studio-done")
    camera.cards("succeeded").nth(1).focus()
    camera.page.keyboard.press("i")
    camera.page.locator("dialog[open]").wait_for()
    camera.shoot("receipt")
    camera.page.keyboard.press("Escape")


def others(camera: Camera) -> None:
    """The composer as a sheet, a job's own page, the history, the settings."""
    camera.open("/")
    if camera.name == "phone":
        camera.write(PROMPT)
        camera.shoot("composer")
    for path, name in (("/history", "history"), ("/settings", "settings")):
        camera.open(path)
        camera.shoot(name)


def main() -> None:
    """Sign in with the link and photograph every screen at every size."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("link", help="the one-time link of a running instance")
    options.add_argument("--out", type=Path, default=OUT)
    options.add_argument("--chromium", default="/usr/bin/chromium")
    given = options.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    address = urlsplit(given.link)
    origin = f"{address.scheme}://{address.netloc}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=given.chromium, args=["--no-sandbox"])
        context = browser.new_context()
        page = context.new_page()
        page.goto(given.link)
        page.locator("button[type=submit]").first.click()
        page.get_by_role("heading", name="Your server is running.").or_(
            page.locator(".composer")
        ).first.wait_for()
        for name in SIZES:
            camera = Camera(browser, name, given.out, origin, context.cookies())
            studio(camera)
            others(camera)
        browser.close()


if __name__ == "__main__":
    main()
