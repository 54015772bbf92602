"""What was spent, by whom, and what the owner decides about it."""

import re

from playwright.sync_api import Page, expect

from scripts.screenshots import gallery
from scripts.screenshots.camera import Studio
from scripts.screenshots.people import PEOPLE, invite


def take(studio: Studio) -> None:
    gallery.ensure(studio)
    for person in PEOPLE:
        invite(studio, person)
    studio.open("/usage")
    studio.shoot("usage")
    studio.each(lambda page: _to(page, "Entries"))
    studio.shoot("usage-entries")
    studio.open("/admin")
    studio.shoot("admin")
    studio.each(lambda page: _to(page, "People"))
    studio.shoot("admin-people")
    studio.each(_credits)
    studio.shoot("admin-credits")
    studio.each(lambda page: page.keyboard.press("Escape"))
    studio.each(lambda page: _to(page, "Caps and house rules"))
    studio.shoot("admin-rules")
    studio.each(lambda page: _to(page, "Models"))
    studio.shoot("admin-models", "phone")


def _to(page: Page, heading: str) -> None:
    found = page.get_by_role("heading", name=heading, exact=True)
    found.evaluate("(one) => scrollTo(0, one.getBoundingClientRect().top + scrollY - 90)")


def _credits(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Credits of Bea")).click()
    dialog = page.get_by_role("dialog", name="Credits")
    dialog.get_by_label("Credits", exact=True).fill("2000")
    dialog.get_by_label(re.compile("^Reason")).fill("Autumn series")
    expect(dialog).to_be_visible()
