"""What a person sees when a page, a process or the whole machine goes away in the middle."""

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations
from tests.e2e.conftest import Tabs
from tests.e2e.product import Product
from tests.e2e.tab import Tab
from tests.e2e.test_running import HELD

LINE_IS_DOWN = r"WebSocket|Failed to load resource|ERR_CONNECTION|fetch"


def test_a_reload_in_the_middle_shows_the_same_job_and_it_goes_on_by_itself(
    product: Product, studio: Tab
) -> None:
    product.vendors.latency(HELD, "flux")
    job_id = studio.run("Reloaded in the middle")
    studio.reaches("succeeded", "succeeded", "succeeded", "running")
    studio.reload()
    assert studio.job_id == job_id
    studio.reaches("succeeded", "succeeded", "succeeded", "running")
    product.vendors.advance(HELD)
    studio.reaches(*["succeeded"] * 4)


def test_two_tabs_and_two_browsers_show_the_same(product: Product, studio: Tab, tabs: Tabs) -> None:
    product.vendors.latency(HELD, "flux")
    job_id = studio.run("Seen from three sides")
    second = tabs(f"/jobs/{job_id}", beside=studio)
    elsewhere = tabs(f"/jobs/{job_id}")
    for tab in (studio, second, elsewhere):
        tab.reaches("succeeded", "succeeded", "succeeded", "running")
    product.vendors.advance(HELD)
    for tab in (studio, second, elsewhere):
        tab.reaches(*["succeeded"] * 4)


def test_the_page_is_live_again_after_the_web_process_was_killed(product: Product, studio: Tab) -> None:
    studio.expect_trouble(LINE_IS_DOWN)
    product.vendors.latency(HELD, "flux")
    studio.run("The server dies in the middle")
    studio.reaches("succeeded", "succeeded", "succeeded", "running")
    studio.record()
    product.kill_web()
    product.vendors.advance(HELD)
    studio.reaches(*["succeeded"] * 4)
    assert studio.recorded(), "the page was not loaded anew"

    product.calm()
    studio.run("And it takes orders again")
    studio.reaches(*["succeeded"] * 4)


@pytest.mark.slow
def test_everything_is_there_after_all_of_it_was_stopped_and_started(
    product: Product, studio: Tab, tabs: Tabs
) -> None:
    studio.expect_trouble(LINE_IS_DOWN)
    product.vendors.arm("gemini", "no_image")
    job_id = studio.run("Outlives the machine")
    studio.reaches("succeeded", "failed", "succeeded", "succeeded")
    before = [card.get_attribute("data-call-id") for card in studio.cards.all()]

    product.stop()
    expect(studio.page.get_by_text("Connection lost.")).to_be_visible()
    assert violations(studio) == []
    product.start()

    expect(studio.page.get_by_text("Connection lost.")).to_be_hidden()
    after = tabs(f"/jobs/{job_id}")
    after.reaches("succeeded", "failed", "succeeded", "succeeded")
    assert [card.get_attribute("data-call-id") for card in after.cards.all()] == before
    expect(after.page.locator("img.picture[data-here]")).to_have_count(3)

    fresh = studio.run("And it works on")
    assert fresh != job_id
    studio.reaches(*["succeeded"] * 4)
