"""Pictures, comparisons and share links over HTTP, and what guests get."""

import io
import re
from uuid import UUID

import httpx
import pytest
from PIL import Image as Picture
from sqlalchemy import update
from sqlmodel import Session, col

from runtz_app.api import guests
from runtz_app.pace import Pace
from runtz_core.ids import new_id
from runtz_core.images import intake
from runtz_core.images import service as images
from runtz_core.jobs.models import Call, CallState, JobInput
from tests.app.client import client, owner, sit
from tests.core.pictures import delete, job_of, picture_of

__all__ = ["client", "owner"]  # fixtures

WORDS = 'Harbour <b>&"quoted"</b> in rain'


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another test's pace is not this one's."""
    monkeypatch.setattr(guests, "PACE", Pace(per_second=100.0, burst=1000))


@pytest.fixture
def two(client: httpx.AsyncClient, session: Session, person: UUID) -> list[UUID]:
    """Two pictures of a person who is signed in, with their thumbnails on disk."""
    job = job_of(session, person, WORDS)
    made = [picture_of(session, person, job), picture_of(session, person, job, provider="openai", model="x")]
    for image_id in made:
        image = images.owned(session, person, image_id)
        assert image is not None
        for width in (320, 1024):
            path = intake.get_store().thumbnail(image.sha256, width)
            path.parent.mkdir(parents=True, exist_ok=True)
            Picture.new("RGB", (width, width), "teal").save(path, "WEBP")
    sit(client, session, person)
    return made


async def shared(client: httpx.AsyncClient, ids: list[UUID], **more: object) -> str:
    answer = await client.post("/api/shares/new", json={"ids": [str(one) for one in ids], **more})
    assert answer.status_code == 200, answer.text
    client.cookies.clear()
    path: str = answer.json()["path"]
    return path


async def test_facts_and_comparison_of_ones_own_pictures(
    client: httpx.AsyncClient, two: list[UUID], session: Session
) -> None:
    asked = f"{two[1]},{new_id()},nonsense,{two[0]}"
    found = (await client.get(f"/api/pictures?ids={asked}")).json()
    assert ([one["id"] for one in found["pictures"]], found["missing"]) == ([str(two[1]), str(two[0])], 1)
    delete(session, two[0])
    found = (await client.get(f"/api/compare?ids={asked}")).json()
    assert ([one["id"] for one in found["pictures"]], found["missing"]) == ([str(two[1])], 2)
    assert found["verdicts"] == {}
    assert (await client.get("/api/pictures")).json()["pictures"] == []


async def test_the_page_of_a_picture(client: httpx.AsyncClient, two: list[UUID], session: Session) -> None:
    found = (await client.get(f"/api/pictures/{two[0]}")).json()
    assert found["picture"]["id"] == found["lineage"]["nodes"][0]["id"] == str(two[0])
    assert found["credentials"] is False
    delete(session, two[0])
    for gone in (two[0], new_id(), "x"):
        assert (await client.get(f"/api/pictures/{gone}")).status_code == 404


async def test_a_pick_is_kept_and_taken_back(client: httpx.AsyncClient, two: list[UUID]) -> None:
    ids = [str(one) for one in two]
    address = f"/api/compare?ids={','.join(ids)}"
    said = {"ids": ids, "outcome": "pick", "chosen": ids[0], "blind": False}
    assert (await client.post("/api/verdicts", json=said)).status_code == 200
    assert (await client.get(address)).json()["verdicts"]["named"] == {"outcome": "pick", "chosen": ids[0]}
    assert (await client.post("/api/verdicts", json={"ids": ids, "outcome": ""})).status_code == 200
    assert (await client.get(address)).json()["verdicts"] == {}
    for wrong in ({}, {"ids": ids, "outcome": "best"}, {"ids": "x", "outcome": "tie"}, [1]):
        assert (await client.post("/api/verdicts", json=wrong)).status_code == 422
    gone = {"ids": [ids[0], str(new_id())], "outcome": "tie"}
    assert (await client.post("/api/verdicts", json=gone)).status_code == 404


async def test_keeping_by_the_lightbox(client: httpx.AsyncClient, two: list[UUID]) -> None:
    path = f"/api/pictures/{two[0]}/keep"
    assert (await client.post(path, content=b"")).json() == {"kept": True}
    assert (await client.post(path, json={"kept": False})).json() == {"kept": False}
    assert (await client.post(f"/api/pictures/{new_id()}/keep")).status_code == 404


async def test_deleting_can_be_undone(client: httpx.AsyncClient, two: list[UUID]) -> None:
    async def there() -> int:
        return len((await client.get(f"/api/pictures?ids={two[0]}")).json()["pictures"])

    for act, left in (("delete", 0), ("delete", 0), ("restore", 1), ("restore", 1)):
        assert (await client.post(f"/api/pictures/{two[0]}/{act}")).status_code == 200
        assert await there() == left
        assert (await client.post(f"/api/pictures/{new_id()}/{act}")).status_code == 404


async def test_deleting_what_is_being_remixed_says_so(
    client: httpx.AsyncClient, two: list[UUID], session: Session, person: UUID
) -> None:
    job_id = job_of(session, person, "in snow", remix="edit")
    picture_of(session, person, job_id)  # done before
    session.add(JobInput(job_id=job_id, position=0, image_id=two[0], role="base"))
    session.execute(update(Call).where(col(Call.job_id) == job_id).values(state=CallState.QUEUED))
    session.commit()
    answer = await client.post(f"/api/pictures/{two[0]}/delete")
    assert answer.json() == {"waiting": 1}
    ids = [str(one) for one in two]
    asked = await client.post("/api/vault/change", json={"action": "waiting", "ids": ids})
    assert asked.json() == {"waiting": 1}
    thrown = await client.post("/api/vault/change", json={"action": "throw_away", "ids": ids})
    assert thrown.json() == {"changed": [str(two[1])], "waiting": 1}
    again = await client.post("/api/vault/change", json={"action": "throw_away", "ids": ids[1:]})
    assert again.json() == {"changed": [], "waiting": 0}


async def test_rating_by_the_lightbox(client: httpx.AsyncClient, two: list[UUID]) -> None:
    for rating in (4, 0):
        change = {"action": "rate", "ids": [str(two[0])], "rating": rating}
        assert (await client.post("/api/vault/change", json=change)).status_code == 200
        found = (await client.get(f"/api/pictures?ids={two[0]},{two[1]}")).json()
        assert [one["rating"] for one in found["pictures"]] == [rating, 0]


async def test_a_guest_sees_the_picture_and_its_card_without_a_cookie(
    client: httpx.AsyncClient, two: list[UUID]
) -> None:
    path = await shared(client, two, with_prompt=True)
    page = await client.get(path)
    assert page.status_code == 200
    assert "set-cookie" not in page.headers
    assert page.headers["cache-control"] == "no-store"
    assert "noindex" in page.headers["x-robots-tag"]
    assert "<b>&" not in page.text
    assert "Harbour &lt;b&gt;" in page.text
    tags = dict(re.findall(r'<meta property="(og:[\w:]+)" content="([^"]*)"', page.text))
    assert tags["og:image"] == f"http://localhost:3000{path}/preview.jpg"
    assert tags["og:description"].startswith("Harbour")
    card = await client.get(f"{path}/preview.jpg")
    assert Picture.open(io.BytesIO(card.content)).size == (1200, 630)
    assert card.headers["cross-origin-resource-policy"] == "cross-origin"
    for source in re.findall(r'<img src="([^"]+)"', page.text):
        answer = await client.get(source)
        assert (answer.headers["content-type"], answer.headers["cache-control"]) == (
            "image/webp",
            "private, max-age=600",
        )
    assert "<script" not in page.text


async def test_without_the_prompt_it_is_nowhere_in_what_a_guest_gets(
    client: httpx.AsyncClient, two: list[UUID]
) -> None:
    page = await client.get(await shared(client, two, with_prompt=False))
    assert page.status_code == 200
    assert "Harbour" not in page.text


async def test_every_link_that_leads_nowhere_gets_the_same_answer(
    client: httpx.AsyncClient, session: Session, person: UUID, two: list[UUID]
) -> None:
    path = await shared(client, two)
    never = await client.get("/s/neverwas")
    assert never.status_code == 404
    sit(client, session, person)
    (link,) = (await client.get("/api/shares")).json()["links"]
    assert (await client.post(f"/api/shares/{link['id']}/revoke")).status_code == 200
    client.cookies.clear()
    for address in (path, f"{path}/{two[0]}.webp", f"{path}/preview.jpg", f"{path}/x", "/s/neverwas/x.webp"):
        answer = await client.get(address)
        assert (answer.status_code, answer.content) == (404, never.content)
        assert dict(answer.headers) == dict(never.headers)


async def test_a_link_opens_nothing_but_its_own(client: httpx.AsyncClient, two: list[UUID]) -> None:
    path = await shared(client, two[:1])
    assert (await client.get(f"{path}/{two[0]}.webp")).status_code == 200
    for other in (f"{path}/{two[1]}.webp", f"{path}/{two[0]}.png", f"{path}/..%2f{two[1]}.webp"):
        assert (await client.get(other)).status_code == 404
    for private in (f"/api/images/{two[0]}.webp", "/api/shares", f"/api/pictures?ids={two[0]}"):
        assert (await client.get(private)).status_code == 401


async def test_guests_come_at_a_pace(
    client: httpx.AsyncClient, two: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await shared(client, two)
    monkeypatch.setattr(guests, "PACE", Pace(per_second=0.001, burst=2))
    answers = [(await client.get(path)).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


async def test_a_link_that_cannot_be_made_says_why(client: httpx.AsyncClient, two: list[UUID]) -> None:
    for body, status in (
        ({"ids": []}, 422),
        ({"ids": [str(new_id()) for _ in range(7)]}, 422),
        ({"ids": [str(two[0])], "days": "8"}, 422),
        ({"ids": [str(two[0])], "days": 7}, 422),
        ({"ids": [str(new_id())]}, 404),
    ):
        answer = await client.post("/api/shares/new", json=body)
        assert answer.status_code == status
        assert answer.json()["problem"].endswith((".", "reload the page."))
