"""The vault over HTTP: what a page of ours asks and sends, and what strangers may try."""

import io
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import Session, col

from runtz_core.images import intake
from runtz_core.images.models import Blob, Image
from tests.app.client import client, sit
from tests.conftest import make_person
from tests.vault.conftest import Picture

__all__ = ["client"]  # a fixture


@pytest.fixture
def mine(client: httpx.AsyncClient, session: Session, person: UUID) -> httpx.AsyncClient:
    """A browser of `person`."""
    sit(client, session, person)
    return client


async def read(browser: httpx.AsyncClient, path: str) -> Any:
    answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_pages_of_sixty_and_the_way_on(mine: httpx.AsyncClient, picture: Picture) -> None:
    made = [str(picture()) for _ in range(63)]
    first = await read(mine, "/api/vault/page")
    rest = await read(mine, f"/api/vault/page?after={first['next']}")
    assert [item["id"] for item in (*first["items"], *rest["items"])] == made[::-1]
    assert (len(first["items"]), rest["next"]) == (60, "")
    everything = await read(mine, "/api/vault/ids")
    assert (everything["ids"], everything["more"]) == (made[::-1], False)


@pytest.mark.parametrize(
    "path",
    [
            "page?show=x", "page?after=1", "page?colour=mauve", "count?order=x", "page?q=" + "x" * 500, "ids?rating=9",
        "rail?show=x",
        "items/x", "like/x", "trash/x",
    ],
)  # fmt: skip
async def test_forged_questions_have_no_answer(mine: httpx.AsyncClient, path: str) -> None:
    assert (await mine.get(f"/api/vault/{path}")).status_code == 404


async def test_many_are_changed_and_changed_back(mine: httpx.AsyncClient, picture: Picture) -> None:
    one, two = str(picture(kept=False)), str(picture())
    said = await change(mine, "keep", [one, two])
    assert said["changed"] == [one]
    tagged = await change(mine, "put", [one, two], shelf="tag", name="Night")
    assert sorted(tagged["changed"]) == sorted([one, two])
    rail = await read(mine, "/api/vault/rail")
    assert [(tag["label"], tag["count"]) for tag in rail["tags"]] == [("Night", 2)]
    assert (await change(mine, "take", [one], shelf="tag", shelf_id=tagged["shelf_id"]))["changed"] == [one]
    assert (await change(mine, "rate", [one], rating=3))["changed"] == [one]
    assert (await change(mine, "throw_away", [one]))["changed"] == [one]
    assert [item["id"] for item in (await read(mine, "/api/vault/page?show=trash"))["items"]] == [one]
    assert (await change(mine, "restore", [one]))["changed"] == [one]
    assert (await read(mine, f"/api/vault/items/{one}"))["item"]["rating"] == 3


async def change(browser: httpx.AsyncClient, action: str, ids: list[str], **more: Any) -> Any:
    answer = await browser.post("/api/vault/change", json={"action": action, "ids": ids, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422), ({"action": "keep"}, 422), ({"action": "explode", "ids": ["ID"]}, 422),
        ({"action": "rate", "ids": ["ID"], "rating": 9}, 422), ({"action": "rate", "ids": ["ID"], "rating": "5"}, 422),
        ({"action": "put", "ids": ["ID"], "shelf": "shelf", "name": "x"}, 404),
        ({"action": "put", "ids": ["ID"], "shelf": "tag", "name": "x" * 61}, 422),
        ({"action": "put", "ids": ["ID"], "shelf": "tag", "shelf_id": "no"}, 404),
        ({"action": "keep", "ids": "ID"}, 422), ({"action": "keep", "ids": [1, None, {}]}, 422),
    ],
)  # fmt: skip
async def test_forged_changes_are_refused(
    mine: httpx.AsyncClient, picture: Picture, body: dict[str, Any], status: int
) -> None:
    one = str(picture())
    ids = [one if value == "ID" else value for value in body.get("ids", [])]
    answer = await mine.post("/api/vault/change", json={**body, **({"ids": ids} if "ids" in body else {})})
    assert answer.status_code == status
    assert (await read(mine, f"/api/vault/items/{one}"))["item"]["kept"] is True


async def test_two_tabs_and_one_picture(mine: httpx.AsyncClient, picture: Picture) -> None:
    one = str(picture())
    edit = f"/api/vault/items/{one}/edit"
    body = rb'{"version": 1, "title": "From here", "notes": "half \ud800 a sign\u0000"}'
    first = await mine.post(edit, content=body)
    second = await mine.post(edit, json={"version": 1, "title": "From there"})
    assert (first.json(), second.status_code) == ({"version": 2}, 409)
    assert "Nothing of yours is lost" in second.json()["problem"]
    again = await mine.post(edit, json={"version": 2, "title": "From there"})
    assert again.json() == {"version": 3}


async def test_shelves_are_made_renamed_merged_and_removed(mine: httpx.AsyncClient, picture: Picture) -> None:
    one = str(picture())

    async def shelf(path: str = "", **body: Any) -> httpx.Response:
        return await mine.post(f"/api/vault/shelves{path}", json={"shelf": "collection", **body})

    first = (await shelf(name="Covers")).json()["shelf_id"]
    second = (await shelf(name="Posters")).json()["shelf_id"]
    await change(mine, "put", [one], shelf="collection", shelf_id=first)
    assert (await shelf(f"/{first}", action="cover", image_id=one)).status_code == 200
    taken = await shelf(f"/{first}", action="rename", name="posters")
    assert (taken.status_code, taken.json()["taken_by"]) == (409, second)
    assert (await shelf(f"/{first}", action="merge", into=second)).status_code == 200
    assert (await shelf(f"/{first}", action="rename", name="x")).status_code == 404
    assert (await shelf(f"/{second}", action="explode")).status_code == 422
    rail = await read(mine, "/api/vault/rail")
    assert [(one["name"], one["count"]) for one in rail["collections"]] == [("Posters", 1)]
    assert (await shelf(f"/{second}", action="remove")).status_code == 200
    assert (await read(mine, "/api/vault/page"))["items"][0]["id"] == one


async def test_a_selection_is_one_archive_of_ones_own_originals(
    mine: httpx.AsyncClient, session: Session, picture: Picture
) -> None:
    bea = make_person(session, name="Bea")
    one, theirs = picture(title="../Night / harbour"), picture(of=bea)
    image = session.get(Image, one)
    assert image is not None
    path = intake.get_store().original(image.sha256, "image/png")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"as received")
    answer = await mine.post("/api/exports", data={"ids": f"{one},{theirs},x"})
    with ZipFile(io.BytesIO(answer.content)) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".png")]
        assert archive.read(name) == b"as received"
    assert name == f"pictures/2026-09-01-Night-harbour-{one.hex[-12:]}.png"
    assert (await mine.post("/api/exports", data={"ids": str(theirs)})).status_code == 404
    assert (await mine.post("/api/exports", data={"ids": ""})).status_code == 404


async def test_thumbs_of_the_trash_have_an_address_of_their_own(
    mine: httpx.AsyncClient, session: Session, picture: Picture
) -> None:
    one = picture()
    image = session.get(Image, one)
    assert image is not None
    thumb = intake.get_store().thumbnail(image.sha256, 320)
    thumb.parent.mkdir(parents=True)
    thumb.write_bytes(b"WEBP")
    await change(mine, "throw_away", [str(one)])
    assert (await mine.get(f"/api/images/{one}.webp?w=320")).status_code == 404
    answer = await mine.get(f"/api/vault/trash/{one}")
    assert (answer.content, answer.headers["content-type"]) == (b"WEBP", "image/webp")


# Text that breaks what was not made for it: reliability of everything a person may write.
BAD_TEXTS = (
    "", " \t\n ", "x" * 1_000_000, "a\u0000b", "half \ud800", "\U0001f469\u200d\U0001f680 zoë", "\u202eevil", "{{7*7}}",
    "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "=cmd|' /C calc'!A0", "'; DROP TABLE images; --",
    "%_\\", "\x1b[31mred\x1b[0m", "\r\nX-Header: 1",
)  # fmt: skip


@pytest.mark.parametrize("bad", BAD_TEXTS, ids=range(len(BAD_TEXTS)))
async def test_any_text_is_kept_as_written_or_refused(
    mine: httpx.AsyncClient, picture: Picture, bad: str
) -> None:
    one = str(picture())
    written = json.dumps({"version": 1, "title": bad, "notes": bad}).encode()
    edited = await mine.post(f"/api/vault/items/{one}/edit", content=written)
    named = await mine.post("/api/vault/shelves", content=json.dumps({"shelf": "tag", "name": bad}).encode())
    assert {edited.status_code, named.status_code} <= {200, 422}
    said = await read(mine, f"/api/vault/items/{one}")
    plain = bad.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
    if edited.status_code == 200:
        assert (said["item"]["title"], said["notes"]) == (" ".join(plain.split()), plain)
    else:
        assert (said["item"]["title"], said["notes"]) == ("", "")
    if named.status_code == 200:
        (tag,) = (await read(mine, "/api/vault/rail"))["tags"]
        assert tag["label"] == " ".join(plain.split())
    asked = {"q": plain[:400], "show": "all"}
    for path in ("page", "count", "ids"):
        assert (await mine.get(f"/api/vault/{path}", params=asked)).status_code == 200


async def test_a_damaged_file_is_said_wherever_its_picture_is_shown(
    mine: httpx.AsyncClient, session: Session, picture: Picture
) -> None:
    one, whole = picture(), str(picture())
    image = session.get(Image, one)
    assert image is not None
    session.execute(update(Blob).where(col(Blob.sha256) == image.sha256).values(damage="missing"))
    session.commit()
    shown = {item["id"]: item["damaged"] for item in (await read(mine, "/api/vault/page"))["items"]}
    assert shown == {str(one): True, whole: False}
    assert [item["id"] for item in (await read(mine, "/api/vault/page?state=damaged"))["items"]] == [str(one)]
    assert (await read(mine, f"/api/vault/items/{one}"))["item"]["damaged"] is True
    states = (await read(mine, "/api/vault/rail"))["states"]
    assert {"value": "damaged", "label": "Damaged file", "count": 1, "hue": ""} in states


async def test_months_and_counts_are_those_of_the_browser(mine: httpx.AsyncClient, picture: Picture) -> None:
    picture(at=datetime(2026, 9, 30, 22, 30, tzinfo=UTC))
    for zone, month in (("Europe/Berlin", "2026-10"), ("../../etc/passwd", "2026-09")):
        rail = await read(mine, f"/api/vault/rail?zone={zone}")
        assert [one["value"] for one in rail["months"]] == [month]
        said = await read(mine, f"/api/vault/statistics?zone={zone}")
        assert [one["month"] for one in said["months"]] == [month]
        found = await read(mine, f"/api/vault/count?from={month}&to={month}&zone={zone}")
        assert found == {"pictures": 1, "more": False}


async def test_likes_and_statistics_are_answered(mine: httpx.AsyncClient, picture: Picture) -> None:
    one, other = picture(perceptual_hash=5), picture(perceptual_hash=5)
    likes = await read(mine, f"/api/vault/like/{one}")
    assert [item["id"] for item in likes["items"]] == [str(other)]
    said = await read(mine, "/api/vault/statistics")
    assert (said["total"]["made"], said["months"][0]["month"]) == (2, "2026-09")
