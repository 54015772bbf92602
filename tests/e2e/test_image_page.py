"""The page of a picture: its family, its notes and links, and what is said when it is gone."""

import re
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import expect
from sqlalchemy import make_url

from tests.e2e.axe import violations
from tests.e2e.conftest import DESK, PHONE, Tabs
from tests.e2e.product import Product
from tests.e2e.tab import Tab
from tests.e2e.test_running import GPT


@pytest.fixture(scope="module")
def kept() -> dict[str, str]:
    """The family these tests look at, made by the first of them."""
    return {}


@pytest.fixture
def family(product: Product, tabs: Tabs, kept: dict[str, str]) -> dict[str, str]:
    """A picture and one that was made of it."""
    if not kept:
        kept |= {"first": _made(tabs(models=["gemini-nano-banana-2.1"]), "A harbour in rain, told twice")}
        kept |= {"second": _made(tabs(models=["gpt-image-2.6-flare"]), "A harbour in snow, told twice")}
        _link(product, UUID(kept["second"]), UUID(kept["first"]))
    return kept


def _made(studio: Tab, prompt: str) -> str:
    studio.run(prompt)
    studio.reaches("succeeded")
    return studio.page.locator("[data-image-id]").get_attribute("data-image-id") or ""


def _link(product: Product, child: UUID, parent: UUID) -> None:
    """As if the first had been put into the job of the second."""
    url = make_url(product.instance().database_url or "")
    with psycopg.connect(
        host=str(url.query["host"]), user=url.username, dbname=url.database, autocommit=True
    ) as connection:
        connection.execute(
            "INSERT INTO job_inputs (job_id, position, image_id, role) SELECT calls.job_id, 0, %s, 'base' "
            "FROM images JOIN calls ON calls.id = images.call_id WHERE images.id = %s",
            (parent, child),
        )
        connection.execute(
            "UPDATE jobs SET remix = 'variation' FROM calls JOIN images ON images.call_id = calls.id "
            "WHERE images.id = %s AND jobs.id = calls.job_id",
            (child,),
        )


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_picture_shows_where_it_came_from(
    tabs: Tabs, family: dict[str, str], size: tuple[int, int]
) -> None:
    tab = tabs(f"/images/{family['second']}", size=size)
    lineage = tab.page.get_by_role("region", name="Lineage")
    expect(lineage).to_contain_text("to reach this")
    shown = lineage.locator(".lineage-way" if size == PHONE else ".lineage")
    expect(shown).to_contain_text("rain")
    expect(shown.locator("ins")).to_have_text("snow")
    expect(shown.locator("img")).to_have_count(2)
    assert tab.overflow() == 0
    assert violations(tab) == []
    shown.get_by_role("link").first.click()
    tab.page.wait_for_url(re.compile(family["first"]))
    expect(tab.page.get_by_role("heading", level=1)).to_contain_text("Nano Banana")


def test_two_points_of_a_family_are_compared(tabs: Tabs, family: dict[str, str]) -> None:
    tab = tabs(f"/images/{family['second']}")
    marks = tab.page.get_by_role("button", name=re.compile("^Mark "))
    expect(marks).to_have_count(2)
    for mark in marks.all():
        mark.focus()
        mark.press("Enter")
    tab.page.get_by_role("button", name="Compare the two marked").click()
    expect(tab.page.locator(".compare .pane")).to_have_count(2)
    expect(tab.page.locator(".compare-table")).to_contain_text("+1 −1 words")


def test_the_page_is_worked_by_keys(tabs: Tabs, family: dict[str, str]) -> None:
    tab = tabs(f"/images/{family['second']}")
    expect(tab.page.locator(".image-large img")).to_be_visible()
    keyboard = tab.page.keyboard
    keyboard.press("k")
    expect(tab.page.get_by_role("button", name="Kept")).to_have_attribute("aria-pressed", "true")
    keyboard.press("i")
    receipt = tab.page.get_by_role("dialog", name=f"Receipt of {GPT}")
    expect(receipt).to_be_visible()
    keyboard.press("Escape")
    expect(receipt).to_be_hidden()
    keyboard.press("s")
    share = tab.page.get_by_role("dialog", name="Share")
    expect(share).to_be_visible()
    keyboard.press("Escape")
    expect(share).to_be_hidden()
    keyboard.press("Enter")
    expect(tab.page.locator("dialog.lightbox")).to_contain_text("2 of 2")
    keyboard.press("Escape")
    tab.page.get_by_role("button", name="Upscale").click()
    strip = tab.page.get_by_role("region", name="Pictures put in")
    expect(strip.get_by_role("button", name="Upscale", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(strip.get_by_role("button", name="Here x2")).to_be_enabled()


def test_a_deleted_picture_says_so_and_comes_back(tabs: Tabs, family: dict[str, str]) -> None:
    tab = tabs(f"/images/{family['first']}")
    tab.expect_trouble("404")
    beside = tabs(f"/compare?ids={family['first']},{family['second']}")
    expect(beside.page.locator(".compare .pane")).to_have_count(2)
    tab.page.get_by_role("button", name="Delete").click()
    expect(tab.page.get_by_role("heading", name="This picture is not here")).to_be_visible()
    assert violations(tab) == []
    beside.reload()
    expect(beside.page.get_by_role("heading", name="Too few of these pictures are left")).to_be_visible()
    other = tabs(f"/images/{family['second']}")
    expect(other.page.get_by_role("region", name="Lineage")).to_contain_text("deleted")
    tab.page.get_by_role("button", name="Bring it back").click()
    expect(tab.page.get_by_role("heading", level=1)).to_contain_text("Nano Banana")
