"""Prompts written for each model, marked in rounds, and pictures judged in pairs."""

import re

from playwright.sync_api import Locator, Page, expect

from scripts.screenshots import gallery
from scripts.screenshots.camera import MODELS, Studio

CLAUDE = "claude-haiku-5-5"
IDEA = 'bakery window at night, two candles beside a sign "KRUME", rain on the glass, no people'


def take(studio: Studio) -> None:
    made = gallery.ensure(studio)
    studio.choose(*MODELS)
    studio.composer()
    studio.ask("latency", scale=gallery.QUICK)
    studio.ask("faults", vendor="anthropic", kind="drops_words", times=2)
    studio.each(_write)
    studio.shoot("writing")
    studio.ask("reset")
    studio.ask("latency", scale=gallery.QUICK)
    studio.composer()
    studio.each(_mark)
    studio.shoot("marks")
    job = next(one["job_id"] for one in made if one["prompt"].startswith("Lighthouse"))
    studio.open(f"/jobs/{job}")
    studio.each(lambda page: page.get_by_role("button", name="Facts and verdicts").click())
    studio.each(lambda page: _judging(page).get_by_label("Judge", exact=True).select_option(CLAUDE))
    _judging(studio.desk).get_by_role("button", name=re.compile(r"verdicts")).first.click()
    studio.each(lambda page: expect(page.get_by_text("Every pair has been judged").first).to_be_visible())
    studio.each(lambda page: _judging(page).scroll_into_view_if_needed())
    studio.shoot("judging")
    studio.ask("reset")


def _judging(page: Page) -> Locator:
    return page.get_by_role("region", name="Facts and verdicts")


def _write(page: Page) -> None:
    page.get_by_role("textbox", name="Prompt", exact=True).fill(IDEA)
    page.get_by_label("Writer", exact=True).select_option(CLAUDE)
    page.get_by_role("button", name=re.compile("Write prompts")).click()
    written = page.get_by_role("region", name="Prompts written for each model")
    expect(written.get_by_text("lost: ").filter(visible=True).first).to_be_visible()
    written.scroll_into_view_if_needed()


def _mark(page: Page) -> None:
    page.get_by_role("textbox", name="Prompt", exact=True).fill(IDEA)
    page.get_by_role("button", name=re.compile("Improve in rounds")).click()
    marks = page.get_by_role("region", name="Marks of the prompt")
    expect(marks.get_by_text("best", exact=True)).to_be_visible()
    marks.scroll_into_view_if_needed()
