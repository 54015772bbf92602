"""Batches over HTTP: reading sheets, prices, submitting, steering, the grid, and results as files."""

import csv
import io
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from functools import partial
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from runtz_app.api import bodies, posted
from runtz_app.api.answers import answered
from runtz_app.api.bodies import ids_of
from runtz_app.api.guard import nothing_here, person_behind
from runtz_app.api.posted import BodyRefused, read_bytes, read_json, text, whole
from runtz_app.api.zipping import zipped
from runtz_app.pace import Pace
from runtz_app.threads import run_core
from runtz_core.batches import estimate, queries, results, service, sheet
from runtz_core.batches.service import Order
from runtz_core.batches.sheet import Row, Sheet
from runtz_core.ids import parse_id
from runtz_core.jobs.requests import ModelChoice
from runtz_core.jobs.resolution import Resolution
from runtz_core.jobs.service import NotFound
from runtz_core.prompts import lists, wildcards
from runtz_core.settings import get_settings

SOURCES = ("pasted", "file", "library", "wildcards")

_submits = Pace(per_second=0.5, burst=20)  # of one person, as runs are in the gate

TOO_FAST = (
    "This came faster than the server takes it. Nothing was done or charged; wait a moment and try again."
)
LATE = "The server is still writing this batch. Ask again with the same key."


@answered
async def read(request: Request) -> Response:
    """POST /api/batches/read?kind=pasted|file&…: the rows of a sheet, and what is wrong with which line."""
    data = await read_bytes(request)
    limits = get_settings().limits
    most = await run_core(service.most_jobs, person_behind(request).user_id, limits)
    asked = request.query_params
    if asked.get("kind") != "file":
        found = sheet.read_lines(data.decode("utf-8", "replace"), most=most, limits=limits)
        return JSONResponse(_sheet(found, most))
    mapping = {
        name: int(asked[name])
        for name in sheet.FIELDS
        if asked.get(name, "").isascii() and asked.get(name, "").isdecimal() and len(asked[name]) < 6
    }
    heading = {"yes": True, "no": False}.get(asked.get("heading", ""))
    found = sheet.read_sheet(data, most=most, limits=limits, mapping=mapping or None, has_heading=heading)
    return JSONResponse(_sheet(found, most))


@answered
async def expand(request: Request) -> Response:
    """POST /api/batches/expand {template, values}: the rows a template with wildcards and variables makes."""
    body = await read_json(request)
    limits = get_settings().limits
    user_id = person_behind(request).user_id
    most = await run_core(service.most_jobs, user_id, limits)
    known = await run_core(lists.known, user_id)
    template = _filled(text(body, "template", limits.prompt_chars), body.get("values"), limits.prompt_chars)
    total = wildcards.count(template, known)
    made = wildcards.expand(template, known, limit=most)
    found = sheet.from_prompts(made, most=most, limits=limits, total=total)
    return JSONResponse(_sheet(found, most) | {"variables": wildcards.variables(template)})


@answered
async def from_library(request: Request) -> Response:
    """POST /api/batches/library {prompt_ids}: saved prompts as rows; their wildcards are expanded."""
    asked = (await read_json(request)).get("prompt_ids")
    limits, user_id = get_settings().limits, person_behind(request).user_id
    most = await run_core(service.most_jobs, user_id, limits)
    found = await run_core(sheet.from_library, user_id, ids_of(asked, most=most), most=most, limits=limits)
    return JSONResponse(_sheet(found, most))


def _filled(template: str, values: Any, most: int) -> str:
    """Variables with several values become groups, so that every combination is made."""
    if not isinstance(values, dict):
        return template
    written: dict[str, str] = {}
    for name, lines in list(values.items())[:20]:
        if isinstance(name, str) and isinstance(lines, str) and lines.strip() and len(lines) <= most:
            options = [line.strip() for line in lines.splitlines() if line.strip()]
            written[name] = "{" + "|".join(options) + "}" if len(options) > 1 else options[0]
    return wildcards.fill(template, written)


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


@answered
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
    found = await run_core(results.image_ids, person_behind(request).user_id, _known(request))
    return JSONResponse({"ids": [str(image_id) for image_id in found]})


def _steering(act: Callable[..., int]) -> Callable[[Request], Any]:
    @answered
    async def route(request: Request) -> Response:
        return JSONResponse({"calls": await run_core(act, person_behind(request).user_id, _known(request))})

    return route


pause = _steering(service.pause)
resume = _steering(service.resume)
cancel = _steering(service.cancel_rest)


@answered
async def retry(request: Request) -> Response:
    """POST /api/batches/{batch_id}/retry {which: failed|cancelled, confirmed}."""
    user_id, batch_id = person_behind(request).user_id, _known(request)
    body = await bodies.read_json(request)
    if not _submits.admits(str(user_id)):
        return posted.refused(TOO_FAST, 429)
    which = "cancelled" if body.get("which") == "cancelled" else "failed"
    act = partial(service.retry, which=which, confirmed=body.get("confirmed") is True)
    return JSONResponse({"calls": await run_core(act, user_id, batch_id)})


@answered
async def settle(request: Request) -> Response:
    """POST /api/batches/{batch_id}/settle {said: billed|not_billed}: every unknown outcome alike."""
    user_id, batch_id = person_behind(request).user_id, _known(request)
    said = (await bodies.read_json(request)).get("said")
    await run_core(service.owned, user_id, batch_id)
    if said not in tuple(Resolution):
        return posted.refused("Say whether they were billed or not. Nothing was changed.")
    return JSONResponse({"calls": await run_core(service.decide, user_id, batch_id, Resolution(said))})


@answered
async def as_csv(request: Request) -> Response:
    """GET /api/batches/{batch_id}/results.csv: a line for each picture, or for what stands in its place."""
    user_id, batch_id = person_behind(request).user_id, _known(request)
    first = await run_core(results.table, user_id, batch_id)
    return StreamingResponse(
        _lines(user_id, batch_id, first),
        media_type="text/csv; charset=utf-8",
        headers=_attached(f"runtz-batch-{batch_id.hex[-4:]}.csv"),
    )


async def _lines(user_id: UUID, batch_id: UUID, page: list[tuple[object, ...]]) -> AsyncIterator[str]:
    yield _written([results.COLUMNS])
    while page:
        yield _written(page)
        page = await run_core(results.table, user_id, batch_id, after=int(str(page[-1][0])))


def _written(lines: list[tuple[object, ...]] | list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    return out.getvalue()


@answered
async def download(request: Request) -> Response:
    """GET /api/batches/{batch_id}/download: all originals as one ZIP."""
    batch_id = _known(request)
    files = await run_core(results.files, person_behind(request).user_id, batch_id)
    present = [(name, path) for name, path in files if path.is_file()]
    if not present:
        return nothing_here()
    name = f"runtz-batch-{batch_id.hex[-4:]}.zip"
    return StreamingResponse(zipped(present), media_type="application/zip", headers=_attached(name))


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
