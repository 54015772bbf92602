"""Batches over HTTP, as the pages use them: read a sheet, ask its price, run it, steer it, take the results along."""

import csv
import io
import json
import zipfile
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from runtz_core.credits import service as credits
from runtz_core.credits.models import Purpose
from runtz_core.failures import FailureKind
from runtz_core.jobs import work
from runtz_core.jobs.models import Batch
from runtz_core.prompts import library, lists
from runtz_core.prompts.library import Draft
from runtz_core.providers.base import Done
from runtz_core.settings import get_settings
from tests.app.client import ada, client, owner, password_hash, sit
from tests.app.test_archives import on_disk

__all__ = ["ada", "client", "owner", "password_hash"]

MODELS = [{"model": "ideogram-4-5", "tier": ""}, {"model": "flux-2-pro", "tier": ""}]


@pytest.fixture
def signed_in(
    client: httpx.AsyncClient, session: Session, ada: UUID, monkeypatch: pytest.MonkeyPatch
) -> httpx.AsyncClient:
    """Ada's browser; she has plenty."""
    monkeypatch.setenv("RUNTZ_SIMULATOR_URL", "http://127.0.0.1:9")
    get_settings.cache_clear()
    credits.grant(session, ada, 50_000, key="plenty", purpose=Purpose.GRANT, reason="test")
    session.commit()
    sit(client, session, ada)
    return client


def body(*prompts: str, **changes: object) -> dict[str, object]:
    rows = [{"prompt": words, "line": line} for line, words in enumerate(prompts, 1)]
    return {"rows": rows, "models": MODELS, "submission_key": "k", "name": "Sheet"} | changes


async def test_from_a_sheet_to_its_results(signed_in: httpx.AsyncClient, session: Session, ada: UUID) -> None:
    sheet = "prompt;seed\n=cmd|calc;1\nein Hafen;2\n;3\n".encode("utf-16")
    read = (await signed_in.post("/api/batches/read?kind=file", content=sheet)).json()
    assert (len(read["rows"]), read["bad"], read["notes"][0]["line"], read["encoding"]) == (2, 1, 4, "UTF-16")
    asked = body(rows=read["rows"])
    price = (await signed_in.post("/api/batches/price", json=asked)).json()
    assert (price["prompts"], price["pictures"]) == (2, 4)
    assert price["credits"] == sum(one[2] for one in price["by_model"]) > 0
    assert price["seconds"] > 0
    assert session.execute(select(col(Batch.id))).all() == []

    made = [(await signed_in.post("/api/batches", json=asked)).json()["batch_id"] for _ in range(2)]
    assert made[0] == made[1]
    at = f"/api/batches/{made[0]}"
    assert (await signed_in.post(f"{at}/pause")).json() == {"calls": 4}
    assert (await signed_in.get(at)).json()["state"] == "paused"
    assert (await signed_in.post(f"{at}/resume")).json() == {"calls": 4}
    taken = work.claim(session, worker="w", capacity=3, limits={}, lease=30, other_limit=9)
    for claim, kind in zip(taken, ("invalid", "content_blocked", "outcome_unknown"), strict=True):
        work.intend(session, claim)
        work.fail(session, claim, FailureKind(kind))
    session.commit()
    shown = (await signed_in.get(at)).json()
    assert (shown["working"], shown["failed"], shown["refused"], shown["needs_you"]) == (1, 1, 1, 1)
    assert (shown["retriable"], shown["seconds_left"] > 0, shown["state"]) == (1, True, "running")
    assert (await signed_in.get(f"{at}/rows?which=needs_you")).json() == {"numbers": [2]}
    grid = (await signed_in.get(f"{at}/rows?numbers=1,2,9,x,-1")).json()["rows"]
    assert [(row["number"], row["prompt"]) for row in grid] == [(1, "=cmd|calc"), (2, "ein Hafen")]
    assert [len(row["cells"]) for row in grid] == [2, 2]
    assert grid[0]["cells"][0][0]["words"] == "Ideogram did not take the request"
    assert (await signed_in.post(f"{at}/settle", json={"said": "not_billed"})).json() == {"calls": 1}
    assert (await signed_in.post(f"{at}/retry", json={})).json() == {"calls": 2}
    assert (await signed_in.post(f"{at}/cancel")).json() == {"calls": 3}
    written = (await signed_in.get(f"{at}/results.csv")).content.decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(written)))
    assert (table[0][0], [line[1] for line in table[1:]]) == ("row", ["'=cmd|calc"] * 2 + ["ein Hafen"] * 2)
    assert (await signed_in.get(f"{at}/download")).status_code == 404, "there is no picture yet"
    session.expire_all()
    assert credits.balance(session, ada).held == 0


async def test_the_zip_is_the_vaults_export_and_the_table(
    signed_in: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    made = (await signed_in.post("/api/batches", json=body("=cmd|calc"))).json()["batch_id"]
    for seed, claim in enumerate(
        work.claim(session, worker="w", capacity=2, limits={}, lease=30, other_limit=9)
    ):
        work.intend(session, claim)
        work.succeed(session, claim, Done(data=b"x"), on_disk(seed))
    session.commit()
    answer = await signed_in.get(f"/api/batches/{made}/download")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        lines = list(csv.DictReader(io.StringIO(archive.read("results.csv").decode("utf-8-sig"))))
    pictures = {
        f"pictures/0001-cmd-calc-{place}-{model['model']}-1.png" for place, model in enumerate(MODELS, 1)
    }
    assert {line["file"] for line in lines} == pictures
    sidecars = {name.replace(".png", ".json") for name in pictures}
    assert names == {"runtz.json", "pictures.csv", "results.csv"} | pictures | sidecars
    assert [line["prompt"] for line in lines] == ["'=cmd|calc"] * 2
    brought = (await signed_in.post("/api/imports", content=answer.content)).text.splitlines()[-1]
    assert (json.loads(brought)["known"], json.loads(brought)["problems"]) == (2, [])


async def test_saved_prompts_with_variables_become_rows(
    signed_in: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    saved = library.save(session, ada, Draft(name="Boat", body="a {tone} boat, {dawn|dusk}", negative="text"))
    session.commit()
    asked: dict[str, object] = {"prompt_ids": [str(saved)]}
    plain = (await signed_in.post("/api/batches/library", json=asked)).json()
    assert (plain["variables"], len(plain["rows"]), "Nothing is written" in plain["notes"][0]["text"]) == (
        ["tone"],
        2,
        True,
    )
    found = (
        await signed_in.post("/api/batches/library", json=asked | {"values": {"tone": "red\nblue"}})
    ).json()
    assert [row["prompt"] for row in found["rows"]][1:3] == ["a red boat, dusk", "a blue boat, dawn"]
    assert {(row["prompt_id"], row["negative"]) for row in found["rows"]} == {(str(saved), "text")}
    many = {"values": {"tone": "\n".join(f"tone {number}" for number in range(300))}}
    refused = await signed_in.post("/api/batches/library", json=asked | many)
    assert (refused.status_code, "make 600, and 500 of yours" in refused.json()["problem"]) == (200, True)


async def test_wildcards_and_lists_become_rows(
    signed_in: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    lists.save(session, ada, "__Pets__", ["cat", "dog", "cat"])
    session.commit()
    asked = {"template": "a {tone} __pets__ at {dawn|dusk}", "values": {"tone": "red\nblue"}}
    found = (await signed_in.post("/api/batches/expand", json=asked)).json()
    assert (found["total"], len(found["rows"]), found["rows"][0]["prompt"]) == (8, 8, "a red cat at dawn")
    asked = {"template": "{a|b|c|d}" * 8}
    many = await signed_in.post("/api/batches/expand", json=asked)
    assert (many.status_code, many.json()["too_many"]) == (200, True)
    assert "make 65,536 prompts, and 500 of yours run at once" in many.json()["problem"]
    refused = await signed_in.post("/api/batches/expand", json={"template": "a __nothing__"})
    assert ("no list called" in refused.json()["problem"], refused.json()["too_many"]) == (True, False)
    for asked in (
        {"template": "{a|b} " * 5_000},
        {"template": "{a}" * 9_000, "values": {"a": "x" * 30_000}},
    ):
        said = (await signed_in.post("/api/batches/expand", json=asked)).json()["problem"]
        assert said.endswith(".")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("read?kind=file", b""),
        ("read?kind=pasted", b"\n\n"),
        ("read?kind=file&prompt=99999", b"a,b\n"),
        ("expand", b"[]"),
        ("expand", b'{"template": 5}'),
        ("read?kind=file", b"," * 1_000_000 + b"x"),
        ("price", b'{"rows": [], "models": []}'),
        ("price", b'{"rows": [{"prompt": {}}], "models": [{"model": "x"}]}'),
        ("price", b'{"rows": [{"prompt": "\\ud800"}], "models": [{"model": "no such"}], "samples": 1e99}'),
        ("price", b"{" * 100_000),
    ],
)
async def test_what_cannot_be_read_or_priced_is_said_in_a_sentence_that_is_no_error_of_the_page(
    signed_in: httpx.AsyncClient, path: str, content: bytes
) -> None:
    answer = await signed_in.post(f"/api/batches/{path}", content=content)
    assert (answer.status_code, answer.json()["problem"][-1]) == (200, ".")


async def test_too_many_prompts_too_few_credits_and_dear_runs_are_said_first(
    signed_in: httpx.AsyncClient, session: Session, ada: UUID
) -> None:
    many = await signed_in.post("/api/batches", json=body(*(f"p {number}" for number in range(501))))
    assert "501 prompts; a batch takes 500" in many.json()["problem"]
    poor = await signed_in.post(
        "/api/batches", json=body(*(f"p {number}" for number in range(500)), samples=2)
    )
    assert "credits and you have" in poor.json()["problem"]
    session.connection().exec_driver_sql("UPDATE house_rules SET confirm_above = 10")
    session.commit()
    dear = await signed_in.post("/api/batches", json=body("one"))
    assert (dear.status_code, dear.json()["confirm"]["above"]) == (409, 10)
    assert session.execute(select(col(Batch.id))).all() == []
    assert "batch_id" in (await signed_in.post("/api/batches", json=body("one", confirmed=True))).json()
