"""Who is not let in: visitors without a session, and pages of other sites."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Tabs
from tests.e2e.product import Product
from tests.e2e.tab import Tab

CONNECT = """(address) => new Promise((done) => {
  const socket = new WebSocket(address);
  socket.onopen = () => done("open");
  socket.onclose = () => done("closed");
})"""
POST = """(address) =>
  fetch(address, { method: "POST", mode: "no-cors", credentials: "include" }).then(() => "sent", () => "blocked")"""


def test_a_visitor_is_sent_to_the_welcome_page_and_sees_no_data(tabs: Tabs) -> None:
    owner = tabs(models=["flux-2-pro"])
    job_id = owner.run("A secret garden")
    owner.reaches("succeeded")
    address = owner.page.locator("img.picture").get_attribute("src")
    assert address is not None

    for path in ("/", f"/jobs/{job_id}", "/history", "/settings"):
        visitor = tabs(None, signed_in=False)
        visitor.page.goto(visitor.url + path)
        visitor.page.wait_for_url(re.compile("/welcome"))
        expect(visitor.page.get_by_role("main")).to_contain_text("./runtz link")
        assert "A secret garden" not in visitor.page.content()
        assert visitor.received
        assert not [frame for frame in visitor.received if "A secret garden" in frame]
        for file in (address, f"/api/exports?job={job_id}"):
            assert visitor.page.request.get(visitor.url + file).status == 401


def test_signing_out_closes_the_door_for_every_tab(product: Product, tabs: Tabs) -> None:
    tab = tabs(None, signed_in=False)
    tab.page.goto(product.new_link())
    tab.page.get_by_role("button", name="Sign in as owner").click()
    tab.page.wait_for_url(lambda url: "#" not in url)
    tab.open("/")
    other = tabs("/history", beside=tab)
    other.expect_trouble("401")  # pictures that were still on their way when the door closed
    tab.expect_trouble("401")

    tab.page.get_by_role("button", name="account").click()
    tab.page.get_by_role("button", name="Sign out").click()
    tab.page.wait_for_url(re.compile("/welcome"))
    other.page.wait_for_url(re.compile("/welcome"))


def test_another_site_gets_no_socket_and_cannot_post(product: Product, studio: Tab, tabs: Tabs) -> None:
    socket = f"ws://127.0.0.1:{product.port}/_event/?EIO=4&transport=websocket"
    assert studio.page.evaluate(CONNECT, socket) == "open"

    foreign = tabs(None)  # the same browser profile with the owner's cookie, on another origin
    foreign.expect_trouble("WebSocket|Failed to load resource")
    foreign.page.goto(f"{product.vendors.url}/healthz")
    assert foreign.page.evaluate(CONNECT, socket) == "closed"
    foreign.page.evaluate(POST, f"{product.url}/api/auth/sign-out")
    assert studio.reload().page.url.rstrip("/") == product.url
    expect(studio.prompt).to_be_visible()
