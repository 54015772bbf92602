"""The vault: the wall, a search, a selection, one picture's panel, statistics, trash, bringing pictures in."""

import re

from playwright.sync_api import Locator, Page, expect

from scripts.screenshots import gallery
from scripts.screenshots.camera import Studio


def cells(page: Page) -> Locator:
    return page.locator("[role=gridcell][data-id]")


def _here(page: Page) -> None:
    expect(cells(page).first).to_be_visible()
    page.wait_for_function(
        "() => [...document.querySelectorAll('[role=gridcell] img')].every((one) => one.complete)"
    )


def take(studio: Studio) -> None:
    made = gallery.ensure(studio)
    studio.open("/vault?show=all")
    studio.each(_here)
    cells(studio.desk).nth(1).hover()
    studio.shoot("vault")
    studio.each(_select)
    studio.shoot("vault-selection")
    studio.each(_collect)
    studio.shoot("vault-collect")
    studio.each(lambda page: page.keyboard.press("Escape"))
    studio.open("/vault?show=all&q=night")
    studio.each(_here)
    studio.shoot("vault-search")
    studio.phone.get_by_role("button", name="Filters").click()
    expect(studio.phone.get_by_role("dialog", name=re.compile("Filter"))).to_be_visible()
    studio.shoot("vault-filters", "phone")
    studio.open("/vault?show=all&q=nothingofthiskind")
    studio.each(lambda page: expect(page.get_by_role("heading", name="Nothing found")).to_be_visible())
    studio.shoot("vault-nothing")
    studio.open("/vault?show=all")
    studio.each(_here)
    studio.each(_panel)
    studio.shoot("vault-details")
    studio.open("/vault/statistics")
    studio.each(lambda page: expect(page.get_by_role("heading").nth(1)).to_be_visible())
    studio.shoot("vault-statistics")
    studio.post("/api/vault/change", {"action": "throw_away", "ids": [one["id"] for one in made[-3:]]})
    studio.open("/vault?show=trash")
    studio.each(_here)
    studio.shoot("vault-trash")
    studio.post("/api/vault/change", {"action": "restore", "ids": [one["id"] for one in made[-3:]]})
    studio.open("/vault")
    studio.each(_bring_in)
    studio.shoot("vault-import")


def _select(page: Page) -> None:
    cells(page).first.focus()
    for place in range(3):
        expect(cells(page).nth(place)).to_be_focused()
        page.keyboard.press("Space")
        expect(cells(page).nth(place)).to_have_attribute("aria-selected", "true")
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("toolbar", name="Selected pictures")).to_contain_text("3 selected")


def _collect(page: Page) -> None:
    page.get_by_role("toolbar", name="Selected pictures").get_by_role(
        "button", name=re.compile("^Add to")
    ).click()
    expect(page.get_by_role("dialog", name="Add to a collection")).to_contain_text("Covers")


def _panel(page: Page) -> None:
    cells(page).first.focus()
    page.keyboard.press("i")
    expect(page.get_by_role("dialog").get_by_label("Notes")).to_be_visible()


def _bring_in(page: Page) -> None:
    button = page.get_by_role("button", name="Import").filter(visible=True)
    if button.count() == 0:  # on a phone it is among the filters
        page.get_by_role("button", name="Filters").click()
    button.click()
    expect(page.get_by_role("dialog", name="Bring pictures in")).to_be_visible()
