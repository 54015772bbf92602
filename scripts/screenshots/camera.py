"""The product in two tabs, one at the size of a desk and one at a phone's, and the camera before them."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Locator, Page, StorageState, expect

from runtz_core.supervisor.instance import Instance

SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
LARGEST = 350_000  # bytes of one file
BEST, WORST = 86, 42  # JPEG qualities tried, downwards
PATIENCE = 60_000  # milliseconds
SEED = 41207

GPT, BANANA, IDEOGRAM, FLUX = "GPT Image 2.6 Flare", "Nano Banana 2.1", "Ideogram 4.5", "FLUX.2 pro"
MODELS = ("gpt-image-2.6-flare", "gemini-nano-banana-2.1", "ideogram-4-5", "flux-2-pro")

POST = """async ([path, body]) => {
  const answer = await fetch(path, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}"""
GET = "async (path) => (await fetch(path)).json()"
DRAWN = "[...document.images].every((image) => image.complete || image.loading === 'lazy')"


class Studio:
    """The product, its simulated vendors, and one tab at each size."""

    def __init__(
        self, instance: Instance, browser: Browser, out: Path, *, whole: bool = False, spreads: bool = False
    ) -> None:
        self.url, self._simulator = str(instance.url), str(instance.simulator_url)
        self.instance, self.spreads = instance, spreads
        self._browser, self._out, self._whole = browser, out, whole
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

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """What a page of ours would post."""
        return self.desk.evaluate(POST, [path, body])

    def get(self, path: str) -> Any:
        return self.desk.evaluate(GET, path)

    def sign_in(self, link: str, *, photograph: bool) -> None:
        """Use the link up in the desk's tab and take the phone in with the same cookie."""
        for page in self.tabs.values():
            page.goto(link)
            expect(page.get_by_role("button", name="Sign in as owner")).to_be_visible()
        if photograph:
            self.shoot("first-run")
        self.desk.get_by_role("button", name="Sign in as owner").click()
        self.desk.wait_for_url(lambda url: "#" not in url)
        self.phone.context.close()
        self.tabs["phone"] = self._tab("phone", self.desk.context.storage_state())

    @contextmanager
    def stranger(self) -> Iterator[dict[str, Page]]:
        """Two tabs of somebody who is not signed in."""
        mine = self.tabs
        self.tabs = {size: self._tab(size, None) for size in SIZES}
        try:
            yield self.tabs
        finally:
            for page in self.tabs.values():
                page.context.close()
            self.tabs = mine

    def open(self, path: str) -> None:
        """Bring both tabs to `path`."""
        for page in self.tabs.values():
            page.goto(self.url + path)
            expect(page.locator(".bone")).to_have_count(0)

    def each(self, act: Callable[[Page], object]) -> None:
        """Do the same in both tabs."""
        for page in self.tabs.values():
            act(page)

    def composer(self, path: str = "/") -> None:
        """Both tabs at the composer; on the phone its sheet is open."""
        self.open(path)
        words = self.phone.locator(".dock-words")
        if words.get_attribute("aria-expanded") != "true":  # as it was left
            words.click()
        expect(self.phone.get_by_role("dialog", name="New run")).to_be_visible()

    def choose(self, *models: str) -> None:
        """Switch exactly these models on, in both tabs."""
        choices = json.dumps(
            {"row": [[model, True] for model in models], "tiers": {}, "ratio": "1:1", "samples": 1}
        )
        self.each(lambda page: self._keep_choices(page, choices))

    def _keep_choices(self, page: Page, choices: str) -> None:
        """A page that is still loading writes back what it found, so it is looked at again afterwards."""
        for _ in range(5):
            page.goto(f"{self.url}/history")
            expect(page.locator(".bone")).to_have_count(0)
            if page.evaluate("localStorage.getItem('runtz.choices')") == choices:
                return
            page.evaluate("(kept) => localStorage.setItem('runtz.choices', kept)", choices)

    def run(self, prompt: str, ratio: str = "3:4") -> str:
        """Start a job in the desk's tab and wait until it stands there; its id."""
        page = self.desk
        page.get_by_role("combobox", name="Ratio").select_option(ratio)
        expect(page.locator(".ratio .value")).to_have_text(ratio)
        page.get_by_role("textbox", name="Prompt", exact=True).fill(prompt)
        page.get_by_label("Seed", exact=True).fill(str(SEED))
        return self.new_job(page.locator(".composer .run-button"))

    def new_job(self, button: Locator) -> str:
        """Press what starts a job in the desk's tab; its id."""
        shown = self.desk.locator("section[data-job-id]")
        before = shown.get_attribute("data-job-id") if shown.count() else ""
        button.click()
        expect(shown).to_have_attribute("data-job-id", re.compile(rf"^(?!{before}$)." if before else "."))
        return shown.get_attribute("data-job-id") or ""

    def pictures(self) -> Sequence[dict[str, Any]]:
        """The owner's pictures, newest first, as the vault lists them."""
        found: list[dict[str, Any]] = self.get("/api/vault/page?show=all")["items"]
        return found

    def take_along(self) -> None:
        """Show on the phone what the desk shows, with the same words and choices in the composer."""
        kept = self.desk.evaluate("({ ...localStorage })")
        self.phone.goto(f"{self.url}/history")
        self.phone.evaluate("(kept) => Object.assign(localStorage, kept)", kept)
        self.phone.goto(self.url)

    def reach(self, name: str, state: str) -> None:
        """Wait until the card of that model has come to `state` in both tabs."""
        for size in SIZES:
            expect(self.card(size, name)).to_have_attribute("data-state", state)

    def card(self, size: str, name: str) -> Locator:
        return self.tabs[size].locator(f'[data-call-id][aria-label^="{name},"]')

    def shoot(self, name: str, *sizes: str) -> None:
        """Keep what the tabs show once they are drawn, as JPEG small enough for a README."""
        for size in sizes or SIZES:
            page = self.tabs[size]
            page.evaluate("document.fonts.ready")
            expect(page.locator("img.picture:not([data-here])")).to_have_count(0)
            page.wait_for_function(DRAWN)
            self._keep(name, size)

    def shoot_as_it_is(self, name: str) -> None:
        """Keep what the tabs show now."""
        for size in SIZES:
            self._keep(name, size)

    def _keep(self, name: str, size: str) -> None:
        for quality in range(BEST, WORST, -4):
            taken = self.tabs[size].screenshot(type="jpeg", quality=quality, full_page=self._whole)
            if len(taken) <= LARGEST:
                break
        target = self._out / f"{name}-{size}.jpg"
        target.write_bytes(taken)
        print(f"{target}  {len(taken) // 1000} kB", flush=True)
