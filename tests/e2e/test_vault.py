"""The vault as a person uses it: finding, sorting, throwing away and taking back, by mouse, keys and in two tabs."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.axe import violations
from tests.e2e.conftest import DESK, PHONE, Tabs
from tests.e2e.tab import Tab

TWO = ("gpt-image-2.6-flare", "flux-2-pro")


def cells(page: Page) -> Locator:
    return page.locator("[role=gridcell][data-id]")


def made(tabs: Tabs, prompt: str) -> Tab:
    """A tab in the vault showing the two pictures just made of this prompt."""
    studio = tabs("/", models=TWO)
    studio.run(prompt)
    studio.reaches("succeeded", "succeeded")
    tab = tabs(f"/vault?show=all&q={prompt.split()[0]}", models=TWO)
    expect(cells(tab.page)).to_have_count(2)
    return tab


def test_pictures_are_found_kept_collected_and_taken_out_of_the_trash(tabs: Tabs) -> None:
    tab = made(tabs, "Quartz lanterns over a quiet bay")
    page = tab.page
    search = page.get_by_label("Search prompts, notes, tags and models")
    search.fill("quartz -lanterns")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    search.fill("quarzt")  # misspelt, and meant all the same
    expect(cells(page)).to_have_count(2)
    expect(page).to_have_url(re.compile(r"[?&]q=quarzt"))

    for place in range(2):
        cells(page).nth(place).hover()
        cells(page).nth(place).locator("[data-tick]").click()
    bar = page.get_by_role("toolbar", name="Selected pictures")
    expect(bar).to_contain_text("2 selected")
    page.keyboard.press("k")
    expect(page.get_by_text("2 pictures kept.")).to_be_visible()
    bar.get_by_role("button", name="Add to…").click()
    dialog = page.get_by_role("dialog", name="Add to a collection")
    dialog.get_by_label("Find or name a collection").fill("Bay at night")
    dialog.get_by_role("button", name="New collection").click()
    expect(dialog.get_by_role("button", name=re.compile("Bay at night"))).to_contain_text("added")
    page.keyboard.press("Escape")  # closes the dialog alone, though the button that had the focus is gone
    expect(dialog).to_be_hidden()
    expect(bar).to_contain_text("2 selected")
    page.keyboard.press("Escape")
    expect(bar).to_have_count(0)

    rail = page.get_by_role("navigation", name="Filters")
    rail.get_by_role("button", name=re.compile(r"^Bay at night")).click()
    expect(page).to_have_url(re.compile("collection="))
    page.reload()
    expect(cells(page)).to_have_count(2)

    cells(page).nth(1).focus()
    page.keyboard.press("Space")
    bar.get_by_role("button", name="Use as the collection's cover").click()
    expect(page.get_by_text("The collection is shown by this picture now.")).to_be_visible()
    shown = cells(page).nth(1).get_attribute("data-id")
    assert shown is not None
    expect(rail.locator(f".rail-cover[src*='{shown}']")).to_have_count(1)
    bar.get_by_role("button", name="Move to another collection").click()
    moving = page.get_by_role("dialog", name="Move to a collection")
    moving.get_by_label("Find or name a collection").fill("Bay by day")
    moving.get_by_role("button", name="New collection").click()
    expect(page.get_by_text("1 picture moved to “Bay by day”.")).to_be_visible()
    expect(cells(page)).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(cells(page)).to_have_count(2)

    cells(page).first.focus()
    page.keyboard.press("Delete")
    expect(cells(page)).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(cells(page)).to_have_count(2)


def test_the_wall_is_walked_selected_and_opened_by_keys(tabs: Tabs) -> None:
    page = made(tabs, "Basalt stairs in the rain").page
    cells(page).first.focus()
    page.keyboard.press("ArrowRight")
    expect(cells(page).nth(1)).to_be_focused()
    page.keyboard.press("Space")
    expect(cells(page).nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Control+a")
    selected = page.get_by_role("toolbar", name="Selected pictures")
    expect(selected).to_contain_text("2 selected")
    page.keyboard.press("Escape")
    expect(selected).to_have_count(0)
    cells(page).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(cells(page).first).to_be_focused()


def test_pictures_are_sorted_by_the_pointer(tabs: Tabs) -> None:
    page = made(tabs, "Amber foxes between birches").page
    rail = page.get_by_role("navigation", name="Filters")
    rail.get_by_role("button", name="New collection").click()
    rail.get_by_label("Name of the collection").fill("Foxes")
    page.keyboard.press("Enter")
    foxes = rail.get_by_role("button", name=re.compile(r"^Foxes"))
    expect(foxes).to_contain_text("0")
    cells(page).first.drag_to(foxes)
    expect(page.get_by_text("1 picture put into “Foxes”.")).to_be_visible()
    expect(foxes).to_contain_text("1")
    page.get_by_role("button", name="Undo").click()
    expect(foxes).to_contain_text("0")

    # A rectangle from the empty ground beside the last row over both pictures.
    wall = page.get_by_role("grid", name="Pictures").bounding_box()
    first = cells(page).first.bounding_box()
    assert wall is not None
    assert first is not None
    across = first["y"] + first["height"] / 2
    page.mouse.move(wall["x"] + wall["width"] - 8, across)
    page.mouse.down()
    page.mouse.move(first["x"] + 8, across + 8, steps=4)
    bar = page.get_by_role("toolbar", name="Selected pictures")
    expect(bar).to_contain_text("2 selected")
    page.mouse.up()
    expect(bar).to_contain_text("2 selected")
    cells(page).nth(1).drag_to(foxes)  # one of a selection takes all of it along
    expect(page.get_by_text("2 pictures put into “Foxes”.")).to_be_visible()
    bar.get_by_role("button", name="Move to the trash").click()
    expect(page.get_by_text("2 pictures moved to the trash.")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(cells(page)).to_have_count(2)
    expect(foxes).to_contain_text("2")


def test_a_long_press_selects_and_the_next_tap_adds(tabs: Tabs) -> None:
    made(tabs, "Velvet tides under fog")
    page = tabs("/vault?show=all&q=velvet", size=PHONE).page
    expect(cells(page)).to_have_count(2)
    place = cells(page).first.bounding_box()
    assert place is not None
    touch = page.context.new_cdp_session(page)
    finger = {"x": place["x"] + 40, "y": place["y"] + 40}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [finger]})
    bar = page.get_by_role("toolbar", name="Selected pictures")
    expect(bar).to_contain_text("1 selected")
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(bar).to_contain_text("1 selected")
    cells(page).nth(1).tap()
    expect(bar).to_contain_text("2 selected")
    bar.get_by_role("button", name="Clear the selection").tap()
    expect(bar).to_have_count(0)


@pytest.mark.slow
def test_tags_are_renamed_merged_and_removed(tabs: Tabs) -> None:
    tab = made(tabs, "Saffron kettles in a row")
    tab.expect_trouble("409")
    page = tab.page
    for place, name in enumerate(("Kitchn", "Kitchen")):
        cells(page).nth(place).focus()
        page.keyboard.press("g")
        dialog = page.get_by_role("dialog", name="Tag")
        dialog.get_by_label("Find or name a tag").fill(name)
        dialog.get_by_role("button", name="New tag").click()
        expect(dialog.get_by_role("button", name=re.compile(name))).to_contain_text("added")
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
    rail = page.get_by_role("navigation", name="Filters")
    rail.get_by_role("button", name="Rename, merge and remove tags").click()
    tags = page.get_by_role("dialog", name="Tags")
    tags.get_by_label("Name of Kitchn").fill("kitchen")
    page.keyboard.press("Enter")
    expect(tags.get_by_role("alert")).to_contain_text("There is a tag “kitchen” already.")
    tags.get_by_role("button", name="Merge them").click()
    expect(tags.get_by_label("Name of Kitchn")).to_have_count(0)
    tags.get_by_label("Name of Kitchen", exact=True).fill("Hobs")
    page.keyboard.press("Enter")
    expect(tags.get_by_label("Name of Hobs")).to_be_visible()
    tags.get_by_role("button", name="Done").click()
    hobs = rail.get_by_role("button", name=re.compile(r"^Hobs"))
    expect(hobs).to_contain_text("2")
    page.get_by_label("Search prompts, notes, tags and models").fill("hobs")  # tags are found by their name
    expect(cells(page)).to_have_count(2)
    rail.get_by_role("button", name="Rename, merge and remove tags").click()
    tags.get_by_role("button", name="Remove Hobs").click()
    tags.get_by_role("button", name="Remove", exact=True).click()
    expect(tags.get_by_label("Name of Hobs")).to_have_count(0)
    tags.get_by_role("button", name="Done").click()
    expect(hobs).to_have_count(0)


def test_of_two_tabs_the_second_is_told_and_loses_nothing(tabs: Tabs) -> None:
    first = made(tabs, "Willow clocks without hands")
    second = tabs("/vault?show=all&q=willow", beside=first)
    panels = []
    for tab in (first, second):
        cells(tab.page).first.focus()
        tab.page.keyboard.press("i")
        panel = tab.page.get_by_role("dialog", name="Title, notes and more")
        expect(panel.get_by_label("Title", exact=True)).to_be_visible()
        panels.append(panel)
    theirs, mine = panels
    # The second tab's first save is on its way while the first tab's arrives.
    held: list[Route] = []
    second.page.route("**/edit", lambda route: held.append(route))
    mine.get_by_label("Notes").fill("Written here")
    mine.get_by_label("Notes").blur()
    expect(mine.get_by_text("Saving…")).to_be_visible()
    theirs.get_by_label("Notes").fill("From the first tab")
    theirs.get_by_label("Notes").blur()
    expect(theirs.get_by_text("Saved", exact=True)).to_be_visible()
    second.expect_trouble("409")
    held[0].continue_()
    second.page.unroute("**/edit")
    expect(mine.get_by_role("alert")).to_contain_text("From the first tab")
    expect(mine.get_by_label("Notes")).to_have_value("Written here")
    mine.get_by_role("button", name="Keep mine").click()
    expect(mine.get_by_text("Saved", exact=True)).to_be_visible()
    expect(theirs.get_by_label("Notes")).to_have_value(
        "Written here"
    )  # told, and nothing was being written there


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_is_wrong_with_the_vault(tabs: Tabs, size: tuple[int, int]) -> None:
    word = "Copper" if size == DESK else "Bronze"
    made(tabs, f"{word} kites above dunes")
    tab = tabs(f"/vault?show=all&q={word}", size=size)
    page = tab.page
    expect(cells(page).locator("img[data-here]")).not_to_have_count(0)
    found = {"wall": violations(tab)}
    cells(page).first.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("toolbar", name="Selected pictures")).to_be_visible()
    found["selection"] = violations(tab)
    page.keyboard.press("i")
    expect(page.get_by_role("dialog").get_by_label("Notes")).to_be_visible()
    found["panel"] = violations(tab)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("g")
    expect(page.get_by_role("dialog", name="Tag")).to_be_visible()
    found["tagging"] = violations(tab)
    found["statistics"] = violations(tabs("/vault/statistics", size=size))
    found["trash"] = violations(tabs("/vault?show=trash", size=size))
    assert {name: said for name, said in found.items() if said} == {}
