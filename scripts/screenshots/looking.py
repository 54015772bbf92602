"""Pictures large and side by side: lightbox, comparison, a picture's page with its family, links and guests."""

from typing import Any

from playwright.sync_api import Page, expect

from scripts.screenshots import gallery
from scripts.screenshots.camera import Studio

BOX = "dialog.lightbox"


def take(studio: Studio) -> None:
    made = gallery.ensure(studio)
    job = [one["id"] for one in made if one["prompt"].startswith("Rain on a neon")] or [
        one["id"] for one in made[:4]
    ]
    studio.open("/vault?show=all")
    studio.each(_lightbox)
    studio.shoot("lightbox")
    studio.each(lambda page: page.keyboard.press("i"))
    studio.each(
        lambda page: expect(page.locator(BOX).get_by_role("complementary", name="Details")).to_contain_text(
            "Pixels"
        )
    )
    studio.shoot("lightbox-details")
    compare(studio, job)
    child = family(studio, made)
    studio.open(f"/images/{child}")
    studio.each(
        lambda page: expect(page.get_by_role("region", name="Lineage")).to_contain_text("to reach this")
    )
    studio.shoot("image")
    studio.each(lambda page: page.get_by_role("region", name="Lineage").scroll_into_view_if_needed())
    studio.shoot("image-lineage")
    share(studio, job)


def _lightbox(page: Page) -> None:
    cell = page.locator("[role=gridcell][data-id]").first
    cell.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"{BOX} img[data-lightbox]")).to_have_js_property("complete", True)


def compare(studio: Studio, ids: list[str]) -> None:
    """Three side by side with one picked, then two under a slider."""
    studio.open(f"/compare?ids={','.join(ids[:3])}")
    studio.each(lambda page: expect(page.locator(".compare .pane").first).to_be_visible())
    studio.each(lambda page: page.keyboard.press("2"))
    studio.shoot("compare")
    studio.open(f"/compare?ids={','.join(ids[:2])}")
    studio.each(lambda page: page.get_by_role("radio", name="Slider").click())
    studio.each(lambda page: expect(page.get_by_role("slider").first).to_be_visible())
    studio.shoot("compare-slider")


def family(studio: Studio, made: Any) -> str:
    """A picture, made twice further; the id of the youngest."""
    studio.ask("latency", scale=gallery.QUICK)
    parent = next(one["id"] for one in made if one["prompt"].startswith("Two herons"))
    for style in ("ink drawing", "watercolour"):
        studio.choose("flux-2-pro", "gemini-nano-banana-2.1")
        studio.desk.goto(f"{studio.url}/images/{parent}")
        expect(studio.desk.locator(".image-large img")).to_be_visible()
        studio.desk.keyboard.press("r")
        strip = studio.desk.get_by_role("region", name="Pictures put in")
        strip.get_by_role("button", name="New style").click()
        strip.get_by_role("button", name=style).click()
        studio.new_job(studio.desk.locator(".composer .run-button"))
        expect(studio.desk.locator("[data-call-id][data-state=succeeded]")).to_have_count(2)
        parent = studio.desk.locator("[data-image-id]").first.get_attribute("data-image-id") or ""
    studio.ask("reset")
    return parent


def share(studio: Studio, ids: list[str]) -> None:
    """A link as it is made, and as a guest sees it."""
    studio.open(f"/compare?ids={','.join(ids[:3])}")
    studio.each(lambda page: page.get_by_role("button", name="Share this comparison").click())
    studio.each(
        lambda page: page.get_by_role("dialog", name="Share").get_by_label("Show the prompt too").check()
    )
    studio.shoot("share")
    dialog = studio.desk.get_by_role("dialog", name="Share")
    dialog.get_by_role("button", name="Make link").click()
    link = dialog.get_by_label("Link", exact=True).input_value()
    studio.shoot("share-made", "desktop")
    with studio.stranger():
        studio.each(lambda page: page.goto(link))
        studio.shoot("guest")
