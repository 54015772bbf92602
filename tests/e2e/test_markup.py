"""Words that would be markup anywhere else are shown as words, on every screen and to guests (S33)."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Tabs
from tests.e2e.tab import Tab

STRIKE = (
    "<img src=x onerror='window.struck=1'><script>window.struck=1</script>[a](javascript:window.struck=1)"
)
STRUCK = "() => window.struck === undefined && document.querySelectorAll(\"img[src='x']\").length === 0"
POST = """async ([path, body]) => {
  const headers = { "content-type": "application/json" };
  return (await fetch(path, { method: "POST", headers, body: JSON.stringify(body) })).status;
}"""


def harmless(tab: Tab) -> None:
    assert tab.page.evaluate(STRUCK), tab.page.url


@pytest.mark.slow
def test_nothing_typed_becomes_markup_on_any_screen(tabs: Tabs) -> None:
    studio = tabs(models=["gpt-image-2.6-flare", "flux-2-pro"])
    job_id = studio.run(f"Striking {STRIKE}")
    studio.reaches("succeeded", "succeeded")
    harmless(studio)
    found = studio.page.evaluate("async () => (await (await fetch('/api/vault/page?show=all')).json()).items")
    mine = [one for one in found if one["prompt"].startswith("Striking")]
    ids = [one["id"] for one in mine]
    for path, body in (
        ("/api/vault/change", {"action": "put", "shelf": "tag", "name": STRIKE[:40], "ids": ids}),
        ("/api/vault/change", {"action": "put", "shelf": "collection", "name": STRIKE[:40], "ids": ids}),
        (
            f"/api/vault/items/{ids[0]}/edit",
            {"version": mine[0]["version"], "title": STRIKE, "notes": STRIKE},
        ),
        ("/api/prompts", {"name": STRIKE[:100], "body": STRIKE, "negative": STRIKE, "tags": [STRIKE[:40]]}),
    ):
        assert studio.page.evaluate(POST, [path, body]) < 300, path
    for path in (
        f"/jobs/{job_id}", "/history", "/vault?show=all", f"/vault?q={quote(STRIKE[:20])}", f"/images/{ids[0]}",
        f"/compare?ids={','.join(ids)}", "/prompts", "/usage", "/batch", "/vault/statistics",
    ):  # fmt: skip
        harmless(studio.open(path))
    studio.open("/batch").page.get_by_label("Prompts, one on each line").fill(f"{STRIKE}\n{STRIKE}")
    expect(studio.page.get_by_text("left out").first).to_be_visible()
    harmless(studio)
    studio.open(f"/compare?ids={','.join(ids)}")
    studio.page.get_by_role("button", name="Share this comparison").click()
    dialog = studio.page.get_by_role("dialog", name="Share")
    dialog.get_by_label("Show the prompt too").check()
    dialog.get_by_role("button", name="Make link").click()
    guest = tabs(None, signed_in=False)
    guest.page.goto(dialog.get_by_label("Link", exact=True).input_value())
    expect(guest.page.get_by_text(re.compile("Striking"))).to_be_visible()
    harmless(guest)
