"""What a newcomer sees: the first page, empty screens, the three steps, keys, search, and what is not there."""

from playwright.sync_api import Page, expect

from scripts.screenshots.camera import Studio


def take(studio: Studio) -> None:
    studio.open("/welcome")
    studio.shoot("welcome")
    studio.open("/")
    studio.shoot("studio-empty")
    for path, name in (
        ("/vault", "vault"),
        ("/history", "history"),
        ("/prompts", "prompts"),
        ("/compare", "compare"),
    ):
        studio.open(path)
        studio.each(lambda page: expect(page.get_by_role("heading").last).to_be_visible())
        studio.shoot(f"{name}-empty")
    studio.open("/history")
    studio.each(_keys)
    studio.shoot("keys")
    studio.each(lambda page: page.keyboard.press("Escape"))
    studio.each(_steps)
    studio.shoot("steps")
    studio.each(lambda page: page.keyboard.press("Escape"))
    studio.each(_palette)
    studio.shoot("palette")
    studio.each(lambda page: page.keyboard.press("Escape"))
    studio.each(lambda page: page.goto(f"{studio.url}/no/such/page"))
    studio.each(lambda page: expect(page.get_by_role("heading").first).to_be_visible())
    studio.shoot("not-here")
    studio.each(lambda page: page.goto(f"{studio.url}/offline.html"))
    studio.shoot("offline")


def _keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def _steps(page: Page) -> None:
    page.evaluate("() => dispatchEvent(new CustomEvent('runtz:tour'))")
    expect(page.get_by_role("dialog", name="Three steps")).to_be_visible()


def _palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search or jump").get_by_role("combobox")).to_be_focused()
