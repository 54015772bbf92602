"""A newcomer's first minutes, on an installation and a port of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from runtz_core.supervisor import ports
from tests.e2e.conftest import Tabs
from tests.e2e.product import Product, started


@pytest.fixture
def newcomer(product: Product, tmp_path: Path) -> Iterator[Product]:
    """A second installation beside the shared one, on another port, nobody signed in and nothing made."""
    with started(tmp_path / "data", ports.any_free()) as fresh:
        yield fresh


def test_one_click_on_the_printed_link_and_one_more_lead_to_the_first_pictures(
    product: Product, newcomer: Product, tabs: Tabs
) -> None:
    assert newcomer.port != product.port
    assert "building the pages" not in newcomer.printed, "a second port needs no second build"
    tab = tabs(None, of=newcomer, signed_in=False)
    tab.page.goto(newcomer.first_link())
    tab.page.get_by_role("button", name="Sign in as owner").click()

    expect(tab.page.get_by_role("heading", name="Your server is running.")).to_be_visible()
    expect(tab.page.get_by_text("simulated", exact=True)).to_have_count(4)
    tab.page.get_by_role("radio", name="Lighthouse").click()
    tab.page.get_by_role("button", name="Make the first picture").click()

    tab.page.wait_for_url("**/jobs/*")
    tab.reaches(*["succeeded"] * 4)
    expect(tab.page.locator("img.picture[data-here]")).to_have_count(4)
    expect(tab.page.locator(".job-prompt")).to_have_text("Lighthouse in a storm, high waves")

    tab.page.get_by_role("link", name="Studio").first.click()
    expect(tab.prompt).to_be_visible()
    tab.reaches(*["succeeded"] * 4)

    again = tabs(None, of=newcomer, signed_in=False)
    again.page.goto(newcomer.first_link())
    again.page.get_by_role("button", name="Sign in as owner").click()
    expect(again.page.get_by_role("alert")).to_contain_text("This link was used already")
    expect(again.page.get_by_role("main")).to_contain_text("./runtz link")
    assert again.page.context.cookies() == []


def test_a_new_link_signs_in_and_a_made_up_one_says_where_to_get_one(product: Product, tabs: Tabs) -> None:
    tab = tabs("/welcome#nobody-ever-made-this-code", signed_in=False)
    tab.page.get_by_role("button", name="Sign in as owner").click()
    expect(tab.page.get_by_role("alert")).to_contain_text("older than 15 minutes")
    expect(tab.page.get_by_role("main")).to_contain_text("./runtz link")

    tab.page.goto(product.new_link())
    tab.page.get_by_role("button", name="Sign in as owner").click()
    tab.page.wait_for_url(lambda url: "#" not in url)
    tab.open("/settings")
    expect(tab.page.get_by_role("heading", name="Settings")).to_be_visible()
