"""The next picture from one: the strip, styles, the brush, enlarging, one's own pictures."""

from playwright.sync_api import Locator, Page, expect

from scripts.screenshots import gallery
from scripts.screenshots.camera import Studio


def take(studio: Studio) -> None:
    made = gallery.ensure(studio)
    parent = next(one["id"] for one in made if one["prompt"].startswith("A fox"))
    studio.choose("gpt-image-2.6-flare", "flux-2-pro", "ideogram-4-5")

    def strip(page: Page) -> None:
        page.goto(f"{studio.url}/images/{parent}")
        expect(page.locator(".image-large img")).to_be_visible()
        page.keyboard.press("r")
        expect(
            page.get_by_role("region", name="Pictures put in").get_by_text("Starts from", exact=True)
        ).to_be_visible()

    studio.each(strip)
    studio.each(lambda page: _way(page, "New style"))
    studio.each(lambda page: _strip(page).get_by_role("button", name="watercolour").click())
    studio.shoot("remix")
    studio.each(lambda page: _way(page, "Mask"))
    studio.each(lambda page: _strip(page).get_by_role("button", name="Paint the mask").click())
    studio.each(_paint)
    studio.shoot("mask")
    studio.each(
        lambda page: (
            page.get_by_role("dialog", name="Paint the mask")
            .get_by_role("button", name="Use this mask")
            .click()
        )
    )
    studio.each(
        lambda page: expect(
            _strip(page).get_by_role("img", name="The mask: white may change")
        ).to_be_visible()
    )
    studio.shoot("mask-used")
    studio.each(lambda page: _way(page, "Upscale"))
    studio.shoot("upscale")
    studio.each(lambda page: _way(page, "Variation"))
    studio.each(lambda page: _strip(page).get_by_role("button", name="Yours", exact=True).click())
    studio.each(
        lambda page: expect(
            page.get_by_role("group", name="Your newest pictures").locator("img").first
        ).to_be_visible()
    )
    studio.shoot("uploads")
    studio.each(lambda page: _strip(page).get_by_role("button", name="Put no picture in").click())


def _strip(page: Page) -> Locator:
    return page.get_by_role("region", name="Pictures put in")


def _way(page: Page, name: str) -> None:
    _strip(page).get_by_role("button", name=name, exact=True).click()


def _paint(page: Page) -> None:
    canvas = page.get_by_role("dialog", name="Paint the mask").locator("[data-mask]")
    box = canvas.evaluate("(one) => one.getBoundingClientRect().toJSON()")
    for height in (0.45, 0.55, 0.65):
        page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * height)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * height, steps=6)
        page.mouse.up()
