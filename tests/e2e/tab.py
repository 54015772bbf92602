"""One tab of the product as a person uses it, with everything the browser complained about."""

import json
import re
from collections.abc import Callable, Sequence

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, WebSocket, expect

CARDS = "[data-call-id]"
JOB = "section[data-job-id]"

# Notes every state a card takes, in order. It lives in the page, so a reload would lose it.
RECORD = """() => {
  window.recorded = [];
  const known = new Map();
  const look = () => {
    for (const card of document.querySelectorAll("[data-call-id]")) {
      const name = card.getAttribute("aria-label").split(", ")[0];
      const early = card.querySelector("img.picture-early") ? "early picture" : "";
      const drawn = card.querySelector("img.picture[data-here]") ? "picture" : "";
      for (const seen of [card.dataset.state, early, drawn].filter(Boolean)) {
        const mark = card.dataset.callId + seen;
        if (known.has(mark)) continue;
        known.set(mark, true);
        window.recorded.push([card.closest("[data-job-id]").dataset.jobId, name, seen]);
      }
    }
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""

STATES = f"() => [...document.querySelectorAll('{CARDS}')].map((card) => card.dataset.state)"
SAME_STATES = f"(wanted) => JSON.stringify(({STATES})()) === wanted"
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Tab:
    """A page with what its console, its scripts and its socket said."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.troubles: list[str] = []
        self.received: list[str] = []
        # What Chromium says when a test leaves a page before its socket is open.
        self._expected = [
            "WebSocket is closed before the connection is established",
            "was preloaded using link preload but not used within a few seconds",  # on a machine that is busy
        ]
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.troubles.append(f"page error: {error}"))
        page.on("websocket", self._on_socket)

    def open(self, path: str = "/") -> "Tab":
        """Go to a page and wait until it is alive."""
        self.page.goto(self.url + path)
        return self.alive()

    def alive(self) -> "Tab":
        """Wait until nothing stands in for content that is still being read."""
        expect(self.page.locator("main")).to_be_visible()
        expect(self.page.locator(".bone")).to_have_count(0)
        return self

    def reload(self) -> "Tab":
        self.page.reload()
        return self.alive()

    def expect_trouble(self, pattern: str) -> None:
        """This test makes the browser complain like that."""
        self._expected.append(pattern)

    def unexpected(self) -> list[str]:
        """What nobody asked for."""
        return [said for said in self.troubles if not any(re.search(known, said) for known in self._expected)]

    @property
    def prompt(self) -> Locator:
        return self.page.get_by_role("textbox", name="Prompt", exact=True)

    @property
    def run_button(self) -> Locator:
        """The composer's own; on a phone the dock has another."""
        return self.page.locator(".composer .run-button")

    @property
    def cards(self) -> Locator:
        return self.page.locator(CARDS)

    def card(self, name: str) -> Locator:
        """The card whose model is called `name`."""
        return self.page.locator(f'{CARDS}[aria-label^="{name},"]')

    @property
    def job_id(self) -> str:
        return self.page.locator(JOB).get_attribute("data-job-id") or ""

    def run(self, prompt: str) -> str:
        """Write `prompt`, press Run, and wait for the new job; returns its id."""
        self.prompt.fill(prompt)
        return self.new_job(self.run_button.click)

    def new_job(self, act: Callable[[], object]) -> str:
        """Do what starts a job and wait until the page shows it; returns its id."""
        shown = self.page.locator(JOB)
        before = self.job_id if shown.count() else ""
        act()
        wanted = re.compile(rf"^(?!{before}$).+") if before else re.compile(".+")
        expect(shown).to_have_attribute("data-job-id", wanted)
        return self.job_id

    def states(self) -> list[str]:
        """The state of every card, in the order on the page."""
        found: list[str] = self.page.evaluate(STATES)
        return found

    def reaches(self, *states: str) -> None:
        """Wait until the cards are in exactly these states."""
        try:
            self.page.wait_for_function(SAME_STATES, arg=json.dumps(states, separators=(",", ":")))
        except Error as error:
            raise AssertionError(f"wanted {states}, found {self.states()}") from error

    def record(self) -> None:
        self.page.evaluate(RECORD)

    def recorded(self) -> list[tuple[str, str]]:
        """(model, state or what its slot showed) of the shown job, in the order of appearance since `record`."""
        found: list[list[str]] = self.page.evaluate("() => window.recorded")
        return [(name, seen) for job_id, name, seen in found if job_id == self.job_id]

    def order_of(self, seen: str) -> Sequence[str]:
        """The models in the order in which they came to `seen`."""
        return [name for name, what in self.recorded() if what == seen]

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        pixels: int = self.page.evaluate(TOO_WIDE)
        return pixels

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _on_socket(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.received.append(str(frame)))
