"""A Chromium signed in as the owner, which notes when each picture is painted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, async_playwright

from bench.report import console
from runtz_core.cli.browser import chromium

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
]

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
PAINTED_SINCE = "({ many, since }) => Object.values(window.paints).filter((at) => at > since).length >= many"


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium."""
    async with async_playwright() as playwright:
        program = chromium(lambda text: console.print(text))
        opened = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield opened
        finally:
            await opened.close()


async def sign_in(opened: Browser, url: str, code: str) -> Page:
    """A tab, in a profile of its own, that the one-time `code` has signed in at `url`."""
    context = await opened.new_context(viewport={"width": 1440, "height": 900})
    answer = await context.request.post(
        f"{url}/api/auth/first-run", form={"code": code}, headers={"Origin": url}, max_redirects=0
    )
    assert answer.status == 303, f"signing in answered {answer.status}"
    await context.add_init_script(NOTE_PAINTS)
    return await context.new_page()
