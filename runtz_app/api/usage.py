"""A person's account over HTTP: pages of lines for the usage page, and all of them as CSV."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from runtz_app.api.guard import nothing_here, person_behind
from runtz_app.threads import run_core
from runtz_core.cells import plain
from runtz_core.jobs import statement
from runtz_core.jobs.statement import Line, Which

PAGE = 30
AT_ONCE = 500  # lines read at a time for the CSV

COLUMNS = (
    "time", "what", "outcome", "credits", "balance", "usd", "basis", "simulated", "own key", "job", "call", "picture",
)  # fmt: skip


async def lines(request: Request) -> Response:
    """GET /api/usage/lines?which=&before=: the next page, with `next` for the one after it ("" at the end)."""
    which = request.query_params.get("which", "all")
    written = request.query_params.get("before", "")
    before = statement.parse_cursor(written) if written else None
    if which not in get_args(Which) or (written and before is None):
        return nothing_here()
    page, following = await run_core(
        statement.lines, person_behind(request).user_id, which=which, before=before, limit=PAGE
    )
    return JSONResponse(
        {
            "lines": [asdict(line) for line in page],
            "next": str(following) if following else "",
            "now": datetime.now(UTC).timestamp(),
        }
    )


async def as_csv(request: Request) -> Response:
    """GET /api/usage.csv: every line, the newest first."""
    name = f"runtz-usage-{datetime.now(UTC):%Y-%m-%d}.csv"
    return StreamingResponse(
        _rows(person_behind(request).user_id),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _rows(user_id: UUID) -> AsyncIterator[str]:
    yield _written([COLUMNS])
    before = None
    while True:
        page, before = await run_core(statement.lines, user_id, before=before, limit=AT_ONCE)
        yield _written([_row(line) for line in page])
        if before is None:
            return


def _row(line: Line) -> tuple[object, ...]:
    usd = "" if line.usd_micros is None else f"{line.usd_micros / 1_000_000:.6f}"
    at = datetime.fromtimestamp(line.at, UTC).isoformat(timespec="seconds")
    yes_no = ["yes" if line.simulated else "no", "yes" if line.own_key else "no"]
    return (
        at, plain(line.what), line.outcome, line.credits, line.balance, usd, line.basis, *yes_no, line.job_id,
        line.call_id, line.image_id,
    )  # fmt: skip


def _written(rows: list[tuple[object, ...]] | list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
