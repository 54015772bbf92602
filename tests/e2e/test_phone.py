"""The same product on a phone: the composer is a sheet, cards are paged, the receipt comes from below."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE, Tabs
from tests.e2e.test_running import FLUX, GPT, IDEOGRAM

NARROW = (360, 780)


def test_a_job_on_a_phone_from_the_sheet_to_the_receipt(tabs: Tabs) -> None:
    phone = tabs(size=PHONE)
    phone.page.locator(".dock-words").click()
    sheet = phone.page.get_by_role("dialog", name="New run")
    expect(sheet).to_be_visible()
    expect(phone.prompt).to_be_focused()
    phone.run("Written with two thumbs")
    expect(phone.page.locator(".composer")).not_to_have_attribute("data-open", "true")
    phone.reaches(*["succeeded"] * 4)

    strip = phone.page.locator(".strip button")
    expect(strip).to_have_count(4)
    expect(strip.nth(0)).to_have_attribute("aria-current", "true")
    strip.nth(2).click()
    expect(strip.nth(2)).to_have_attribute("aria-current", "true")
    expect(phone.card(IDEOGRAM)).to_be_in_viewport(ratio=0.8)
    expect(phone.card(GPT)).not_to_be_in_viewport(ratio=0.2)

    phone.card(IDEOGRAM).get_by_role("button", name="Details").click()
    receipt = phone.page.get_by_role("dialog", name=f"Receipt of {IDEOGRAM}")
    expect(receipt).to_be_visible()
    box = receipt.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, PHONE[0])
    assert box["y"] > 0
    assert round(box["y"] + box["height"]) == PHONE[1]
    receipt.get_by_role("button", name="Close").click()
    expect(receipt).to_be_hidden()
    assert phone.overflow() == 0


def test_the_sheet_closes_without_losing_a_word(tabs: Tabs) -> None:
    phone = tabs(size=PHONE)
    phone.page.locator(".dock-words").click()
    phone.prompt.fill("Half a thought")
    phone.page.keyboard.press("Escape")
    expect(phone.page.locator(".dock-words")).to_be_focused()
    expect(phone.page.locator(".dock-prompt")).to_have_text("Half a thought")


@pytest.mark.parametrize("size", [NARROW, PHONE], ids=["360", "390"])
def test_no_page_is_wider_than_the_phone(tabs: Tabs, size: tuple[int, int]) -> None:
    studio = tabs(models=["flux-2-pro"])
    job_id = studio.run("Averyveryverylongwordthatcouldpushthepagewiderthanitisandmustnot " * 3)
    studio.reaches("succeeded")
    found = {}
    tab = tabs(None, size=size)
    tab.expect_trouble("404")
    for path in ("/", f"/jobs/{job_id}", "/history", "/settings", "/welcome", "/jobs/nonsense", "/nowhere"):
        found[path] = tab.open(path).overflow()
    found["visitor"] = tabs("/welcome", size=size, signed_in=False).overflow()
    assert {path: pixels for path, pixels in found.items() if pixels} == {}
    phone = tabs(f"/jobs/{job_id}", size=size)
    phone.card(FLUX).get_by_role("button", name="Details").click()
    expect(phone.page.get_by_role("dialog")).to_be_visible()
    assert phone.overflow() == 0
