"""What helps people find their way: the palette, the keys, the three steps, and the app without its server."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine
from sqlmodel import Session

from runtz_core.users import service as users
from tests.conftest import make_person
from tests.e2e.axe import violations
from tests.e2e.conftest import DESK, PHONE, Tabs
from tests.e2e.product import Product, wait_until
from tests.e2e.tab import Tab

KEPT = """async () => {
  const names = [];
  for (const name of await caches.keys()) for (const one of await (await caches.open(name)).keys()) {
    names.push(new URL(one.url).pathname);
  }
  return names;
}"""
# A Chromium without a desktop grants no notifications whatever it is told, so the test stands in for the desktop.
DESKTOP = """() => {
  window.told = [];
  Object.defineProperty(Notification, "permission", { get: () => "granted" });
  ServiceWorkerRegistration.prototype.showNotification = async (title, said) => {
    window.told.push(said.data.path);
  };
}"""
# Asked again and again by `wait_until`: `wait_for_function` takes the promise itself for a yes.
READY = "() => navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"
PUBLIC = re.compile(r"/offline\.html|/theme\.css|/controls\.css|/icon\.svg")


def test_the_palette_goes_to_pages_and_finds_what_was_made(tabs: Tabs) -> None:
    tab = tabs(models=["flux-2-pro"])
    tab.run("Zeppelins above the palette")
    tab.reaches("succeeded")
    keyboard, palette = tab.page.keyboard, tab.page.get_by_role("dialog", name="Search or jump")
    keyboard.press("Control+k")
    expect(palette.get_by_role("combobox")).to_be_focused()
    assert violations(tab) == []
    keyboard.type("usage")
    expect(palette.get_by_role("option", name="Usage", exact=True)).to_have_attribute("aria-selected", "true")
    keyboard.press("Enter")
    tab.page.wait_for_url(re.compile("/usage"))
    # The address changes before the page does.
    expect(tab.page.get_by_role("heading", name="Spend per day")).to_be_visible()
    keyboard.press("Control+k")
    expect(palette.get_by_role("combobox")).to_be_focused()
    keyboard.type("zeppelins")
    expect(palette.get_by_role("option", name=re.compile("Zeppelins above"))).to_have_count(2)
    keyboard.press("Enter")
    tab.page.wait_for_url(re.compile("/images/"))
    expect(tab.page.get_by_role("region", name="Lineage")).to_be_visible()
    keyboard.press("Control+k")
    expect(palette).to_be_visible()
    keyboard.press("Escape")
    expect(palette).to_be_hidden()


def test_an_open_palette_and_its_words_outlive_a_change_of_page(tabs: Tabs) -> None:
    tab = tabs("/history")
    tab.page.get_by_role("link", name="Vault").first.click()
    tab.page.wait_for_url(re.compile("/vault"))
    # The address changes before the page does; between the two nobody listens to keys.
    expect(tab.page.get_by_role("navigation", name="Filters")).to_be_visible()
    palette = tab.page.get_by_role("dialog", name="Search or jump")
    tab.page.keyboard.press("Control+k")
    expect(palette.get_by_role("combobox")).to_be_focused()
    tab.page.keyboard.type("harb")
    tab.page.evaluate("() => history.back()")
    tab.page.wait_for_url(re.compile("/history"))
    expect(tab.page.get_by_role("heading", name="History", include_hidden=True)).to_be_attached()
    expect(palette.get_by_role("combobox")).to_have_value("harb")
    expect(palette.get_by_role("combobox")).to_be_focused()
    tab.page.keyboard.press("Escape")
    expect(palette).to_be_hidden()


def newcomer(product: Product, tabs: Tabs) -> Tab:
    """The Studio of somebody without a picture yet."""
    engine = create_engine(product.instance().database_url or "")
    with Session(engine) as session:
        token = users.start_session(session, make_person(session))
        session.commit()
    engine.dispose()
    tab = tabs(None, signed_in=False)
    tab.page.context.add_cookies([{"name": "session", "value": token, "url": tab.url}])
    return tab.open()


def test_newcomers_are_shown_three_steps_until_they_skip_them(product: Product, tabs: Tabs) -> None:
    tab = newcomer(product, tabs)
    steps = tab.page.locator(".tour")
    expect(steps).to_contain_text("Step 1 of 3")
    expect(steps.locator("img")).to_have_js_property("complete", True)
    steps.get_by_role("button", name="Next").click()
    expect(steps).to_contain_text("Step 2 of 3")
    steps.get_by_role("button", name="Back").click()
    expect(steps.get_by_role("button", name="Back")).to_be_disabled()
    steps.get_by_role("button", name="Skip").click()
    expect(tab.prompt).to_be_focused()
    tab.reload()
    expect(tab.prompt).to_be_visible()
    expect(steps).to_have_count(0)
    palette = tab.page.get_by_role("dialog", name="Search or jump")
    tab.page.keyboard.press("Control+k")
    expect(palette.get_by_role("combobox")).to_be_focused()
    tab.page.keyboard.type("three steps")
    expect(palette.get_by_role("option", selected=True)).to_contain_text(re.compile("three steps", re.I))
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_role("dialog", name="Three steps")).to_contain_text("Step 1 of 3")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_keys_and_steps_are_shown_on_request(tabs: Tabs, size: tuple[int, int]) -> None:
    tab = tabs("/history", size=size)
    tab.page.keyboard.press("?")
    keys = tab.page.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("Search or jump")
    assert violations(tab) == []
    keys.get_by_role("button", name="Close").click()
    tab.page.evaluate("() => dispatchEvent(new CustomEvent('runtz:tour'))")
    steps = tab.page.get_by_role("dialog", name="Three steps")
    expect(steps).to_contain_text("Step 1 of 3")
    steps.get_by_role("button", name="Next").click()
    steps.get_by_role("button", name="Next").click()
    expect(steps).to_contain_text("Step 3 of 3")
    assert violations(tab) == []
    assert tab.overflow() == 0
    steps.get_by_role("button", name="Done").click()
    expect(steps).to_be_hidden()


def test_who_looks_elsewhere_is_told_when_the_job_is_done(tabs: Tabs) -> None:
    tab = tabs(models=["flux-2-pro"])
    wait_until(lambda: tab.page.evaluate(READY), "the service worker looks after the page")
    tab.page.evaluate(DESKTOP)
    tab.page.evaluate("() => Object.defineProperty(document, 'hidden', { get: () => true })")
    job = tab.run("Told from afar")
    tab.page.wait_for_function("() => document.title.startsWith('✓ 1 ready')")
    tab.page.wait_for_function("() => window.told.length > 0")
    assert tab.page.evaluate("() => window.told") == [f"/jobs/{job}"]


def test_without_its_server_the_app_says_so_and_kept_nothing_private(tabs: Tabs) -> None:
    tab = tabs(models=["flux-2-pro"])
    tab.expect_trouble("ERR_INTERNET_DISCONNECTED|ERR_FAILED|WebSocket")
    tab.run("Kept by nobody but the server")
    tab.reaches("succeeded")
    wait_until(lambda: tab.page.evaluate(READY), "the service worker looks after the page")
    tab.reload()
    tab.card("FLUX.2 pro").locator("img.picture[data-here]").wait_for()
    kept = tab.page.evaluate(KEPT)
    assert "/offline.html" in kept
    assert [path for path in kept if not PUBLIC.fullmatch(path)] == []
    tab.page.context.set_offline(True)
    tab.page.goto(f"{tab.url}/history")
    expect(tab.page.get_by_role("heading", name="The server cannot be reached")).to_be_visible()
    assert violations(tab) == []
    tab.page.context.set_offline(False)
    tab.page.get_by_role("link", name="Try again").click()
    expect(tab.page.get_by_role("heading", name="History")).to_be_visible()
