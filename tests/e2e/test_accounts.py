"""A second person, from the invitation to the last click, and what a card asks of its person."""

import re

from playwright.sync_api import Locator, expect

from tests.e2e.tab import Tab

PASSWORD, ANOTHER = "seven boats at dawn", "nine boats at dusk"


def panel(tab: Tab, title: str) -> Locator:
    """The panel of a page under that heading."""
    return tab.page.locator("section.panel", has=tab.page.get_by_role("heading", name=title, exact=True))


def link_shown(tab: Tab) -> str:
    """The address of the link that the owner was just given."""
    shown = tab.page.locator(".link-made code")
    expect(shown).to_contain_text("#")
    return shown.inner_text()


def register(tab: Tab, path: str, email: str) -> None:
    tab.open(path)
    tab.page.get_by_label("Name", exact=True).fill("Bea Quill")
    tab.page.get_by_label("E-mail").fill(email)
    tab.page.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.page.get_by_role("button", name="Register").click()
    tab.page.wait_for_url(re.compile(r"/(\?.*)?$"))
    tab.alive()
