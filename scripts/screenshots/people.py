"""Members of the house, who come in by an invitation as anybody would."""

from dataclasses import dataclass

from playwright.sync_api import expect

from scripts.screenshots.camera import Studio

PASSWORD = "seven boats at dawn"  # noqa: S105  of people who live as long as the script


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who registers."""

    name: str
    email: str


PEOPLE = (
    Member(name="Bea Quill", email="bea@vela.studio"),
    Member(name="Tomás Arriaga", email="tomas@vela.studio"),
    Member(name="Ines Dahl", email="ines@northlight.example"),
)


def invite(studio: Studio, member: Member) -> None:
    """Let this person in; nothing when they are in already."""
    admin = studio.desk
    admin.goto(f"{studio.url}/admin")
    expect(admin.locator(".bone")).to_have_count(0)
    if admin.get_by_text(member.email).count():
        return
    admin.get_by_role("button", name="Invite").click()
    link = admin.locator(".made-link")
    expect(link).to_contain_text("#")
    address = link.inner_text()
    with studio.stranger() as tabs:
        page = tabs["desktop"]
        page.goto(address)
        page.get_by_label("Name", exact=True).fill(member.name)
        page.get_by_label("E-mail").fill(member.email)
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Register").click()
        page.wait_for_url(lambda url: "register" not in url)
