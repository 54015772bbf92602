"""Batches over HTTP: reading sheets, prices, submitting, steering, the grid, and results as files."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from functools import partial
from typing import Any
from uuid import UUID

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from runtz_app.api import bodies, posted
from runtz_app.api.answers import advised, answered
from runtz_app.api.archives import packed
from runtz_app.api.bodies import ids_of
from runtz_app.api.guard import nothing_here, person_behind
from runtz_app.api.posted import BodyRefused, read_bytes, read_json, text, whole
from runtz_app.pace import Pace
from runtz_app.threads import run_core
from runtz_core.archive.writing import ArchiveEntry, entries
from runtz_core.batches import estimate, queries, results, service, sheet, steering
from runtz_core.batches.service import Order
from runtz_core.batches.sheet import Row, Sheet
from runtz_core.ids import parse_id
from runtz_core.jobs.requests import ModelChoice
from runtz_core.jobs.resolution import Resolution
from runtz_core.jobs.service import NotFound
from runtz_core.prompts import lists, wildcards
from runtz_core.settings import get_settings

VARIABLES = 20  # whose values are taken
SOURCES = ("pasted", "file", "library", "wildcards")

_submits = Pace(per_second=0.5, burst=20)  # of one person, as runs are in the gate

TOO_FAST = (
    "This came faster than the server takes it. Nothing was done or charged; wait a moment and try again."
)
LATE = "The server is still writing this batch. Ask again with the same key."


@advised
async def read(request: Request) -> Response:
    """POST /api/batches/read?kind=pasted|file&…: the rows of a sheet, and what is wrong with which line."""
    data = await read_bytes(request)
    limits = get_settings().limits
    most = await run_core(service.most_jobs, person_behind(request).user_id, limits)
    asked = request.query_params
    if asked.get("kind") != "file":
        pasted = data.decode("utf-8", "replace")
        found = await asyncio.to_thread(sheet.read_lines, pasted, most=most, limits=limits)
        return JSONResponse(_sheet(found, most))
    mapping = {
        name: int(asked[name])
        for name in sheet.FIELDS
        if asked.get(name, "").isascii() and asked.get(name, "").isdecimal() and len(asked[name]) < 6
    }
    heading = {"yes": True, "no": False}.get(asked.get("heading", ""))
    found = await asyncio.to_thread(
        sheet.read_sheet, data, most=most, limits=limits, mapping=mapping or None, has_heading=heading
    )
    return JSONResponse(_sheet(found, most))


@advised
async def expand(request: Request) -> Response:
    """POST /api/batches/expand {template, values}: the rows a template with wildcards and variables makes."""
    body = await read_json(request)
    limits = get_settings().limits
    user_id = person_behind(request).user_id
    most = await run_core(service.most_jobs, user_id, limits)
    known = await run_core(lists.known, user_id)
    written, values = text(body, "template", limits.prompt_chars), _values(body, limits.prompt_chars)
    try:
        template = wildcards.combined(written, values)
        made = await asyncio.to_thread(wildcards.within, template, known, most)
    except wildcards.WildcardProblem as problem:  # an answer, not a failure: somebody is still typing
        too_many = isinstance(problem, wildcards.TooManyPrompts)
        return JSONResponse({"problem": str(problem), "too_many": too_many})
    found = sheet.from_prompts(made, most=most, limits=limits)
    return JSONResponse(_sheet(found, most) | {"variables": wildcards.variables(template)})


@advised
async def from_library(request: Request) -> Response:
    """POST /api/batches/library {prompt_ids, values}: saved prompts as rows; wildcards and variables make several."""
    body = await read_json(request)
    limits, user_id = get_settings().limits, person_behind(request).user_id
    most = await run_core(service.most_jobs, user_id, limits)
    chosen, values = ids_of(body.get("prompt_ids"), most=most), _values(body, limits.prompt_chars)
    act = partial(sheet.from_library, values=values, most=most, limits=limits)
    found, variables = await run_core(act, user_id, chosen)
    return JSONResponse(_sheet(found, most) | {"variables": variables})


def _values(body: dict[str, Any], most: int) -> dict[str, str]:
    """What the page posts for variables: name → lines."""
    values = body.get("values")
    if not isinstance(values, dict):
        return {}
    return {
        name: lines
        for name, lines in list(values.items())[:VARIABLES]
        if isinstance(name, str) and isinstance(lines, str) and len(lines) <= most
    }


def _sheet(found: Sheet, most: int) -> dict[str, Any]:
    rows = [asdict(row) | {"prompt_id": str(row.prompt_id or "")} for row in found.rows]
    return asdict(found) | {"most": most, "rows": rows}


def _order(body: dict[str, Any]) -> Order:
    """What the page posts as a batch. Raises BodyRefused."""
    limits = get_settings().limits
    rows, models = body.get("rows"), body.get("models")
    if not isinstance(rows, list) or not isinstance(models, list) or len(models) > 64:
        raise BodyRefused("The page sent no prompts or no models; reload it. Nothing was done.")
    source = text(body, "source")
    seed = whole(body, "seed", 0) if body.get("seed") is not None else None
    return Order(
        submission_key=text(body, "submission_key"),
        rows=tuple(_row(row, limits.prompt_chars) for row in rows[: limits.batch_jobs_owner + 1]),
        models=tuple(_choice(model) for model in models),
        name=text(body, "name", 400),
        source=source if source in SOURCES else "pasted",
        ratio=text(body, "ratio") or "1:1",
        samples=whole(body, "samples", 1),
        seed=seed,
        negative=text(body, "negative", limits.prompt_chars),
        confirmed=body.get("confirmed") is True,
    )


def _row(row: Any, most: int) -> Row:
    if not isinstance(row, dict):
        raise BodyRefused("The page sent something that is no row; reload it. Nothing was done.")
    return Row(
        prompt=text(row, "prompt", most + 1),
        line=whole(row, "line", 0),
        negative=text(row, "negative", most + 1),
        ratio=text(row, "ratio"),
        prompt_id=parse_id(text(row, "prompt_id")),
        seed=whole(row, "seed", 0) if row.get("seed") is not None else None,
    )


def _choice(model: Any) -> ModelChoice:
    if not isinstance(model, dict):
        raise BodyRefused("The page sent something that is no model; reload it. Nothing was done.")
    return ModelChoice(model=text(model, "model"), tier=text(model, "tier"))


@advised
async def price(request: Request) -> Response:
    """POST /api/batches/price: what a batch would cost and how long it would take; nothing is done."""
    order = _order(await read_json(request))
    found = await run_core(estimate.estimate, get_settings(), person_behind(request).user_id, order)
    return JSONResponse(asdict(found))


@answered
async def submit(request: Request) -> Response:
    """POST /api/batches: run it. The same submission key is the same batch."""
    order = _order(await read_json(request))
    user_id = person_behind(request).user_id
    if not _submits.admits(str(user_id)):
        return posted.refused(TOO_FAST, 429)
    try:
        batch_id = await run_core(service.submit, user_id, order)
    except TimeoutError:  # it goes on and commits; asking again with the same key finds it
        return JSONResponse({"late": LATE}, 202)
    return JSONResponse({"batch_id": str(batch_id)})


def _known(request: Request) -> UUID:
    """The id in the address. Raises NotFound."""
    batch_id = parse_id(request.path_params["batch_id"])
    if batch_id is None:
        raise NotFound
    return batch_id


@answered
async def one(request: Request) -> Response:
    """GET /api/batches/{batch_id}: its counts."""
    found = await run_core(queries.view, get_settings(), person_behind(request).user_id, _known(request))
    return JSONResponse(asdict(found))


@answered
async def rows(request: Request) -> Response:
    """GET /api/batches/{batch_id}/rows?which=… gives row numbers; ?numbers=1,2,3 gives those rows."""
    user_id, batch_id = person_behind(request).user_id, _known(request)
    wanted = request.query_params.get("numbers")
    if wanted is None:
        which = request.query_params.get("which", "all")
        if which not in queries.FILTERS:
            return nothing_here()
        return JSONResponse({"numbers": await run_core(queries.numbers, user_id, batch_id, which)})
    asked = [
        int(number)
        for number in wanted.split(",")[: queries.ROWS_AT_ONCE]
        if number.isascii() and number.isdecimal() and len(number) < 8
    ]
    found = await run_core(queries.grid, user_id, batch_id, asked)
    return JSONResponse({"rows": [asdict(row) for row in found]})


@answered
async def pictures(request: Request) -> Response:
    """GET /api/batches/{batch_id}/pictures: the ids of all its pictures, for collections and the lightbox."""
    found = await run_core(results.file_names, person_behind(request).user_id, _known(request))
    return JSONResponse({"ids": [str(image_id) for image_id in found]})


def _steering(act: Callable[..., int]) -> Callable[[Request], Any]:
    @answered
    async def route(request: Request) -> Response:
        return JSONResponse({"calls": await run_core(act, person_behind(request).user_id, _known(request))})

    return route


pause = _steering(steering.pause)
resume = _steering(steering.resume)
cancel = _steering(steering.cancel_rest)


@answered
async def retry(request: Request) -> Response:
    """POST /api/batches/{batch_id}/retry {which: failed|cancelled, confirmed}."""
    user_id, batch_id = person_behind(request).user_id, _known(request)
    body = await bodies.read_json(request)
    if not _submits.admits(str(user_id)):
        return posted.refused(TOO_FAST, 429)
    which = "cancelled" if body.get("which") == "cancelled" else "failed"
    act = partial(steering.retry, which=which, confirmed=body.get("confirmed") is True)
    return JSONResponse({"calls": await run_core(act, user_id, batch_id)})


@answered
async def settle(request: Request) -> Response:
    """POST /api/batches/{batch_id}/settle {said: billed|not_billed}: every unknown outcome alike."""
    user_id, batch_id = person_behind(request).user_id, _known(request)
    said = (await bodies.read_json(request)).get("said")
    await run_core(service.owned, user_id, batch_id)
    if said not in tuple(Resolution):
        return posted.refused("Say whether they were billed or not. Nothing was changed.")
    return JSONResponse({"calls": await run_core(steering.decide, user_id, batch_id, Resolution(said))})


@answered
async def as_csv(request: Request) -> Response:
    """GET /api/batches/{batch_id}/results.csv: a line for each picture, or for what stands in its place."""
    user_id, batch_id = person_behind(request).user_id, _known(request)
    named = await run_core(results.file_names, user_id, batch_id)
    first = await run_core(results.table, user_id, batch_id, named=named)
    return StreamingResponse(
        _lines(user_id, batch_id, first, named),
        media_type="text/csv; charset=utf-8",
        headers=_attached(f"runtz-batch-{batch_id.hex[-4:]}.csv"),
    )


async def _lines(
    user_id: UUID, batch_id: UUID, page: list[tuple[object, ...]], named: dict[UUID, str]
) -> AsyncIterator[str]:
    yield results.written([results.COLUMNS], first=True)
    while page:
        yield results.written(page)
        after = int(str(page[-1][0]))
        page = await run_core(results.table, user_id, batch_id, after=after, named=named)


@answered
async def download(request: Request) -> Response:
    """GET /api/batches/{batch_id}/download: the vault's export of all its pictures, and the table of results."""
    batch_id = _known(request)
    found = await run_core(_packing, person_behind(request).user_id, batch_id)
    if not found:
        return nothing_here()
    name = f"runtz-batch-{batch_id.hex[-4:]}.zip"
    return StreamingResponse(packed(found), media_type="application/zip", headers=_attached(name))


def _packing(session: Session, user_id: UUID, batch_id: UUID) -> list[ArchiveEntry]:
    named = results.file_names(session, user_id, batch_id)
    found = entries(session, user_id, list(named), names=named) if named else []
    if not found:
        return []
    manifest, *others = found
    table = results.whole(session, user_id, batch_id, named)
    return [manifest, ArchiveEntry(name="results.csv", moment=manifest.moment, data=table), *others]


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
