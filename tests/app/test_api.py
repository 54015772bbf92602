"""The mounted API: who gets what, under which headers, and what strangers get."""

import io
import zipfile
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from PIL import Image as Picture
from sqlmodel import Session
from starlette.routing import Route

from runtz_app.api.routes import ROUTES, api
from runtz_app.security import Shield, page_policy
from runtz_core import events
from runtz_core.ids import new_id
from runtz_core.images import intake
from runtz_core.images import service as images
from runtz_core.images.intake import Stored
from runtz_core.jobs.models import Call, CallState, Job
from runtz_core.settings import get_settings
from runtz_core.users import service as users
from tests.conftest import forget_configuration, make_person

ORIGIN = "http://localhost:3000"
POST_ROUTES = {"/api/auth/first-run", "/api/auth/sign-out"}
HARMLESS = {"x-content-type-options": "nosniff", "cross-origin-resource-policy": "same-origin"}

NOBODYS = str(UUID(int=7))  # an id that exists nowhere, the same in every process that collects these tests


@pytest.fixture
async def browser(
    database: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on one of our own pages, not signed in."""
    monkeypatch.setenv("RUNTZ_IMAGES_DIR", str(tmp_path / "pictures"))
    get_settings.cache_clear()
    intake.get_store.cache_clear()
    served = Shield(api, allowed=(ORIGIN,), policy=page_policy(["sha256-x"]), https=False)
    transport = httpx.ASGITransport(app=served, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as client:
        yield client
    intake.get_store.cache_clear()


def sign_in(browser: httpx.AsyncClient, session: Session, person: UUID) -> None:
    browser.cookies.set("session", users.start_session(session, person))
    session.commit()


def png(colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Picture.new("RGB", (64, 48), colour).save(out, "PNG")
    return out.getvalue()


def job_of(session: Session, person: UUID) -> UUID:
    job = Job(user_id=person, submission_key=uuid4().hex, prompt="p", ratio="1:1", samples=1, models=[])
    session.add(job)
    session.flush()
    return job.id


def call_of(session: Session, person: UUID, job_id: UUID, position: int = 0) -> UUID:
    call = Call(
        job_id=job_id, user_id=person, position=position, provider="flux", model="flux-2-pro", tier="standard",
        simulated=True, lane="flux/simulated", request={}, state=CallState.RUNNING, credits=1, price_usd_micros=1,
    )  # fmt: skip
    session.add(call)
    session.flush()
    return call.id


def picture_of(session: Session, person: UUID, call_id: UUID | None = None, data: bytes = b"") -> UUID:
    """A stored picture with its bytes and thumbnails on disk."""
    data = data or png()
    digest = sha256(data).hexdigest()
    store = intake.get_store()
    thumbnails = [store.thumbnail(digest, width) for width in (320, 1024)]
    for path, content in [
        (store.original(digest, "image/png"), data),
        *((path, b"RIFF webp") for path in thumbnails),
    ]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    stored = Stored(sha256=digest, size=len(data), media_type="image/png", width=64, height=48)
    image = images.record(session, user_id=person, call_id=call_id, stored=stored)
    session.commit()
    return image.id


# --- who may


def addresses() -> list[tuple[str, str]]:
    """(method, address) of every route, with ids that exist nowhere."""
    known = {
        "image_id": NOBODYS,
        "name": f"{NOBODYS}.png",
        "call_id": NOBODYS,
        "job_id": NOBODYS,
        "session_id": NOBODYS,
        "share_id": NOBODYS,
        "token": "x",
        "rest:path": "x",
    }
    found = []
    for route in ROUTES:
        assert isinstance(route, Route)
        path = route.path
        for name, value in known.items():
            path = path.replace(f"{{{name}}}", value)
        found.append(("POST" if route.methods and "POST" in route.methods else "GET", path))
    return found


@pytest.mark.parametrize(("method", "path"), addresses())
async def test_every_answer_carries_the_headers(browser: httpx.AsyncClient, method: str, path: str) -> None:
    for answer in (await browser.request(method, path), await browser.get(path + "/nowhere")):
        assert HARMLESS.items() <= dict(answer.headers).items()
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "unsafe-eval" not in answer.headers["content-security-policy"]
        if path.startswith("/api/"):
            assert answer.headers["cache-control"] == "no-store"


async def test_another_person_gets_the_same_answer_as_for_nothing(
    browser: httpx.AsyncClient, session: Session, person: UUID
) -> None:
    job_id = job_of(session, person)
    call_id = call_of(session, person, job_id)
    image_id = picture_of(session, person, call_id)
    events.keep_partial(call_id, 1, png(), seconds=60)
    paths = [
        f"/api/images/{image_id}.png", f"/api/images/{image_id}.webp?w=320", f"/api/images/{image_id}/download",
        f"/api/calls/{call_id}/partial", f"/api/exports?job={job_id}",
    ]  # fmt: skip
    sign_in(browser, session, person)
    assert {(await browser.get(path)).status_code for path in paths} == {200}
    sign_in(browser, session, make_person(session))
    nothing = await browser.get(f"/api/images/{new_id()}.png")
    for path in paths:
        answer = await browser.get(path)
        assert (answer.status_code, answer.text) == (nothing.status_code, nothing.text) == (404, nothing.text)


@pytest.mark.parametrize(
    "path",
    [
        "/api/images/x.png", "/api/images/..%2f..%2fetc%2fpasswd", "/api/images/{id}", "/api/images/{id}.svg",
        "/api/images/{id}.png?w=1", "/api/images/{id}.png?w=-320", "/api/images/{id}.png?w=320.0",
        "/api/images/{id}.png?w=",
        "/api/images/{id}.png?w=%C2%B2", "/api/images/%00.png", "/api/images/x/download", "/api/calls/x/partial",
        "/api/exports?job=x", "/api/exports?job={id}", "/api/exports", "/api/", "/api/auth", "/api/nothing/at/all",
    ],
)  # fmt: skip
async def test_what_does_not_exist_is_404(
    browser: httpx.AsyncClient, session: Session, person: UUID, path: str
) -> None:
    sign_in(browser, session, person)
    image_id = picture_of(session, person)
    assert (await browser.get(path.replace("{id}", str(image_id)))).status_code == 404


# --- pictures


async def test_the_original_comes_byte_for_byte_and_is_kept_for_good(
    browser: httpx.AsyncClient, session: Session, person: UUID
) -> None:
    sign_in(browser, session, person)
    image_id = picture_of(session, person)
    answer = await browser.get(f"/api/images/{image_id}.png")
    assert answer.content == png()
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["content-disposition"].startswith("inline")
    again = await browser.get(
        f"/api/images/{image_id}.png", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_a_width_gives_a_webp_with_a_tag_of_its_own(
    browser: httpx.AsyncClient, session: Session, person: UUID
) -> None:
    sign_in(browser, session, person)
    image_id = picture_of(session, person)
    answers = [
        await browser.get(f"/api/images/{image_id}.webp{query}") for query in ("?w=320", "?w=1024", "")
    ]
    assert [answer.headers["content-type"] for answer in answers] == ["image/webp", "image/webp", "image/png"]
    assert len({answer.headers["etag"] for answer in answers}) == 3


async def test_a_download_is_an_attachment_with_a_plain_name(
    browser: httpx.AsyncClient, session: Session, person: UUID
) -> None:
    sign_in(browser, session, person)
    image_id = picture_of(session, person)
    answer = await browser.get(f"/api/images/{image_id}/download")
    assert answer.headers["content-disposition"] == f'attachment; filename="runtz-{image_id}.png"'
    assert answer.content == png()


async def test_a_file_that_is_gone_says_so(
    browser: httpx.AsyncClient, session: Session, person: UUID
) -> None:
    sign_in(browser, session, person)
    image_id = picture_of(session, person)
    found = images.find(session, person, image_id)
    assert found is not None
    found.path.unlink()
    answer = await browser.get(f"/api/images/{image_id}.png")
    assert (answer.status_code, "missing on the server" in answer.text) == (404, True)


async def test_an_early_picture_has_its_true_type_and_is_not_kept(
    browser: httpx.AsyncClient, session: Session, person: UUID
) -> None:
    sign_in(browser, session, person)
    call_id = call_of(session, person, job_of(session, person))
    session.commit()
    assert (await browser.get(f"/api/calls/{call_id}/partial")).status_code == 204
    events.keep_partial(call_id, 1, png(), seconds=60)
    answer = await browser.get(f"/api/calls/{call_id}/partial?v=1")
    assert (answer.content, answer.headers["content-type"]) == (png(), "image/png")
    assert answer.headers["cache-control"] == "no-store"
    events.keep_partial(call_id, 2, b"<svg onload=alert(1)>", seconds=60)
    assert (await browser.get(f"/api/calls/{call_id}/partial?v=2")).status_code == 404


async def test_a_job_comes_as_one_zip_with_all_that_is_known_of_its_pictures(
    browser: httpx.AsyncClient, session: Session, person: UUID
) -> None:
    sign_in(browser, session, person)
    job_id = job_of(session, person)
    for position, colour in enumerate(["teal", "navy"]):
        picture_of(session, person, call_of(session, person, job_id, position), png(colour))
    answer = await browser.get(f"/api/exports?job={job_id}")
    assert answer.headers["content-disposition"].startswith('attachment; filename="runtz-')
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        pictures = [name for name in names if name.endswith(".png")]
        assert [archive.read(name) for name in pictures] == [png("teal"), png("navy")]
        assert {f"{name.removesuffix('.png')}.json" for name in pictures} | {"pictures.csv"} < set(names)
        assert not [name for name in names if ".." in name or name.startswith("/")]


# --- signing in and out


async def redeem(browser: httpx.AsyncClient, code: str, **options: Any) -> httpx.Response:
    return await browser.post("/api/auth/first-run", data={"code": code}, **options)


def new_code(session: Session) -> str:
    code = users.new_owner_link(session, seconds=900)
    session.commit()
    return code


async def test_a_code_signs_in_with_a_cookie_that_scripts_cannot_read(
    browser: httpx.AsyncClient, session: Session
) -> None:
    answer = await redeem(browser, new_code(session))
    assert (answer.status_code, answer.headers["location"]) == (303, "/welcome")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("session=")
    assert all(flag in cookie for flag in ("httponly", "samesite=lax", "path=/"))
    assert "secure" not in cookie
    assert "domain" not in cookie
    assert (await browser.get("/api/nothing")).status_code == 404, "signed in: no longer 401"


async def test_over_https_the_cookie_is_bound_to_the_host(
    browser: httpx.AsyncClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTZ_PUBLIC_URL", "https://runtz.example")
    get_settings.cache_clear()
    cookie = (await redeem(browser, new_code(session))).headers["set-cookie"]
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie


async def test_a_used_code_leads_back_with_the_reason(browser: httpx.AsyncClient, session: Session) -> None:
    code = new_code(session)
    await redeem(browser, code)
    answer = await redeem(browser, code)
    assert (answer.status_code, answer.headers["location"]) == (303, "/welcome?problem=link")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "body", [b"", b"code=", b"code=%00", b"code=%ED%A0%80", b"\xff\xfe", b"code=" + b"a" * 100_000]
)
async def test_nonsense_in_the_form_is_a_bad_code(
    browser: httpx.AsyncClient, session: Session, body: bytes
) -> None:
    new_code(session)
    answer = await browser.post("/api/auth/first-run", content=body)
    assert (answer.status_code, answer.headers["location"]) == (303, "/welcome?problem=link")


async def test_signing_in_again_ends_the_old_session(browser: httpx.AsyncClient, session: Session) -> None:
    await redeem(browser, new_code(session))
    old = browser.cookies["session"]
    await redeem(browser, new_code(session))
    assert browser.cookies["session"] != old
    assert users.who(session, old, get_settings().timing) is None


async def test_someone_with_jobs_goes_straight_to_the_studio(
    browser: httpx.AsyncClient, session: Session
) -> None:
    job_of(session, users.ensure_owner(session).id)
    assert (await redeem(browser, new_code(session))).headers["location"] == "/"


async def test_signing_out_ends_the_session_and_drops_the_cookie(
    browser: httpx.AsyncClient, session: Session, person: UUID
) -> None:
    sign_in(browser, session, person)
    token = browser.cookies["session"]
    answer = await browser.post("/api/auth/sign-out")
    assert answer.status_code == 303
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert users.who(session, token, get_settings().timing) is None


@pytest.mark.parametrize("path", sorted(POST_ROUTES))
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:3001"},
        {"Origin": ""}, {"Origin": "http://localhost:3000.evil.example"},
    ],
)  # fmt: skip
async def test_posts_from_elsewhere_are_not_carried_out(
    browser: httpx.AsyncClient, session: Session, person: UUID, path: str, headers: dict[str, str]
) -> None:
    sign_in(browser, session, person)
    answer = await browser.post(path, data={"code": new_code(session)}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert users.who(session, browser.cookies["session"], get_settings().timing) is not None


async def test_a_post_without_origin_needs_the_browsers_word(
    browser: httpx.AsyncClient, session: Session
) -> None:
    del browser.headers["Origin"]
    assert (await redeem(browser, new_code(session))).status_code == 403
    told = {"Sec-Fetch-Site": "same-origin"}
    assert (await redeem(browser, new_code(session), headers=told)).status_code == 303


@pytest.mark.parametrize("path", sorted(POST_ROUTES))
async def test_reading_addresses_never_signs_in_or_out(
    browser: httpx.AsyncClient, session: Session, person: UUID, path: str
) -> None:
    sign_in(browser, session, person)
    assert (await browser.get(path)).status_code in (404, 405)
    assert users.who(session, browser.cookies["session"], get_settings().timing) is not None


async def test_without_a_database_the_answer_says_so(
    browser: httpx.AsyncClient, session: Session, person: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(browser, session, person)
    monkeypatch.setenv("RUNTZ_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    forget_configuration()
    answer = await browser.get(f"/api/images/{new_id()}.png")
    assert (answer.status_code, "database does not answer" in answer.text) == (503, True)
    signing_in = await redeem(browser, "x" * 43)
    assert (signing_in.status_code, signing_in.text) == (answer.status_code, answer.text)
