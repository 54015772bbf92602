"""From saved words to a batch and its grid, in a browser: desk and phone, by keyboard, nothing wrong by axe."""

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations
from tests.e2e.conftest import DESK, PHONE, Tabs
from tests.e2e.product import Product
from tests.e2e.test_running import HELD
from tests.e2e.test_surviving import LINE_IS_DOWN

TWO = ("gpt-image-2.6-flare", "flux-2-pro")


def test_a_pasted_list_is_priced_run_paused_and_finished(product: Product, tabs: Tabs) -> None:
    tab = tabs("/batch", models=TWO)
    page = tab.page
    page.get_by_label("Prompts, one on each line").fill("a red kite\ntwo candles\na red kite\n\n=cmd|calc")
    expect(page.get_by_text("The same as line 1; left out.")).to_be_visible()
    expect(page.get_by_role("status").get_by_text("6 pictures")).to_be_visible()
    product.vendors.latency(HELD, "flux")
    page.get_by_role("button", name="Run 3").click()
    page.wait_for_url("**/batches/*")
    expect(page.get_by_role("row")).to_have_count(4)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused: nothing more is sent")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("3 ready, 3 working")).to_be_visible()
    product.vendors.advance(HELD)
    expect(page.get_by_text("Finished")).to_be_visible()
    expect(page.get_by_role("cell").get_by_role("img")).to_have_count(6)
    which = page.get_by_role("group", name="Which rows")
    which.get_by_role("button", name="Failed").click()
    which.get_by_role("button", name="All").click()
    expect(page.get_by_role("row")).to_have_count(4)
    assert violations(tab) == []
    small = tabs(page.url.removeprefix(product.url), size=PHONE)
    expect(small.page.get_by_text("Finished")).to_be_visible()
    assert violations(small) == []
    page.get_by_role("button", name="Add to a collection").click()
    shelf = page.get_by_role("dialog")
    shelf.get_by_role("textbox").fill("Kites and candles")
    shelf.get_by_role("button", name="New collection").click()
    shelf.get_by_role("link", name="Open it in the Vault").click()
    expect(page.get_by_text("6 pictures", exact=True).first).to_be_visible()
    page.goto(f"{product.url}/vault")
    page.get_by_role(
        "button", name="Kites and candles"
    ).first.click()  # none is kept, and it opens all the same
    expect(page.get_by_text("6 pictures", exact=True).first).to_be_visible()
    page.goto(f"{product.url}/history")
    expect(page.get_by_text("3 prompts: 6 ready").first).to_be_visible()


@pytest.mark.slow
def test_a_batch_goes_on_after_everything_was_stopped_and_started(product: Product, tabs: Tabs) -> None:
    tab = tabs("/batch", models=TWO)
    tab.expect_trouble(LINE_IS_DOWN)
    page = tab.page
    page.get_by_label("Prompts, one on each line").fill("\n".join(f"pier {number}" for number in range(20)))
    product.vendors.latency(1.0)
    page.get_by_role("button", name="Run 20").click()
    page.wait_for_url("**/batches/*")
    path = page.url.removeprefix(product.url)
    expect(page.get_by_role("cell").get_by_role("img").first).to_be_visible()
    product.stop()
    product.start()
    after = tabs(path)
    expect(after.page.get_by_text("Finished")).to_be_visible()
    found = after.page.evaluate(f"async () => (await fetch('/api{path}')).json()")
    assert (found["ready"], found["working"], found["credits_held"]) == (40, 0, 0)


@pytest.mark.parametrize("size", [DESK, pytest.param(PHONE, marks=pytest.mark.slow)], ids=["desk", "phone"])
def test_a_saved_prompt_asks_its_variables_and_counts_its_use(tabs: Tabs, size: tuple[int, int]) -> None:
    tab = tabs("/prompts", size=size, models=TWO)
    page = tab.page
    name = f"Harbour {size[0]}"
    page.get_by_role("button", name="New prompt").click()
    form = page.get_by_role("region", name="New prompt")
    form.get_by_role("textbox").first.fill("a quiet harbour, {subject}, fog")
    form.get_by_role("textbox", name="Name", exact=True).fill(name)
    form.get_by_role("button", name="Save", exact=True).click()
    card = page.get_by_role("listitem", name=name)
    expect(card).to_be_visible()
    assert violations(tab) == []
    card.get_by_role("button", name="Use", exact=True).click()
    card.get_by_label("subject", exact=True).fill("one red boat")
    card.get_by_role("button", name="Take to the Studio").click()
    page.wait_for_url("**/")
    if size == PHONE:
        page.locator(".dock-words").click()
    box = page.locator("#prompt")
    expect(box).to_have_value("a quiet harbour, one red boat, fog")
    box.fill("")
    box.press_sequentially("a fox, water")
    expect(page.get_by_role("group", name="Suggestions").get_by_role("button").first).to_be_visible()
    box.press("Tab")
    expect(box).to_have_value("a fox, watercolour, ")
    page.locator(".presets select").select_option("product")
    page.get_by_label("Which product?").fill("a black bottle")
    page.get_by_role("button", name="Write the idea").click()
    expect(box).to_have_value(
        "a black bottle, product photograph, softbox light, clean reflections, crisp edges, uncluttered background"
    )
    box.fill("a {red|green} kite")
    expect(page.get_by_text("2 prompts × 2 models")).to_be_visible()
    expect(page.get_by_role("button", name="Run 4").first).to_be_visible()
    box.fill("a {red|green kite")
    expect(page.get_by_text("There is a { without its }")).to_be_visible()
    expect(page.get_by_text("Run sends the words as they stand.")).to_be_visible()
    box.fill("a \\{ b")
    expect(page.get_by_text("Sent as: a { b")).to_be_visible()
    box.fill("a fox in {place}, {light}")
    expect(page.get_by_text("Until then Run sends {place}, {light} as they stand.")).to_be_visible()
    assert violations(tab) == []
    page.get_by_label("place", exact=True).fill("snow")
    page.get_by_label("place", exact=True).press("Enter")
    expect(box).to_have_value("a fox in snow, {light}")
    box.fill("{a|b|c|d}" * 8)
    expect(page.get_by_role("button", name="Too many prompts").first).to_be_visible()
    expect(page.get_by_text("make 65,536 prompts, and 2,000 of yours run at once")).to_be_visible()
    assert violations(tab) == []
