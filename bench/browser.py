"""A Chromium signed in as the owner, which notes when each picture is painted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import BrowserContext, async_playwright

from bench.report import console
from runtz_core import db
from runtz_core.cli.browser import chromium
from runtz_core.users import service as users

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
]
LINK_SECONDS = 60.0

# A picture counts as painted when its element has loaded and two animation frames have begun since: the second
# begins when the first, which shows it, has been drawn. Epoch milliseconds by the call's id.
NOTE_PAINTS = """
window.paints = {};
new MutationObserver((changes) => {
  for (const { target } of changes) {
    const call = target.matches?.("img.picture[data-here]") && target.closest("[data-call-id]")?.dataset.callId;
    if (!call || call in window.paints) continue;
    window.paints[call] = 0;
    requestAnimationFrame(() => requestAnimationFrame(() => {
      window.paints[call] = performance.timeOrigin + performance.now();
    }));
  }
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-here"] });
"""
PAINTED = "calls => calls.every((call) => window.paints[call])"


@asynccontextmanager
async def signed_in(url: str, code: str | None = None) -> AsyncIterator[BrowserContext]:
    """A browser whose pages at `url` are the owner's; `code` is a one-time code, made anew without one."""
    async with async_playwright() as playwright:
        program = chromium(lambda text: console.print(text))
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            context = await browser.new_context(viewport={"width": 1440, "height": 900})
            answer = await context.request.post(
                f"{url}/api/auth/first-run",
                form={"code": code or _code()},
                headers={"Origin": url},
                max_redirects=0,
            )
            assert answer.status == 303, f"signing in answered {answer.status}"
            await context.add_init_script(NOTE_PAINTS)
            yield context
        finally:
            await browser.close()


def _code() -> str:
    with db.unit_of_work() as session:
        return users.new_owner_link(session, seconds=LINK_SECONDS)
