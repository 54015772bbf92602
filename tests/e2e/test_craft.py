"""Writing, marking and judging as a person does it, at a desk and on a phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations
from tests.e2e.conftest import DESK, PHONE, Tabs
from tests.e2e.product import Product
from tests.e2e.tab import Tab

CLAUDE = "claude-haiku-5-5"
IDEA = 'two candles beside a sign "KRUME"'
FLUX, OPENAI = "flux-2-pro", "gpt-image-2.6-flare"


def ready(tabs: Tabs, size: tuple[int, int]) -> Tab:
    """The composer with an idea in it."""
    tab = tabs("/", size=size, models=(OPENAI, FLUX))
    expect(tab.page.get_by_label("Writer", exact=True).locator("option")).not_to_have_count(0)
    if size == PHONE:
        tab.page.locator(".dock-words").click()
    tab.prompt.fill(IDEA)
    return tab


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_prompts_are_written_checked_and_sent(product: Product, tabs: Tabs, size: tuple[int, int]) -> None:
    tab = ready(tabs, size)
    page = tab.page
    product.vendors.arm("anthropic", "drops_words", times=1)
    page.get_by_label("Writer", exact=True).select_option(CLAUDE)
    page.get_by_role("button", name=re.compile("Write prompts")).click()
    written = page.get_by_role("region", name="Prompts written for each model")
    lost = written.get_by_text("lost: ").filter(visible=True)  # the master prompt's own is folded away
    expect(lost.first).to_be_visible()
    assert violations(tab) == []
    assert tab.overflow() == 0
    for left in (1, 0):
        written.get_by_role("button", name=re.compile("Put back")).first.click()
        expect(lost).to_have_count(left)
    leave_out = page.get_by_role("textbox", name="Leave out")
    written.get_by_role("button", name="Leave these out").click()
    expect(leave_out).to_have_value("watermark, blurred edges")
    written.get_by_role("button", name="Left out").click()
    expect(leave_out).to_have_count(0)
    box = written.get_by_label("Prompt for FLUX.2 pro")
    box.fill(f"{IDEA}, by hand")
    box.blur()
    expect(written.get_by_text(", by hand").first).to_be_visible()
    tab.new_job(tab.run_button.click)
    tab.reaches("succeeded", "succeeded")
    tab.card("FLUX.2 pro").focus()
    page.keyboard.press("i")
    receipt = page.get_by_role("dialog")
    expect(receipt.get_by_text("Claude Haiku 5.5, edited by you")).to_be_visible()
    expect(receipt.get_by_text(", by hand")).to_be_visible()


def test_marks_come_in_rounds_and_off_stays_off(tabs: Tabs) -> None:
    tab = ready(tabs, DESK)
    page = tab.page
    page.get_by_role("button", name=re.compile("Improve in rounds")).click()
    marks = page.get_by_role("region", name="Marks of the prompt")
    expect(marks.get_by_text("best", exact=True)).to_be_visible()
    assert violations(tab) == []
    marks.get_by_role("button", name=re.compile("Use the best version")).click()
    expect(tab.prompt).to_have_value(re.compile(f"^{re.escape(IDEA)}.+"))
    marks.get_by_role("button", name="Put my own words back").click()
    expect(tab.prompt).to_have_value(IDEA)
    tab.open("/prompts")
    before = page.get_by_role("region", name="Marks given before")
    before.get_by_role("button", name=re.compile("Built-in rules")).first.click()
    expect(before.get_by_role("button", name="Take to the Studio: round 1")).to_be_visible()
    assert violations(tab) == []
    before.get_by_role("button", name="Take to the Studio: round 1").click()
    expect(tab.prompt).to_have_value(IDEA)
    enhance = page.get_by_role("switch", name="Have prompts written for each model")
    enhance.click()
    expect(page.get_by_role("button", name=re.compile("Write prompts"))).to_have_count(0)
    tab.reload()
    expect(enhance).to_have_attribute("aria-checked", "false")
    enhance.click()
    expect(page.get_by_role("button", name=re.compile("Write prompts"))).to_be_visible()


@pytest.mark.parametrize("size", [DESK, pytest.param(PHONE, marks=pytest.mark.slow)], ids=["desk", "phone"])
def test_pictures_are_measured_and_judged_in_pairs(tabs: Tabs, size: tuple[int, int]) -> None:
    owner = tabs("/", models=(OPENAI, FLUX))
    job_id = owner.run("Measured and judged")
    owner.reaches("succeeded", "succeeded")
    tab = tabs(f"/jobs/{job_id}", size=size)
    page = tab.page
    page.get_by_role("button", name="Facts and verdicts").click()
    judging = page.get_by_role("region", name="Facts and verdicts")
    expect(judging.get_by_text("Sharpness")).to_have_count(2)
    expect(judging.get_by_text("nobody judges")).to_be_visible()
    judging.get_by_label("Judge", exact=True).select_option(CLAUDE)
    judging.get_by_role("button", name=re.compile("2 verdicts")).click()
    expect(judging.get_by_text("Every pair has been judged by Claude Haiku 5.5.")).to_be_visible()
    judging.get_by_text("All 2 verdicts").click()
    expect(judging.get_by_role("listitem")).to_have_count(2)
    expect(page.locator(".verdict", has_text="won ")).to_have_count(2)
    assert violations(tab) == []
    assert tab.overflow() == 0


def test_the_order_of_writers_is_kept(tabs: Tabs) -> None:
    tab = tabs("/settings")
    first = tab.page.locator("#writers li").first
    expect(first).to_contain_text("Anthropic")
    tab.page.get_by_role("button", name="Ask OpenAI earlier").click()
    expect(first).to_contain_text("OpenAI")
    tab.reload()
    expect(first).to_contain_text("OpenAI")
    tab.page.get_by_role("button", name="Ask OpenAI later").click()
    expect(first).to_contain_text("Anthropic")
