"""A job as it runs: pictures arrive one by one, a failure stays on its card, early pictures are shown."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Tabs
from tests.e2e.product import Product
from tests.e2e.tab import Tab

GPT, BANANA, IDEOGRAM, FLUX = "GPT Image 2.6 Flare", "Nano Banana 2.1", "Ideogram 4.5", "FLUX.2 pro"
HELD = 10_000.0  # seconds: until the test moves the simulator's clock


def test_four_pictures_arrive_one_by_one_without_a_reload(product: Product, studio: Tab) -> None:
    vendors = product.vendors
    vendors.latency(HELD, "flux")
    vendors.latency(2 * HELD, "ideogram")
    studio.record()

    job_id = studio.run("Night harbour after rain, one small lit ferry")
    studio.reaches("succeeded", "succeeded", "running", "running")
    vendors.advance(HELD)
    studio.reaches("succeeded", "succeeded", "running", "succeeded")
    vendors.advance(HELD)
    studio.reaches("succeeded", "succeeded", "succeeded", "succeeded")

    expect(studio.page.locator("img.picture[data-here]")).to_have_count(4)
    for seen in ("succeeded", "picture"):
        order = studio.order_of(seen)
        assert sorted(order[:2]) == [GPT, BANANA], "these two draw at the same time"
        assert order[2:] == [FLUX, IDEOGRAM]
    assert studio.job_id == job_id
    expect(studio.page.locator(".job-bar .facts.desk-only")).to_contain_text("4 ready")


def test_a_place_in_line_moves_up_with_the_calls_of_other_jobs(product: Product, tabs: Tabs) -> None:
    product.vendors.latency(HELD, "ideogram")  # which takes one at a time here
    first, second = tabs(models=["ideogram-4-5"]), tabs(models=["ideogram-4-5"])
    first.page.get_by_role("button", name="One sample more").click()
    first.prompt.fill("First in line")
    expect(first.run_button).to_contain_text("Run 2")
    first.run("First in line")
    first.reaches("running", "queued")
    second.run("Behind two")
    expect(second.cards).to_contain_text("2 ahead at Ideogram")
    product.vendors.advance(HELD)
    expect(second.cards).to_contain_text("1 ahead at Ideogram")
    product.vendors.advance(HELD)
    second.reaches("running")
    product.vendors.advance(HELD)
    second.reaches("succeeded")


def test_three_arrive_and_one_fails_with_its_cause_its_price_and_one_next_step(
    product: Product, studio: Tab
) -> None:
    product.vendors.arm("flux", "content_blocked")

    studio.run("Three of a kind and one refusal")
    studio.reaches("succeeded", "succeeded", "succeeded", "failed")

    refused = studio.card(FLUX)
    expect(refused.get_by_role("heading")).to_have_text("Refused by Black Forest Labs")
    expect(refused).to_contain_text("safety filter")
    expect(refused).to_contain_text("Not charged. 30 credits released.")
    expect(refused.get_by_role("button")).to_have_count(1)
    refused.get_by_role("button", name="Edit the prompt").click()
    expect(studio.prompt).to_have_value("Three of a kind and one refusal")
    expect(studio.prompt).to_be_focused()


def test_two_samples_of_two_models_are_four_cards_in_order(tabs: Tabs) -> None:
    studio = tabs(models=["gpt-image-2.6-flare", "flux-2-pro"])
    studio.page.get_by_role("button", name="One sample more").click()
    studio.prompt.fill("Two of each")
    expect(studio.run_button).to_contain_text("Run 4")
    studio.run("Two of each")
    studio.reaches(*["succeeded"] * 4)
    names = [card.get_attribute("aria-label") for card in studio.cards.all()]
    assert names == [f"{GPT}, ready"] * 2 + [f"{FLUX}, ready"] * 2
    feet = studio.page.locator(".foot .name")
    expect(feet).to_have_text([re.compile(" 1$"), re.compile(" 2$"), re.compile(" 1$"), re.compile(" 2$")])


def test_an_early_picture_is_shown_while_openai_still_draws(product: Product, tabs: Tabs) -> None:
    product.vendors.latency(4.0, "openai")
    studio = tabs(models=["gpt-image-2.6-flare"])
    studio.record()
    studio.run("Slowly appearing")
    studio.reaches("succeeded")
    expect(studio.page.locator("img.picture[data-here]")).to_be_visible()
    assert [seen for _, seen in studio.recorded() if seen in ("early picture", "picture")] == [
        "early picture",
        "picture",
    ]
    expect(studio.page.locator("img.picture-early")).to_have_count(0)
