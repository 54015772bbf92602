"""Many prompts at once: the form with what is wrong with which line, a batch under way, and its grid."""

from playwright.sync_api import FilePayload, Page, expect

from scripts.screenshots import gallery
from scripts.screenshots.camera import Studio

SHEET = """Prompt;Leave out;Ratio;Seed
A lighthouse in fog, long exposure;text;3:4;7
A red kite over a grey sea;;16:9;8
Two candles on a windowsill, macro;;1:1;nine
A red kite over a grey sea;;16:9;8
Old tram in the rain, evening;people;5:1;11
A bowl of lemons on blue linen;;1:1;12
"""
LINES = """A lighthouse in fog, long exposure
A red kite over a grey sea
Two candles on a windowsill, macro
Old tram in the rain, evening
A bowl of lemons on blue linen
Snow on a village at night"""
FILE: FilePayload = {"name": "vela-autumn.csv", "mimeType": "text/csv", "buffer": SHEET.encode()}


def take(studio: Studio) -> None:
    gallery.ensure(studio)
    studio.choose("gpt-image-2.6-flare", "gemini-nano-banana-2.1", "flux-2-pro")
    studio.open("/batch")
    studio.each(_sheet)
    studio.shoot("batch-form")
    studio.ask("latency", scale=0.5)
    studio.desk.goto(f"{studio.url}/batch")
    studio.desk.get_by_label("Prompts, one on each line").fill(LINES)
    studio.desk.get_by_label("Name of the batch").fill("Vela, autumn")
    studio.desk.get_by_role("button", name="Run 6").click()
    studio.desk.wait_for_url("**/batches/*")
    studio.phone.goto(studio.desk.url)
    studio.each(lambda page: expect(page.get_by_role("cell").get_by_role("img").nth(3)).to_be_visible())
    studio.shoot("batch-running")
    studio.ask("latency", scale=gallery.QUICK)
    studio.each(lambda page: expect(page.get_by_text("Finished")).to_be_visible())
    studio.each(lambda page: expect(page.get_by_role("cell").get_by_role("img")).to_have_count(18))
    studio.shoot("batch")
    studio.ask("reset")


def _sheet(page: Page) -> None:
    page.get_by_role("button", name="CSV or TSV").click()
    page.locator("input[type=file]").first.set_input_files(FILE)
    expect(page.get_by_label("What was found in the lines")).to_be_visible()
    page.get_by_label("What was found in the lines").scroll_into_view_if_needed()
