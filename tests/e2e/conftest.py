"""One running product and one Chromium for all browser tests; a test gets tabs that complain when it ends."""

import json
import os
from collections.abc import Iterator, Sequence
from typing import Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, StorageState, expect, sync_playwright

from runtz_core.jobs.chips import DEFAULT_RUN
from runtz_core.supervisor import ports
from tests.e2e.product import PATIENCE, Product, started
from tests.e2e.tab import Tab

DESK, PHONE = (1440, 900), (390, 844)
PATIENCE_MS = PATIENCE * 1000
ARGUMENTS = (
    "--no-sandbox",  # the tests run as root in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


class Tabs(Protocol):
    """Opens tabs. Each has a browser profile of its own unless `beside` names a tab to share one with."""

    def __call__(
        self,
        path: str | None = "/",
        *,
        size: tuple[int, int] = DESK,
        models: Sequence[str] = DEFAULT_RUN,
        signed_in: bool = True,
        beside: Tab | None = None,
        of: Product | None = None,
    ) -> Tab: ...


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product all tests share, with its owner signed in nowhere."""
    with started(tmp_path_factory.mktemp("product") / "data", ports.any_free()) as running:
        yield running


# Playwright's loop must be gone before tests of other packages run theirs.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        expect.set_options(timeout=PATIENCE_MS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def owner(product: Product, chromium: Browser) -> StorageState:
    """The cookie of the signed-in owner."""
    return sign_in(chromium, product, product.new_link())


def sign_in(chromium: Browser, product: Product, link: str) -> StorageState:
    """Open a one-time link, click once, and keep the cookie."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Sign in as owner").click()
    page.wait_for_url(lambda url: "#" not in url)
    state = context.storage_state()
    context.close()
    assert state["cookies"]
    return state


@pytest.fixture
def tabs(product: Product, chromium: Browser, owner: StorageState) -> Iterator[Tabs]:
    """Opens tabs on calm vendors; when the test is over, none may have complained."""
    product.calm()
    opened: list[Tab] = []
    contexts: list[BrowserContext] = []

    def profile(of: Product, size: tuple[int, int], models: Sequence[str], signed_in: bool) -> BrowserContext:
        choices = json.dumps(
            {"row": [[model, True] for model in models], "tiers": {}, "ratio": "1:1", "samples": 1}
        )
        kept = {"origin": of.url, "localStorage": [{"name": "runtz.choices", "value": choices}]}
        context = chromium.new_context(
            storage_state={"cookies": owner["cookies"] if signed_in else [], "origins": [kept]},
            viewport={"width": size[0], "height": size[1]},
            has_touch=size[0] < 640,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return context

    def open_tab(
        path: str | None = "/",
        *,
        size: tuple[int, int] = DESK,
        models: Sequence[str] = DEFAULT_RUN,
        signed_in: bool = True,
        beside: Tab | None = None,
        of: Product | None = None,
    ) -> Tab:
        place = of or product
        context = beside.page.context if beside else profile(place, size, models, signed_in)
        tab = Tab(context.new_page(), place.url)
        opened.append(tab)
        return tab if path is None else tab.open(path)

    yield open_tab
    for context in contexts:
        context.close()
    assert [said for tab in opened for said in tab.unexpected()] == []


@pytest.fixture
def studio(tabs: Tabs) -> Tab:
    """The Studio with one model of each of four vendors switched on."""
    return tabs("/")
