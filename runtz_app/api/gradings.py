"""Old gradings over HTTP, read only: the list with its trails, and one with all its rounds."""

from dataclasses import asdict
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from runtz_app.api.answers import answered
from runtz_app.api.guard import person_behind
from runtz_app.threads import run_core
from runtz_core.ids import parse_id
from runtz_core.jobs.service import NotFound
from runtz_core.writing import grading
from runtz_core.writing.trails import trails


@answered
async def find(request: Request) -> Response:
    """GET /api/gradings?job=&before=: a page of gradings, those of one job's prompt if `job` names it."""
    asked = request.query_params
    found, following = await run_core(
        trails,
        person_behind(request).user_id,
        job_id=parse_id(asked.get("job", "")),
        before=parse_id(asked.get("before", "")),
    )
    now = datetime.now(UTC).timestamp()
    return JSONResponse({"gradings": [asdict(one) for one in found], "next": following, "now": now})


@answered
async def one(request: Request) -> Response:
    """GET /api/gradings/{grading_id}: its rounds, the best one marked."""
    grading_id = parse_id(request.path_params["grading_id"])
    if grading_id is None:
        raise NotFound
    return JSONResponse(asdict(await run_core(grading.view, person_behind(request).user_id, grading_id)))


ROUTES = (Route("/api/gradings", find), Route("/api/gradings/{grading_id}", one))
