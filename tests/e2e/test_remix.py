"""Making the next picture from one: the strip, the brush, uploads, enlarging; and pictures out and in again."""

import io
import json
import re

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, expect

from tests.e2e.axe import violations
from tests.e2e.conftest import DESK, PHONE, Tabs
from tests.e2e.tab import Tab
from tests.e2e.test_running import FLUX


def upload(side: int = 48, colour: str = "crimson") -> FilePayload:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(buffer, "PNG")
    return {"name": "mine.png", "mimeType": "image/png", "buffer": buffer.getvalue()}


def strip_with_upload(tab: Tab) -> None:
    """Open the strip, bring a picture and make it the one to change."""
    tab.page.get_by_role("button", name="Pictures", exact=True).click()
    tab.page.get_by_label("Pictures to upload").set_input_files(upload())
    strip = tab.page.get_by_role("region", name="Pictures put in")
    strip.get_by_role("button", name="Change this picture instead").click()
    expect(strip.get_by_text("Starts from", exact=True)).to_be_visible()


def test_the_next_picture_is_made_from_this_one(tabs: Tabs) -> None:
    studio = tabs(models=["flux-2-pro"])
    first = studio.run("A red lighthouse")
    studio.reaches("succeeded")
    studio.card(FLUX).focus()
    studio.page.keyboard.press("r")
    strip = studio.page.get_by_role("region", name="Pictures put in")
    expect(strip.get_by_text("Starts from", exact=True)).to_be_visible()
    expect(studio.prompt).to_have_value("A red lighthouse")
    expect(studio.run_button).to_contain_text("45 cr")
    strip.get_by_role("button", name="New style").click()
    strip.get_by_role("button", name="watercolour").click()
    expect(strip.locator(".remix-diff ins").last).to_have_text("watercolour")
    expect(strip.get_by_role("button", name="Mask", exact=True)).to_be_disabled()
    expect(strip).to_contain_text("No chosen model takes a mask. Switch on")
    expect(strip.get_by_role("slider")).to_have_count(0)  # nor a strength
    strip.get_by_role("button", name="Edit", exact=True).click()
    assert violations(studio) == []
    second = studio.new_job(studio.run_button.click)
    studio.reaches("succeeded")
    assert second != first
    expect(strip).to_be_hidden()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_mask_is_painted_by_hand_and_by_keys(tabs: Tabs, size: tuple[int, int]) -> None:
    tab = tabs(size=size, models=["ideogram-4-5"])
    if size == PHONE:
        tab.page.locator(".dock-words").click()
    strip_with_upload(tab)
    strip = tab.page.get_by_role("region", name="Pictures put in")
    strip.get_by_role("button", name="Mask", exact=True).click()
    strip.get_by_role("button", name="Paint the mask").click()
    brush = tab.page.get_by_role("dialog", name="Paint the mask")
    canvas = brush.locator("[data-mask]")
    canvas.focus()
    for key in ("ArrowLeft", "ArrowUp", " ", "e", " ", "z", "e"):
        tab.page.keyboard.press(key)
    box = canvas.bounding_box()
    assert box is not None
    tab.page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    tab.page.mouse.up()
    assert violations(tab) == []
    assert tab.overflow() == 0
    brush.get_by_role("button", name="Undo").click()
    brush.get_by_role("button", name="Use this mask").click()
    expect(strip.get_by_alt_text("The mask: white may change")).to_be_visible()
    tab.prompt.fill("A blue door")
    tab.new_job(tab.run_button.click)
    tab.reaches("succeeded")


def test_a_picture_of_ones_own_is_enlarged_here_for_nothing(tabs: Tabs) -> None:
    studio = tabs(models=["flux-2-pro"])
    strip_with_upload(studio)
    strip = studio.page.get_by_role("region", name="Pictures put in")
    strip.get_by_role("button", name="Upscale", exact=True).click()
    assert violations(studio) == []
    studio.new_job(strip.get_by_role("button", name="Here x2").click)
    studio.reaches("succeeded")
    expect(studio.cards.first).to_contain_text("0 cr · 96×96")


def test_what_is_no_picture_is_refused_in_words(tabs: Tabs) -> None:
    studio = tabs(models=["flux-2-pro"])
    studio.expect_trouble("422")
    studio.page.get_by_role("button", name="Pictures", exact=True).click()
    broken: FilePayload = {"name": "notes.png", "mimeType": "image/png", "buffer": b"hello"}
    studio.page.get_by_label("Pictures to upload").set_input_files(broken)
    alert = studio.page.get_by_role("region", name="Pictures put in").get_by_role("alert")
    expect(alert).to_contain_text("Nothing was kept")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_zip_is_brought_into_the_vault(tabs: Tabs, size: tuple[int, int]) -> None:
    tab = tabs("/vault?show=all", size=size)
    first = tab.page.locator("[role=gridcell][data-id]").first.get_attribute("data-id")
    answer = tab.page.request.get(f"{tab.url}/api/vault/page?show=all")
    ids = ",".join(one["id"] for one in json.loads(answer.text())["items"][:2])
    archive = tab.page.request.get(f"{tab.url}/api/exports?ids={ids}").body()
    if size == PHONE:
        tab.page.get_by_role("button", name="Filters").click()
    tab.page.get_by_role("button", name="Import").click()
    dialog = tab.page.get_by_role("dialog", name="Bring pictures in")
    assert violations(tab) == []
    dialog.get_by_label("Files to bring in").set_input_files(
        [{"name": "all.zip", "mimeType": "application/zip", "buffer": archive}, upload(20, "gold")]
    )
    # A mask comes along with what was made by it.
    expect(dialog.get_by_role("status")).to_have_text(
        re.compile(r"1 picture came in, [23] were here already\.")
    )
    assert tab.overflow() == 0
    assert tab.page.locator(f"[role=gridcell][data-id='{first}']").count() == 1
    expect(tab.page.locator("[role=gridcell][data-id]").first).not_to_have_attribute("data-id", first or "")
