"""axe-core finds nothing on any screen, at the width of a desk and of a phone."""

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations
from tests.e2e.conftest import DESK, PHONE, Tabs
from tests.e2e.product import Product
from tests.e2e.tab import Tab
from tests.e2e.test_running import FLUX, HELD


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_is_wrong_with_a_job_in_any_of_its_states(
    product: Product, tabs: Tabs, size: tuple[int, int]
) -> None:
    product.vendors.arm("gemini", "no_image", times=1)
    product.vendors.latency(HELD, "flux")
    owner = tabs()
    job_id = owner.run("Looked at by a strict judge")
    owner.reaches("succeeded", "failed", "succeeded", "running")
    page = tabs(f"/jobs/{job_id}", size=size)
    assert violations(page) == []
    product.vendors.advance(HELD)
    page.reaches("succeeded", "failed", "succeeded", "succeeded")
    assert violations(page) == []
    page.card(FLUX).focus()
    page.page.keyboard.press("i")
    expect(page.page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_is_wrong_with_the_other_pages(tabs: Tabs, size: tuple[int, int]) -> None:
    found = {}
    tab = tabs(None, size=size)
    tab.expect_trouble("404")
    for path in (
        "/", "/history", "/settings", "/welcome", "/jobs/nonsense", "/no/such/page", "/profile", "/usage", "/admin",
    ):  # fmt: skip
        found[path] = violations(tab.open(path))
    visitor = tabs(None, size=size, signed_in=False)
    # Two in a row with the same path would be one page, which only hears of the fragment.
    for path in ("/welcome", "/register", "/reset", "/register#an-invitation", "/reset#a-code"):
        found[f"visitor at {path}"] = violations(visitor.open(path))
    assert {path: said for path, said in found.items() if said} == {}


def test_nothing_is_wrong_with_open_menus_and_forms(tabs: Tabs) -> None:
    studio = tabs()
    studio.page.get_by_role("button", name="Add a model").click()
    assert violations(studio) == []
    settings = tabs("/settings")
    settings.page.get_by_role("button", name="Add server").click()
    expect(settings.page.get_by_label("Base URL")).to_be_visible()
    assert violations(settings) == []


def reach(tab: Tab, wanted: str) -> None:
    """Press Tab until the focus is on `wanted` (a CSS selector)."""
    for _ in range(80):
        if tab.page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            return
        tab.page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key never came to {wanted}")


def test_a_job_is_run_and_looked_at_by_keyboard_alone(tabs: Tabs) -> None:
    studio = tabs(models=["gpt-image-2.6-flare", "flux-2-pro"])
    keyboard = studio.page.keyboard
    keyboard.press("Tab")
    expect(studio.page.get_by_role("link", name="Skip to content")).to_be_focused()
    keyboard.press("Enter")
    reach(studio, "#prompt")
    keyboard.type("Hands on the keys")
    reach(studio, '[role="switch"]')
    keyboard.press("Space")
    expect(studio.run_button).to_contain_text("Run 1")
    keyboard.press("Space")
    expect(studio.run_button).to_contain_text("Run 2")
    reach(studio, ".composer .run-button")
    studio.new_job(lambda: keyboard.press("Enter"))
    studio.reaches("succeeded", "succeeded")
    reach(studio, "[data-call-id]")
    keyboard.press("ArrowRight")
    expect(studio.card(FLUX)).to_be_focused()
    keyboard.press("i")
    expect(studio.page.get_by_role("dialog", name=f"Receipt of {FLUX}")).to_be_visible()
    keyboard.press("Escape")
    expect(studio.card(FLUX)).to_be_focused()

    studio.prompt.focus()
    keyboard.press("End")
    keyboard.type(", twice")
    studio.new_job(lambda: keyboard.press("Control+Enter"))
    studio.reaches("succeeded", "succeeded")
