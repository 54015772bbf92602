"""Pictures large and side by side: the lightbox, the comparison, share links; by mouse, key and touch."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations
from tests.e2e.conftest import DESK, PHONE, Tabs
from tests.e2e.tab import Tab
from tests.e2e.test_running import FLUX, GPT
from tests.e2e.touch import Finger, drag, pinch

MODELS = ["gpt-image-2.6-flare", "flux-2-pro", "ideogram-4-5"]
BOX = "dialog.lightbox"


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    """The job these tests look at, made by the first of them."""
    return {}


@pytest.fixture
def job(tabs: Tabs, made: dict[str, str]) -> dict[str, str]:
    """A job of three pictures: its id, and theirs in the order of the cards."""
    if not made:
        studio = tabs(models=MODELS)
        made["job"] = studio.run("A lighthouse to be looked at closely")
        studio.reaches("succeeded", "succeeded", "succeeded")
        ids = studio.page.locator("[data-image-id]").evaluate_all(
            "all => all.map((one) => one.dataset.imageId)"
        )
        made["ids"] = ",".join(ids)
    return made


def shown(tab: Tab, number: int, of: int) -> None:
    """The lightbox stands at this picture, and it is drawn."""
    expect(tab.page.locator(BOX)).to_contain_text(f"{number} of {of}")
    expect(tab.page.locator(f"{BOX} img[data-lightbox]")).to_have_js_property("complete", True)


def test_the_lightbox_by_mouse_and_keys(tabs: Tabs, job: dict[str, str]) -> None:
    tab = tabs(f"/jobs/{job['job']}")
    keyboard, box = tab.page.keyboard, tab.page.locator(BOX)
    tab.card(GPT).locator(".slot").click(position={"x": 60, "y": 120})
    shown(tab, 1, 3)
    keyboard.press("ArrowRight")
    shown(tab, 2, 3)
    keyboard.press("z")
    expect(box.locator("[data-zoomed]")).to_be_visible()
    keyboard.press("f")
    expect(box.locator("[data-zoomed]")).to_have_count(0)
    keyboard.press("k")
    expect(box.get_by_role("button", name="Stop keeping")).to_have_attribute("aria-pressed", "true")
    expect(tab.card(FLUX).locator(".state")).to_contain_text("kept")
    keyboard.press("4")
    stars = box.get_by_role("radiogroup", name="Rating")
    expect(stars.get_by_role("radio", name="4 stars")).to_be_checked()
    expect(box.get_by_role("status")).to_contain_text("4 of 5 stars")
    keyboard.press("0")
    expect(stars.get_by_role("radio", checked=True)).to_have_count(0)
    keyboard.press("i")
    expect(box.get_by_role("complementary", name="Details")).to_contain_text("Pixels")
    assert violations(tab) == []
    keyboard.press("Delete")
    expect(box).to_contain_text("2 of 2")
    keyboard.press("u")
    shown(tab, 2, 3)
    keyboard.press("Escape")
    expect(box).to_be_hidden()


def test_the_lightbox_gives_the_focus_back(tabs: Tabs, job: dict[str, str]) -> None:
    tab = tabs(f"/jobs/{job['job']}")
    tab.card(FLUX).focus()
    tab.page.keyboard.press("Enter")
    shown(tab, 2, 3)
    for _ in range(30):
        tab.page.keyboard.press("Tab")
        inside = f"() => document.activeElement === document.body || document.activeElement.closest('{BOX}') !== null"
        assert tab.page.evaluate(inside)
    tab.page.keyboard.press("Escape")
    expect(tab.card(FLUX)).to_be_focused()


def test_the_lightbox_by_touch(tabs: Tabs, job: dict[str, str]) -> None:
    phone = tabs(f"/jobs/{job['job']}", size=PHONE)
    phone.card(GPT).locator(".slot").click(position={"x": 60, "y": 120})
    shown(phone, 1, 3)
    drag(phone, f"{BOX} .lightbox-stage", (300, 300), (80, 310))
    shown(phone, 2, 3)
    drag(phone, f"{BOX} .lightbox-stage", (80, 300), (300, 310))
    shown(phone, 1, 3)
    stars = phone.page.locator(BOX).get_by_role("radiogroup", name="Rating")
    stars.get_by_role("radio", name="3 stars").click()
    expect(stars.get_by_role("radio", name="3 stars")).to_be_checked()
    pinch(phone, f"{BOX} .lightbox-stage")
    expect(phone.page.locator(f"{BOX} [data-zoomed]")).to_be_visible()
    drag(phone, f"{BOX} .lightbox-stage", (300, 300), (80, 310))
    shown(phone, 1, 3)  # zoomed in, a drag moves the picture
    phone.page.keyboard.press("f")
    expect(phone.page.locator(f"{BOX} [data-zoomed]")).to_have_count(0)
    assert phone.overflow() == 0
    assert violations(phone) == []
    drag(phone, f"{BOX} .lightbox-stage", (200, 200), (205, 420))
    expect(phone.page.locator(BOX)).to_be_hidden()


def test_a_comparison_is_zoomed_together_and_picked_by_keys(tabs: Tabs, job: dict[str, str]) -> None:
    tab = tabs(f"/jobs/{job['job']}")
    tab.card(FLUX).focus()
    tab.page.keyboard.press("c")
    tab.page.wait_for_url(re.compile(r"/compare\?ids="))
    panes = tab.page.locator(".compare .pane")
    expect(panes).to_have_count(3)
    keyboard = tab.page.keyboard
    keyboard.press("+")
    expect(tab.page.locator(".pane[data-zoomed]")).to_have_count(3)
    sizes = panes.locator("img").evaluate_all(
        "all => all.map((one) => Math.round(one.getBoundingClientRect().height))"
    )
    assert len(set(sizes)) <= 3
    keyboard.press("f")
    expect(tab.page.locator(".pane[data-zoomed]")).to_have_count(0)
    keyboard.press("2")
    expect(panes.nth(1)).to_have_attribute("data-chosen", "true")
    assert violations(tab) == []
    tab.reload()
    expect(tab.page.locator(".compare .pane").nth(1)).to_have_attribute("data-chosen", "true")
    keyboard.press("t")
    expect(tab.page.locator(".pane[data-chosen]")).to_have_count(0)
    tab.page.get_by_role("button", name="Pick 3").click()
    expect(tab.page.locator(".compare .pane").nth(2)).to_have_attribute("data-chosen", "true")
    keyboard.press("t")
    keyboard.press("b")
    expect(tab.page.get_by_role("button", name=re.compile("Show names"))).to_be_visible()
    expect(tab.page.locator(".compare")).not_to_contain_text("FLUX.2 pro")
    keyboard.press("b")
    expect(tab.page.get_by_role("button", name=re.compile("Hide names"))).to_be_visible()
    keyboard.press("l")
    # The pointer comes when the panes stand still again: what moves away under it counts as left.
    expect(tab.page.get_by_role("button", name="Loupe")).to_have_attribute("aria-pressed", "true")
    panes.first.hover(position={"x": 100, "y": 100})
    expect(tab.page.locator(".pane-loupe")).to_have_count(3)
    keyboard.press("Escape")
    tab.page.wait_for_url(re.compile(r"/jobs/"))


def test_a_comparison_of_two_has_a_slider(tabs: Tabs, job: dict[str, str]) -> None:
    two = ",".join(job["ids"].split(",")[:2])
    tab = tabs(f"/compare?ids={two}")
    tab.page.get_by_role("radio", name="Slider").click()
    split = tab.page.get_by_role("slider", name=re.compile("Where picture 1 ends"))
    split.fill("20")
    expect(tab.page.locator(".pane-picture.upper")).to_have_attribute("style", re.compile("20%"))
    tab.page.locator(".pane-split").drag_to(tab.page.locator(".compare .pane"))  # to its middle
    expect(split).to_have_value("50")
    split.fill("20")
    tab.page.get_by_role("radio", name="Overlay").click()
    expect(tab.page.locator(".pane-picture.upper")).to_have_attribute("style", re.compile("opacity: 0.2"))
    assert violations(tab) == []


def test_a_comparison_on_a_phone(tabs: Tabs, job: dict[str, str]) -> None:
    phone = tabs(f"/compare?ids={job['ids']}", size=PHONE)
    panes = phone.page.locator(".compare .pane")
    expect(panes.nth(0)).to_be_visible()
    expect(panes.nth(1)).to_be_hidden()
    drag(phone, ".pane[data-active]", (300, 200), (60, 210))
    expect(panes.nth(1)).to_be_visible()
    expect(panes.nth(1)).to_have_attribute("data-active", "true")
    pinch(phone, ".pane[data-active]")
    expect(phone.page.locator(".pane[data-active][data-zoomed]")).to_have_count(1)
    picture = phone.page.locator(".pane[data-active] .pane-picture img").last
    before = picture.get_attribute("style")
    drag(phone, ".pane[data-active]", (200, 200), (120, 240))
    expect(picture).not_to_have_attribute("style", before or "")
    loupe = phone.page.get_by_role("button", name="Loupe")
    loupe.click()
    expect(loupe).to_have_attribute("aria-pressed", "true")
    finger = Finger(phone, ".pane[data-active]", (200, 240))
    finger.move((180, 220))
    expect(phone.page.locator(".pane[data-active] .pane-loupe")).to_be_visible()
    finger.lift()
    expect(phone.page.locator(".pane-loupe")).to_have_count(0)
    loupe.click()
    phone.page.locator(".compare-flip button").nth(2).click()
    expect(panes.nth(2)).to_have_attribute("data-zoomed", "true")
    phone.page.get_by_role("button", name="Pick 3").click()
    expect(panes.nth(2)).to_have_attribute("data-chosen", "true")
    assert phone.overflow() == 0
    assert violations(phone) == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_link_is_made_seen_by_a_guest_and_revoked(
    tabs: Tabs, job: dict[str, str], size: tuple[int, int]
) -> None:
    tab = tabs(f"/compare?ids={job['ids']}", size=size)
    tab.page.get_by_role("button", name="Share this comparison").click()
    dialog = tab.page.get_by_role("dialog", name="Share")
    dialog.get_by_label("Show the prompt too").check()
    assert violations(tab) == []
    dialog.get_by_role("button", name="Make link").click()
    link = dialog.get_by_label("Link", exact=True).input_value()
    guest = tabs(None, size=size, signed_in=False)
    guest.expect_trouble("404")
    guest.page.goto(link)
    expect(guest.page.get_by_role("heading")).to_have_text("3 pictures side by side")
    expect(guest.page.get_by_role("main")).to_contain_text("A lighthouse to be looked at closely")
    for picture in guest.page.locator("img").all():
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("(one) => one.naturalWidth") > 0
    assert guest.overflow() == 0
    assert violations(guest) == []
    assert guest.page.context.cookies() == []


def test_what_cannot_be_compared_is_said(tabs: Tabs) -> None:
    empty = tabs("/compare")
    expect(empty.page.get_by_role("heading", name="Choose pictures to compare")).to_be_visible()
    assert violations(empty) == []
    gone = "00000000-0000-7000-8000-000000000007"
    tab = tabs(f"/compare?ids={gone},{gone[:-1]}8")
    expect(tab.page.get_by_role("heading", name="Too few of these pictures are left")).to_be_visible()
