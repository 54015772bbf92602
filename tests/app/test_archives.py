"""Pictures out as a ZIP and into another installation with nothing lost; hostile ZIPs refused in words."""

import csv
import hashlib
import io
import json
import stat
import zipfile
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import Session

from runtz_core.archive.reading import is_safe
from runtz_core.cells import plain
from runtz_core.ids import new_id
from runtz_core.images import service as images
from runtz_core.images.intake import Stored, get_store
from runtz_core.images.models import Image, Origin
from runtz_core.jobs.models import Call, CallState, Job, JobInput
from runtz_core.vault import notes, sorting
from runtz_core.vault.notes import Edit
from runtz_core.vault.sorting import Shelf
from runtz_core.viewing.lineage import Gone, lineage
from tests.app.client import ada, client, decoders, member, owner, password_hash, sit
from tests.core.test_credits import books_balance
from tests.images.picture_corpus import bomb, drawing, encoded, noise


def on_disk(seed: int) -> Stored:
    """A small picture in the store."""
    data = noise(24, 16, seed)
    stored = Stored(
        sha256=hashlib.sha256(data).hexdigest(), size=len(data), media_type="image/png", width=24, height=16
    )
    path = get_store().original(stored.sha256, stored.media_type)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return stored


def put(session: Session, person: UUID, seed: int, *, origin: Origin, call_id: UUID | None = None) -> UUID:
    """A picture of this person's, on the disk too."""
    return images.record(session, user_id=person, call_id=call_id, stored=on_disk(seed), origin=origin).id


@pytest.fixture
def family(session: Session, client: httpx.AsyncClient, ada: UUID) -> list[UUID]:
    """An upload, and what was made from it with a mask: titled, noted, rated, tagged, collected."""
    base, mask = put(session, ada, 1, origin=Origin.UPLOADED), put(session, ada, 2, origin=Origin.MASK)
    job = Job(
        user_id=ada,
        submission_key="one",
        prompt='=HYPERLINK("http://evil")',
        ratio="3:2",
        samples=1,
        models=[{"model": "ideogram-4-5", "tier": "low"}],
        remix="mask",
        strength=40,
    )
    session.add(job)
    session.flush()
    request = {
        "model": "ideogram-4-5", "prompt": job.prompt, "tier": "low", "ratio": "3:2", "width": 24, "height": 16,
        "seed": 7, "negative": None,
    }  # fmt: skip
    call = Call(
        job_id=job.id, user_id=ada, provider="ideogram", model="ideogram-4-5", tier="low", simulated=True,
        lane="ideogram/simulated", request=request, report={"seed_used": 7}, state=CallState.SUCCEEDED,
        credits=0, price_usd_micros=30_000, cost_usd_micros=0, cost_basis="simulated",
    )  # fmt: skip
    session.add(call)
    for position, (role, image_id) in enumerate((("base", base), ("mask", mask))):
        session.add(JobInput(job_id=job.id, position=position, image_id=image_id, role=role))
    session.flush()
    made = put(session, ada, 3, origin=Origin.GENERATED, call_id=call.id)
    images.set_kept(session, ada, made, True)
    notes.edit(session, ada, made, Edit(title="Dusk", notes="+1 for the light", rating=4), version=1)
    sorting.put(session, ada, Shelf.TAG, sorting.make(session, ada, Shelf.TAG, "Harbour"), [made, base])
    sorting.put(session, ada, Shelf.COLLECTION, sorting.make(session, ada, Shelf.COLLECTION, "Best"), [made])
    session.commit()
    return [base, made]


async def exported(client: httpx.AsyncClient, ids: list[UUID]) -> bytes:
    answer = await client.get("/api/exports", params={"ids": ",".join(map(str, ids))})
    assert answer.status_code == 200, answer.text
    return answer.content


async def imported(client: httpx.AsyncClient, data: bytes) -> dict[str, object]:
    answer = await client.post("/api/imports", content=data)
    assert answer.status_code == 200, answer.text
    result: dict[str, object] = json.loads(answer.text.splitlines()[-1])
    return result


def erase(session: Session) -> None:
    """Another installation: the same tables, without these rows."""
    for table in ("vault_items", "job_inputs", "images", "calls", "jobs", "tags", "collections", "blobs"):
        session.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    session.commit()


async def test_out_and_in_again_is_the_same_to_the_byte(
    client: httpx.AsyncClient, session: Session, ada: UUID, family: list[UUID]
) -> None:
    sit(client, session, ada)
    first = await exported(client, family)
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        rows = list(csv.DictReader(io.StringIO(archive.read("pictures.csv").decode("utf-8-sig"))))
        originals = {name: archive.read(name) for name in names if name.endswith(".png")}
    assert len(originals) == 3, "the mask goes along"
    assert set(originals.values()) == {noise(24, 16, seed) for seed in (1, 2, 3)}
    assert rows[-1]["prompt"].startswith("'="), "a spreadsheet shows it and works nothing out"
    assert rows[-1]["notes"].startswith("'+")
    session.rollback()
    erase(session)
    result = await imported(client, first)
    assert result == {
        "imported": 3, "known": 0, "refused": 0, "problems": [], "skipped": 0, "missing_parents": 0,
    }  # fmt: skip
    assert await exported(client, family) == first
    again = await imported(client, first)
    assert (again["imported"], again["known"]) == (0, 3)
    session.rollback()
    books_balance(session)
    kept = session.get_one(Image, family[1])
    assert (kept.kept, kept.origin) == (True, Origin.GENERATED)


async def test_what_comes_in_later_finds_its_place(
    client: httpx.AsyncClient, session: Session, ada: UUID, family: list[UUID]
) -> None:
    sit(client, session, ada)
    whole, part = await exported(client, family), await exported(client, family[1:])
    session.rollback()
    erase(session)
    result = await imported(client, part)
    assert (result["imported"], result["missing_parents"]) == (2, 1)
    assert await exported(client, family[1:]) == part
    session.rollback()
    before = lineage(session, ada, family[1])
    assert before is not None
    assert [node.gone for node in before.nodes] == [Gone.ELSEWHERE, ""]
    result = await imported(client, whole)
    assert (result["imported"], result["known"], result["missing_parents"]) == (1, 2, 0)
    assert await exported(client, family) == whole
    session.rollback()
    after = lineage(session, ada, family[1])
    assert after is not None
    assert [(node.id, node.gone) for node in after.nodes] == [(str(one), "") for one in family]


async def test_somebody_elses_ids_are_left_alone(
    client: httpx.AsyncClient, session: Session, ada: UUID, family: list[UUID], password_hash: str
) -> None:
    sit(client, session, ada)
    data = await exported(client, family)
    bob = member(session, "bob@vela.studio", password_hash)
    sit(client, session, bob)
    assert (await client.get("/api/exports", params={"ids": str(family[0])})).status_code == 404
    assert (await imported(client, data))["imported"] == 3
    session.rollback()
    owners = session.execute(text("SELECT user_id, count(*) FROM images GROUP BY 1")).all()
    assert dict(owners) == {ada: 3, bob: 3}
    edges = session.execute(
        text(
            "SELECT count(*) FROM job_inputs JOIN images ON images.id = image_id WHERE images.user_id = :bob"
        ),
        {"bob": bob},
    )
    assert edges.scalar_one() == 2


async def test_a_folder_of_pictures_in_a_zip_comes_in_written_anew(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    sit(client, session, ada)
    files = {"trip/a.png": encoded(drawing()), "trip/b.jpg": b"no picture", "notes.txt": b"hello"}
    result = await imported(client, packed(files))
    assert (result["imported"], result["refused"], result["skipped"]) == (1, 1, 1)
    assert "trip/b.jpg" in str(result["problems"])


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def linked() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("a.png")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return buffer.getvalue()


__all__ = ["ada", "client", "decoders", "owner", "password_hash"]  # fixtures

PICTURE = encoded(drawing())
RUNTZ = json.dumps({"format": "runtz-archive", "version": 1, "pictures": 1}).encode()
HOSTILE = {
    "no ZIP": (b"PK but no more", "not a whole ZIP"),
    "cut short": (packed({"a.png": PICTURE})[:-30], "not a whole ZIP"),
    "a way out": (packed({"../a.png": PICTURE}), "leads elsewhere"),
    "a root": (packed({"/etc/a.png": PICTURE}), "leads elsewhere"),
    "a drive": (packed({"C:\\a.png": PICTURE}), "leads elsewhere"),
    "a control character": (packed({"a\x07.png": PICTURE}), "leads elsewhere"),
    "an endless name": (packed({f"{'a' * 300}.png": PICTURE}), "leads elsewhere"),
    "the same name twice": (packed({"a.png": PICTURE, "A.PNG": PICTURE}), "the same name"),
    "a link": (linked(), "A link is in it"),
    "a bomb": (packed({"a.png": bytes(32 * 2**20)}), "swells"),
    "nothing for us": (packed({"a.txt": b"hello"}), "no PNG"),
    "no sidecar": (packed({"runtz.json": RUNTZ, "pictures/a.png": PICTURE}), "is missing"),
    "a foreign sidecar": (
        packed({"runtz.json": RUNTZ, "pictures/a.png": PICTURE, "pictures/a.json": b"{}"}),
        "none of ours",
    ),
    "a newer one": (packed({"runtz.json": RUNTZ.replace(b"1,", b"2,"), "a.png": PICTURE}), "newer"),
    "fewer than it says": (packed({"runtz.json": RUNTZ.replace(b"1}", b"9}"), "a.png": PICTURE}), "missing from"),
}  # fmt: skip


async def test_hostile_archives_are_refused_in_words(
    client: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    sit(client, session, ada)
    for name, (data, said) in HOSTILE.items():
        answer = await client.post("/api/imports", content=data)
        assert answer.status_code == 422, name
        assert said in answer.json()["problem"], name
        assert "Nothing was imported" in answer.json()["problem"], name
    assert session.execute(text("SELECT count(*) FROM images")).scalar_one() == 0
    assert not list(get_store().root.glob("tmp/*"))


async def test_facts_that_cannot_be_change_nothing(
    client: httpx.AsyncClient, session: Session, ada: UUID, family: list[UUID]
) -> None:
    sit(client, session, ada)
    with zipfile.ZipFile(io.BytesIO(await exported(client, family[:1]))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    (side,) = (name for name in files if name.startswith("pictures/") and name.endswith(".json"))
    before = json.loads(files[side])
    lies: list[dict[str, object]] = [
        {"sha256": "0" * 64}, {"sha256": "../../x"}, {"id": "x"}, {"rating": 9}, {"title": "\x00"},
        {"origin": "stolen"}, {"tags": ["x" * 300]}, {"created_at": "yesterday"}, {"call": {"id": "x"}},
    ]  # fmt: skip
    for lie in lies:
        told = files | {side: json.dumps(before | {"id": str(new_id())} | lie).encode()}
        result = await imported(client, packed(told))
        assert (result["imported"], result["refused"]) == (0, 1), lie
    swapped = files | {side.replace(".json", ".png"): bomb(20_000, 20_000)}
    assert (await imported(client, packed(swapped)))["refused"] == 1


@pytest.mark.parametrize(
    "name",
    ["a.png", "ä/ü.png", "a b/c.PNG", "日本/絵.webp", "CON.png", "-rf.png", "%2e%2e%2fa.png", "a..png"],
)
def test_ordinary_names_are_safe(name: str) -> None:
    assert is_safe(name)


@pytest.mark.parametrize(
    "name",
    [
        "..", "./../.", "..\\a.png", "/..", "a/../../b.png", "a\x00.png", "%s.png" % ("a" * 300), "gnp.\u202ea.png",
        "a\r\n.png", "", ".", "C:a.png", "a\ud800.png",
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_not(name: str) -> None:
    assert not is_safe(name)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert str(plain(cell)).startswith("'")
