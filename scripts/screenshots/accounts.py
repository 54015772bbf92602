"""Who one is here: profile, settings of owner and member, and the doors. The last area: it signs out."""

import re

from playwright.sync_api import Page, expect

from scripts.screenshots.camera import Studio
from scripts.screenshots.people import PASSWORD, PEOPLE, invite


def take(studio: Studio) -> None:
    invite(studio, PEOPLE[0])
    studio.open("/profile")
    studio.shoot("profile")
    studio.each(lambda page: _to(page, "API tokens"))
    _token(studio.desk)
    studio.shoot("profile-tokens")
    studio.open("/settings")
    studio.shoot("settings")
    studio.each(_server)
    studio.shoot("settings-server")
    with studio.stranger():
        studio.open("/welcome")
        studio.shoot("sign-in")
        for path in ("/register", "/reset"):
            studio.open(f"{path}#a-code")
            studio.shoot(path.removeprefix("/"))
        studio.each(lambda page: _come_in(page, studio.url))
        for path, name in (
            ("/settings", "settings-member"),
            ("/usage", "usage-member"),
            ("/profile", "profile-member"),
        ):
            studio.open(path)
            if path == "/profile":
                studio.each(lambda page: _to(page, "Delete account"))
            studio.shoot(name)


def _to(page: Page, heading: str) -> None:
    found = page.get_by_role("heading", name=heading, exact=True)
    found.evaluate("(one) => scrollTo(0, one.getBoundingClientRect().top + scrollY - 90)")


def _token(page: Page) -> None:
    tokens = page.locator("section.panel", has=page.get_by_role("heading", name="API tokens", exact=True))
    tokens.get_by_label("Name").fill("Night script")
    tokens.get_by_role("button", name="Make a token").click()
    expect(tokens.locator(".account-shown code")).to_have_text(re.compile("^runtz_"))


def _server(page: Page) -> None:
    page.get_by_role("button", name="Add server").click()
    expect(page.locator(".setting-form")).to_be_visible()
    page.locator(".setting-form").scroll_into_view_if_needed()


def _come_in(page: Page, url: str) -> None:
    page.goto(f"{url}/welcome")
    page.get_by_label("E-mail").fill(PEOPLE[0].email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda found: "welcome" not in found)
