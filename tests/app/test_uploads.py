"""Pictures people send: taken anew, upright, without their place; everything else is refused in words."""

import io
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from PIL import Image as Picture
from sqlalchemy import func, select, text
from sqlmodel import Session, col

from runtz_core.images import intake
from runtz_core.images.models import Image, Origin
from runtz_core.settings import get_settings
from tests.app.client import ada, client, decoders, member, owner, password_hash, sit
from tests.images.picture_corpus import drawing, encoded, hostile, with_exif

__all__ = ["ada", "client", "decoders", "owner", "password_hash"]  # fixtures

MEGABYTE = 2**20


async def send(client: httpx.AsyncClient, data: bytes, to: str = "/api/uploads") -> httpx.Response:
    return await client.post(to, content=data)


def stored(session: Session, image_id: str) -> tuple[Image, Picture.Image]:
    image = session.get_one(Image, UUID(image_id))
    suffixes = (path for path in intake.get_store().root.glob(f"blobs/*/*/{image.sha256}.*"))
    return image, Picture.open(io.BytesIO(next(suffixes).read_bytes()))


def count(session: Session) -> int:
    session.rollback()
    return session.execute(select(func.count()).select_from(Image)).scalar_one()


async def test_a_photo_is_turned_upright_and_forgets_its_place(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    sit(client, session, ada)
    answer = await send(client, with_exif(6))
    assert answer.status_code == 201, answer.text
    said = answer.json()
    image, picture = stored(session, said["id"])
    assert (said["width"], said["height"]) == (64, 96) == picture.size
    assert (image.origin, image.call_id, image.user_id) == (Origin.UPLOADED, None, ada)
    assert dict(picture.getexif()) == {}
    assert (await client.get(said["thumb"])).headers["content-type"] == "image/webp"


@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF"])
async def test_every_format_is_written_anew(
    client: httpx.AsyncClient, session: Session, ada: UUID, form: str
) -> None:
    sit(client, session, ada)
    sent = encoded(drawing(mode="RGBA"), form)
    answer = await send(client, sent)
    assert answer.status_code == 201, answer.text
    _, picture = stored(session, answer.json()["id"])
    assert (picture.format, picture.mode) == ("PNG", "RGBA")


async def test_what_is_no_acceptable_picture_is_refused_in_words(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    sit(client, session, ada)
    for name, (data, _) in hostile().items():
        answer = await send(client, data)
        assert answer.status_code in (413, 422), name
        assert answer.json()["problem"].endswith("Nothing was kept."), name
    assert count(session) == 0
    assert not list(intake.get_store().root.glob("tmp/*"))


async def test_too_much_is_not_even_read(client: httpx.AsyncClient, session: Session, ada: UUID) -> None:
    sit(client, session, ada)
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 512:
            read += 1
            yield bytes(MEGABYTE)

    answer = await client.post("/api/uploads", content=endless())
    assert answer.status_code == 413
    assert "25 MB" in answer.json()["problem"]
    told = {"Content-Length": str(512 * MEGABYTE)}
    assert (await client.post("/api/uploads", content=b"short", headers=told)).status_code == 413
    assert not list(intake.get_store().root.glob("tmp/*"))


async def test_a_full_quota_refuses_before_anything_is_kept(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    sit(client, session, ada)
    session.execute(text("UPDATE users SET storage_quota = 100 WHERE id = :id"), {"id": ada})
    session.commit()
    answer = await send(client, encoded(drawing()))
    assert answer.status_code == 409
    assert "Delete some pictures" in answer.json()["problem"]
    assert count(session) == 0


async def test_a_mask_is_black_and_white_and_as_large_as_its_picture(
    client: httpx.AsyncClient, session: Session, ada: UUID, password_hash: str
) -> None:
    sit(client, session, ada)
    base = (await send(client, encoded(drawing()))).json()["id"]
    soft = Picture.linear_gradient("L").resize((96, 64))
    answer = await send(client, encoded(soft), f"/api/masks/{base}")
    assert answer.status_code == 201, answer.text
    image, mask = stored(session, answer.json()["id"])
    assert image.origin == Origin.MASK
    assert mask.mode == "L"
    assert set(mask.tobytes()) == {0, 255}
    assert session.execute(text("SELECT count(*) FROM vault_items")).scalar_one() == 1
    small = await send(client, encoded(soft.resize((9, 9))), f"/api/masks/{base}")
    assert small.status_code == 422
    sit(client, session, member(session, "bob@vela.studio", password_hash))
    assert (await send(client, encoded(soft), f"/api/masks/{base}")).status_code == 404
    assert session.execute(select(func.count()).where(col(Image.user_id) != ada)).scalar_one() == 0


async def test_nobody_sends_without_a_session(client: httpx.AsyncClient) -> None:
    assert (await send(client, encoded(drawing()))).status_code == 401
    assert get_settings().limits.upload_bytes == 25 * MEGABYTE
