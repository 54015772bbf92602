"""What a person does with a job and its cards: run, cancel, retry, keep, look at the receipt, download."""

import hashlib
import io
import zipfile
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import Tabs
from tests.e2e.product import Product
from tests.e2e.tab import Tab
from tests.e2e.test_running import BANANA, FLUX, GPT, HELD, IDEOGRAM
from tests.sim.simulator import digest

ONE = ["flux-2-pro"]


def orders(product: Product, prompt: str) -> int:
    """How many pictures were ordered with these words."""
    return sum(call["prompt_digest"] == digest(prompt) for call in product.vendors.calls())


def test_a_double_click_on_run_is_one_job(product: Product, tabs: Tabs) -> None:
    studio = tabs(models=ONE)
    studio.prompt.fill("Clicked twice")
    studio.new_job(studio.run_button.dblclick)
    studio.reaches("succeeded")
    history = tabs("/history")
    expect(history.page.get_by_role("link", name="Clicked twice")).to_have_count(1)
    assert orders(product, "Clicked twice") == 1


def test_a_picture_in_line_is_cancelled_for_nothing_and_a_paid_one_is_kept(
    product: Product, tabs: Tabs
) -> None:
    product.vendors.latency(HELD, "ideogram")
    studio = tabs(models=["ideogram-4-5"])
    more = studio.page.get_by_role("button", name="One sample more")
    more.click()
    more.click()
    expect(studio.page.locator(".stepper output")).to_have_text("3")
    studio.run("Three in one line")
    studio.reaches("running", "queued", "queued")
    expect(studio.cards.nth(2)).to_contain_text("Cancel is free")

    studio.cards.nth(1).get_by_role("button", name=f"Cancel {IDEOGRAM}").click()
    studio.reaches("running", "cancelled", "queued")
    expect(studio.cards.nth(1)).to_contain_text("Not charged. 60 credits released.")

    studio.page.get_by_role("button", name="Cancel 2").click()
    studio.reaches("running", "cancelled", "cancelled")
    expect(studio.cards.nth(0)).to_contain_text("Already sent, so it cannot be taken back")
    product.vendors.advance(HELD)
    studio.reaches("succeeded", "cancelled", "cancelled")
    assert orders(product, "Three in one line") == 1


def test_a_failed_card_is_retried_in_its_place(product: Product, studio: Tab) -> None:
    product.vendors.arm("gemini", "no_image", times=1)
    studio.run("Second time lucky")
    studio.reaches("succeeded", "failed", "succeeded", "succeeded")
    studio.card(BANANA).get_by_role("button", name="Retry this card").click()
    studio.reaches(*["succeeded"] * 4)
    names = [str(card.get_attribute("aria-label")) for card in studio.cards.all()]
    assert names == [f"{name}, ready" for name in (GPT, BANANA, IDEOGRAM, FLUX)]


def test_run_again_makes_a_new_job_of_the_same_words(product: Product, tabs: Tabs) -> None:
    studio = tabs(models=ONE)
    first = studio.run("Again and again")
    studio.reaches("succeeded")
    again = studio.page.get_by_role("button", name="Run again").first
    second = studio.new_job(again.dblclick)
    studio.reaches("succeeded")
    assert second != first
    assert orders(product, "Again and again") == 2

    page = tabs(f"/jobs/{first}")
    page.new_job(page.page.get_by_role("button", name="Run again").first.click)
    page.reaches("succeeded")
    assert page.page.url.rstrip("/").endswith(page.job_id)
    assert page.job_id not in (first, second)


def test_the_receipt_opens_and_closes_by_keyboard_and_gives_the_focus_back(tabs: Tabs) -> None:
    studio = tabs(models=ONE)
    studio.run("A receipt for this")
    studio.reaches("succeeded")
    card = studio.card(FLUX)
    card.focus()
    studio.page.keyboard.press("i")
    receipt = studio.page.get_by_role("dialog", name=f"Receipt of {FLUX}")
    expect(receipt).to_be_visible()
    expect(receipt).to_contain_text("A receipt for this")
    expect(receipt).to_contain_text("word for word")
    expect(receipt).to_contain_text("30 cr")
    studio.page.keyboard.press("Escape")
    expect(receipt).to_be_hidden()
    expect(card).to_be_focused()


def test_one_original_and_all_of_them_download_byte_for_byte(studio: Tab, tmp_path: Path) -> None:
    studio.run("To be taken home")
    studio.reaches(*["succeeded"] * 4)
    promised = {name: sha256(studio, name) for name in (GPT, BANANA, IDEOGRAM, FLUX)}

    studio.card(FLUX).focus()
    with studio.page.expect_download() as one:
        studio.page.keyboard.press("d")
    assert hashlib.sha256(one.value.path().read_bytes()).hexdigest() == promised[FLUX]

    with studio.page.expect_download() as everything:
        studio.page.get_by_role("link", name="Download all").first.click()
    with zipfile.ZipFile(io.BytesIO(everything.value.path().read_bytes())) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert "pictures.csv" in names
        pictures = [name for name in names if name.startswith("pictures/") and not name.endswith(".json")]
        packed = {hashlib.sha256(archive.read(name)).hexdigest() for name in pictures}
    assert packed == set(promised.values())


def sha256(tab: Tab, name: str) -> str:
    """What the receipt of that card says of its bytes."""
    tab.card(name).focus()
    tab.page.keyboard.press("i")
    receipt = tab.page.get_by_role("dialog", name=f"Receipt of {name}")
    proof = receipt.locator("dt", has_text="SHA-256").locator("xpath=following-sibling::dd[1]")
    found = proof.inner_text().strip()
    tab.page.keyboard.press("Escape")
    expect(receipt).to_be_hidden()
    return found


def test_a_kept_picture_is_kept_after_a_reload(tabs: Tabs) -> None:
    studio = tabs(models=ONE)
    studio.run("Worth keeping")
    studio.reaches("succeeded")
    studio.card(FLUX).focus()
    studio.page.keyboard.press("k")
    expect(studio.card(FLUX)).to_have_attribute("aria-label", f"{FLUX}, kept")
    studio.reload()
    expect(studio.card(FLUX)).to_have_attribute("aria-label", f"{FLUX}, kept")
    studio.card(FLUX).focus()
    studio.page.keyboard.press("k")
    expect(studio.card(FLUX)).to_have_attribute("aria-label", f"{FLUX}, ready")


def test_the_history_lists_jobs_newest_first_and_leads_to_them(tabs: Tabs) -> None:
    studio = tabs(models=ONE)
    older = studio.run("The older of two")
    studio.reaches("succeeded")
    newer = studio.run("The newer of two")
    studio.reaches("succeeded")

    history = tabs("/history", beside=studio)
    rows = history.page.locator(".job-row")
    expect(rows.nth(0)).to_have_attribute("data-job-id", newer)
    expect(rows.nth(1)).to_have_attribute("data-job-id", older)
    expect(rows.nth(1)).to_contain_text("1 ready")
    rows.nth(1).get_by_role("link", name="The older of two").click()
    history.page.wait_for_url(f"**/jobs/{older}*")
    history.reaches("succeeded")
    expect(history.page.locator(".job-prompt")).to_have_text("The older of two")


def test_an_unknown_job_says_so_and_shows_the_way_on(tabs: Tabs) -> None:
    for path in ("/jobs/01a20324-5cf9-7255-8eea-0adc9ed66918", "/jobs/nonsense"):
        tab = tabs(path)
        expect(tab.page.get_by_role("heading", name="No such job")).to_be_visible()
        tab.page.get_by_role("link", name="See your jobs").click()
        expect(tab.page.get_by_role("heading", name="History")).to_be_visible()


def test_receipts_open_as_fast_as_one_can_type(tabs: Tabs) -> None:
    studio = tabs(models=ONE)
    studio.run("Typed fast")
    studio.reaches("succeeded")
    receipt = studio.page.get_by_role("dialog")
    studio.card(FLUX).focus()
    for _ in range(8):
        for key in ("i", "Escape", "i"):
            studio.page.keyboard.press(key)
            if key == "i":
                expect(receipt).to_be_visible()
        studio.page.keyboard.press("Escape")
    expect(receipt).to_be_hidden()
    studio.page.keyboard.press("i")
    expect(receipt).to_be_visible()
