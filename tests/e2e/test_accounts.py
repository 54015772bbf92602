"""A second person, from the invitation to their last click; and what a card asks of its person."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import DESK, PHONE, Tabs
from tests.e2e.product import Product
from tests.e2e.tab import Tab
from tests.e2e.test_running import FLUX

PASSWORD, ANOTHER = "seven boats at dawn", "nine boats at dusk"


def panel(tab: Tab, title: str) -> Locator:
    """The panel of a page under that heading."""
    return tab.page.locator("section.panel", has=tab.page.get_by_role("heading", name=title, exact=True))


def password(tab: Tab) -> Locator:
    """The field for one's password; what may be chosen stands in its label."""
    return tab.page.locator("[name=password]")


def made_link(tab: Tab, act: Callable[[], object]) -> str:
    """Do what makes a link; the address that the owner is shown, this once."""
    act()
    shown = tab.page.locator(".made-link")
    expect(shown).to_contain_text("#")
    link = shown.inner_text()
    tab.page.get_by_role("button", name="Done").click()
    expect(shown).to_have_count(0)
    return link[link.index("/re") :]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_second_person_comes_in_by_invitation_and_leaves(tabs: Tabs, size: tuple[int, int]) -> None:
    admin = tabs("/admin")
    invite = admin.page.get_by_role("button", name="Invite")
    link = made_link(admin, invite.click)
    email = f"bea{size[0]}@vela.studio"

    bea = tabs(link, size=size, signed_in=False)
    bea.expect_trouble("422|401|403")  # what the server refuses, the browser notes
    bea.page.get_by_label("Name", exact=True).fill("Bea Quill")
    bea.page.get_by_label("E-mail").fill(email)
    password(bea).fill("password1")
    register = bea.page.get_by_role("button", name="Register")
    register.click()
    expect(bea.page.get_by_role("alert")).to_contain_text("anybody tries")
    password(bea).fill(PASSWORD)
    register.click()
    bea.page.wait_for_url(lambda url: "register" not in url)
    assert bea.open("/admin").page.url.rstrip("/") == bea.url, "that page is the owner's"
    again = tabs(link, size=size, signed_in=False)
    again.expect_trouble("422|401|403")
    again.page.get_by_label("Name", exact=True).fill("Eve")
    again.page.get_by_label("E-mail").fill("eve@vela.studio")
    password(again).fill(PASSWORD)
    again.page.get_by_role("button", name="Register").click()
    expect(again.page.get_by_role("alert")).to_be_visible()

    bea.open("/profile")
    tokens = panel(bea, "API tokens")
    tokens.get_by_label("Name").fill("Night script")
    tokens.get_by_role("button", name="Make a token").click()
    shown = tokens.locator(".account-shown code")
    expect(shown).to_have_text(re.compile("^runtz_"))
    token = shown.inner_text()
    asked = bea.page.context.request
    held = {"Authorization": f"Bearer {token}"}
    assert asked.get(f"{bea.url}/api/v1/balance", headers=held).json() == {"available": 500, "held": 0}
    bea.reload()
    expect(tokens).to_contain_text("used")
    assert token not in bea.page.content()
    tokens.get_by_role("button", name="Revoke").click()
    expect(tokens).not_to_contain_text("Night script")
    assert asked.get(f"{bea.url}/api/v1/balance", headers=held).status == 401
    assert bea.overflow() == 0

    leaving = panel(bea, "Delete account")
    leaving.get_by_label(re.compile("Type")).fill("delete my account")
    leaving.locator("[name=current]").fill(PASSWORD)
    leaving.get_by_role("button", name="Delete my account").click()
    bea.page.wait_for_url(re.compile("/welcome"))


def test_a_lost_password_is_made_anew_by_the_owners_link(tabs: Tabs) -> None:
    admin = tabs("/admin")
    link = made_link(admin, admin.page.get_by_role("button", name="Invite").click)
    cleo = tabs(link, signed_in=False)
    cleo.page.get_by_label("Name", exact=True).fill("Cleo")
    cleo.page.get_by_label("E-mail").fill("cleo@vela.studio")
    password(cleo).fill(PASSWORD)
    cleo.page.get_by_role("button", name="Register").click()
    cleo.page.wait_for_url(lambda url: "register" not in url)
    cleo.open("/history")

    admin.reload()
    row = admin.page.get_by_role("row").filter(has_text="cleo@vela.studio")

    def ask() -> None:
        row.get_by_role("button", name="More about Cleo").click()
        row.get_by_role("button", name="Link for a new password").click()

    reset = made_link(admin, ask)
    fresh = tabs(reset, size=PHONE, signed_in=False)
    password(fresh).fill(ANOTHER)
    fresh.page.get_by_role("button", name="Save and sign in").click()
    fresh.page.wait_for_url(lambda url: "reset" not in url)
    cleo.page.wait_for_url(re.compile("/welcome"))  # the old session has ended

    cleo.expect_trouble("401")
    for known, arrives in ((PASSWORD, False), (ANOTHER, True)):
        cleo.page.get_by_label("E-mail").fill("cleo@vela.studio")
        password(cleo).fill(known)
        cleo.page.get_by_role("button", name="Sign in", exact=True).click()
        if not arrives:
            expect(cleo.page.get_by_role("alert")).to_be_visible()
    cleo.page.wait_for_url(lambda url: "welcome" not in url)


def test_a_card_asks_on_a_phone_whether_it_was_billed(product: Product, tabs: Tabs) -> None:
    product.vendors.arm("flux", "reset", where="order", times=1)
    tab = tabs("/", models=["flux-2-pro"])
    job_id = tab.run("Sent, and then nothing")
    tab.reaches("unknown")
    phone = tabs(f"/jobs/{job_id}", size=PHONE)
    card = phone.card(FLUX)
    asked = card.get_by_role("group", name=re.compile("bill it"))
    expect(asked.get_by_role("button")).to_have_count(2)
    for button in (*asked.get_by_role("button").all(), card.get_by_role("button", name="Run it once more")):
        box, frame = button.bounding_box(), card.locator(".slot").bounding_box()
        assert box is not None
        assert frame is not None
        assert box["height"] >= 40
        assert frame["y"] <= box["y"]
        assert box["y"] + box["height"] <= frame["y"] + frame["height"]
    asked.get_by_role("button", name="Not billed").click()
    phone.reaches("failed")
    expect(card).to_contain_text("did not bill it")
    expect(asked).to_have_count(0)
