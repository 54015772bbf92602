"""The Studio and its cards: running, done, refused, unknown; receipts; the history."""

import re

from playwright.sync_api import expect

from scripts.screenshots import gallery
from scripts.screenshots.camera import BANANA, FLUX, GPT, IDEOGRAM, MODELS, SIZES, Studio

SPLENDID = (
    "Night harbour after rain, glass towers in low fog, one small lit ferry on black water, "
    "sign lights reflected, wide lens, quiet"
)
REFUSED = "Lighthouse on a black cliff, one lit window, gulls against the beam"
UNKNOWN = "Paper boats on a flooded street, morning after the storm"


def take(studio: Studio) -> None:
    gallery.ensure(studio)
    studio.choose(*MODELS)
    studio.open("/")
    running_job(studio)
    finished_job(studio)
    refused_job(studio)
    unknown_job(studio)
    studio.open("/history")
    studio.shoot("history")


def running_job(studio: Studio) -> None:
    """One picture ready, one appearing, one rendering, in their natural order."""
    studio.ask("latency", vendor="openai", model=None, seconds=15)
    studio.run(SPLENDID)
    studio.take_along()
    studio.reach(FLUX, "succeeded")
    for size in SIZES:
        expect(studio.card(size, GPT).locator("img.picture-early")).to_be_visible()
    studio.shoot("studio-running", "desktop")
    studio.card("phone", GPT).scroll_into_view_if_needed()
    studio.shoot("studio-running", "phone")
    studio.phone.locator(".dock-words").click()
    studio.shoot("composer", "phone")
    studio.phone.keyboard.press("Escape")


def finished_job(studio: Studio) -> None:
    """All four, one of them kept, one looked at closely."""
    for name in (GPT, BANANA, IDEOGRAM, FLUX):
        studio.reach(name, "succeeded")
    studio.card("desktop", GPT).focus()
    studio.desk.keyboard.press("k")
    expect(studio.card("desktop", GPT)).to_have_attribute("aria-label", f"{GPT}, kept")
    studio.card("desktop", BANANA).focus()
    studio.desk.evaluate("scrollTo(0, 0)")
    studio.shoot("studio-done", "desktop")
    studio.desk.keyboard.press("i")
    expect(studio.desk.get_by_role("dialog", name=f"Receipt of {BANANA}")).to_be_visible()
    studio.shoot("receipt", "desktop")
    studio.desk.keyboard.press("Escape")

    studio.phone.locator(".strip button").nth(1).click()
    expect(studio.phone.locator(".strip button").nth(1)).to_have_attribute("aria-current", "true")
    studio.shoot("studio-done", "phone")
    studio.card("phone", BANANA).get_by_role("button", name="Details").click()
    expect(studio.phone.get_by_role("dialog", name=f"Receipt of {BANANA}")).to_be_visible()
    studio.shoot("receipt", "phone")
    studio.phone.keyboard.press("Escape")


def refused_job(studio: Studio) -> None:
    """Three pictures and one refusal."""
    studio.ask("reset")
    studio.ask("faults", vendor="flux", kind="content_blocked", times=1)
    studio.run(REFUSED)
    studio.take_along()
    studio.reach(FLUX, "failed")
    for name in (GPT, BANANA, IDEOGRAM):
        studio.reach(name, "succeeded")
    _shoot_fourth(studio, "studio-failed")


def unknown_job(studio: Studio) -> None:
    """The line broke after the order, so nobody can say whether it was billed; in the flattest of cards."""
    studio.ask("reset")
    studio.ask("faults", vendor="flux", kind="reset", where="order", times=1)
    job_id = studio.run(UNKNOWN, "16:9")
    studio.take_along()
    studio.reach(FLUX, "unknown")
    for name in (GPT, BANANA, IDEOGRAM):
        studio.reach(name, "succeeded")
    _shoot_fourth(studio, "studio-unknown")
    studio.open(f"/jobs/{job_id}")
    expect(studio.desk).to_have_url(re.compile(job_id))
    studio.shoot("job")


def _shoot_fourth(studio: Studio, name: str) -> None:
    studio.desk.evaluate("scrollTo(0, 0)")
    studio.shoot(name, "desktop")
    button = studio.phone.locator(".strip button").nth(3)
    button.click()
    expect(button).to_have_attribute("aria-current", "true")
    studio.shoot(name, "phone")
