"""Saved prompts, their form, what they made; wildcards, presets and suggestions in the composer."""

from playwright.sync_api import Page, expect

from scripts.screenshots import gallery
from scripts.screenshots.camera import Studio

SAVED = (
    {
        "name": "Harbour, any weather", "body": "Night harbour, {weather}, one lit ferry, wide lens, quiet",
        "negative": "people, text", "description": "The Vela series.", "tags": ["harbour", "vela"], "favourite": True,
    },
    {
        "name": "Product on stone", "body": "{product} on wet slate, softbox light, crisp edges, __colours__ backdrop",
        "negative": "", "description": "", "tags": ["product"], "favourite": False,
    },
    {
        "name": "Two herons", "body": "Two herons in reeds at {dawn|dusk}, mirror water, quiet", "negative": "",
        "description": "", "tags": ["water"], "favourite": False,
    },
)  # fmt: skip


def take(studio: Studio) -> None:
    gallery.ensure(studio)
    studio.open("/prompts")
    for saved in SAVED:
        studio.post("/api/prompts", saved)
    studio.open("/prompts")
    studio.each(lambda page: expect(page.get_by_role("listitem", name="Two herons")).to_be_visible())
    studio.shoot("prompts")
    studio.each(_use)
    studio.shoot("prompts-use")
    studio.open("/prompts")
    studio.each(lambda page: page.get_by_role("button", name="New prompt").click())
    studio.shoot("prompts-form")
    studio.choose("gpt-image-2.6-flare", "flux-2-pro")
    studio.composer()
    studio.each(_suggest)
    studio.shoot("suggestions")
    studio.each(_matrix)
    studio.shoot("wildcards")


def _use(page: Page) -> None:
    card = page.get_by_role("listitem", name="Harbour, any weather")
    card.get_by_role("button", name="Use", exact=True).click()
    card.get_by_label("weather", exact=True).fill("low fog")


def _suggest(page: Page) -> None:
    box = page.locator("#prompt")
    box.fill("")
    box.press_sequentially("a fox in tall grass, water")
    expect(page.get_by_role("group", name="Suggestions").get_by_role("button").first).to_be_visible()


def _matrix(page: Page) -> None:
    page.locator("#prompt").fill("a {red|green|blue} kite over {dunes|the sea}, long exposure")
    expect(page.get_by_text("6 prompts × 2 models")).to_be_visible()
