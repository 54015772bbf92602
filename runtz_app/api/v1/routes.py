"""The routes of version 1. Each reads what it needs of the request, calls the core once, and answers."""

from collections.abc import Awaitable, Callable
from typing import Any, get_args
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from runtz_app.api import images
from runtz_app.api.v1 import shapes
from runtz_app.api.v1.answers import answer, not_here, problem
from runtz_app.api.v1.document import document
from runtz_app.api.v1.door import bearer_of
from runtz_app.pace import Pace
from runtz_app.threads import run_core
from runtz_core import words
from runtz_core.credits import service as credits
from runtz_core.credits.service import InsufficientCredits
from runtz_core.ids import new_id, parse_id
from runtz_core.images.store import WIDTHS
from runtz_core.jobs import chips, once, programs, service
from runtz_core.jobs.booking import ConfirmationNeeded, today_in
from runtz_core.jobs.once import Answer, InFlight, KeyReused
from runtz_core.jobs.requests import ModelChoice, Submission, SubmissionRefused
from runtz_core.jobs.service import NotFound
from runtz_core.settings import get_settings
from runtz_core.users import service as users

Handler = Callable[[Request], Awaitable[Response]]

MOST_BYTES = 1024 * 1024  # of a request: eight times the longest prompt in four-byte characters, escaped
KEY_CHARS = 255
SUBMITS = Pace(per_second=0.5, burst=20)  # as on the pages

_AGAIN = {"Retry-After": "1"}


class Unreadable(Exception):
    """The request cannot be read; `refusal` says why."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.refusal = problem(status, code, message)


REFUSALS = (Unreadable, InFlight, KeyReused, ConfirmationNeeded, InsufficientCredits, SubmissionRefused)


async def openapi(request: Request) -> Response:
    """GET /api/v1/openapi.json: open to all, since it says nothing about anybody."""
    return JSONResponse(document())


async def models(request: Request) -> Response:
    """GET /api/v1/models?ratio=."""
    ratio = request.query_params.get("ratio", "1:1")
    if ratio not in get_args(shapes.Ratio):
        return problem(422, "invalid", "ratio: choose one of " + ", ".join(get_args(shapes.Ratio)) + ".")
    settings = get_settings()
    found = await run_core(
        chips.chips,
        settings,
        bearer_of(request).user_id,
        ratio=ratio,
        tiers={},
        today=today_in(settings),
    )
    return answer(shapes.Models(models=[_model(chip) for chip in found]))


def _model(chip: Any) -> shapes.Model:
    same = {
        name: getattr(chip, name)
        for name in shapes.Model.model_fields
        if name not in ("id", "provider", "size")
    }
    return shapes.Model(id=chip.model, provider=chip.provider, size=chip.size.replace("×", "x"), **same)


async def balance(request: Request) -> Response:
    """GET /api/v1/balance."""
    has = await run_core(_balance, bearer_of(request).user_id)
    return answer(shapes.Balance(available=has.available, held=has.held))


def _balance(session: Session, user_id: UUID) -> credits.Balance:
    _arrive(session, user_id)
    return credits.balance(session, user_id)


def _arrive(session: Session, user_id: UUID) -> None:
    """Whoever only ever comes by program is filled up daily as well, where their tier is."""
    users.arrive(session, user_id, day=today_in(get_settings()))


async def jobs(request: Request) -> Response:
    """GET or POST /api/v1/jobs."""
    return await (_create(request) if request.method == "POST" else _list(request))


async def _list(request: Request) -> Response:
    limit, before = request.query_params.get("limit", "20"), request.query_params.get("before")
    if not (limit.isascii() and limit.isdecimal() and len(limit) < 4 and 1 <= int(limit) <= shapes.PAGE):
        return problem(422, "invalid", f"limit: a whole number from 1 to {shapes.PAGE}.")
    cursor = None if before is None else parse_id(before)
    if before is not None and cursor is None:
        return problem(422, "invalid", "before: an id of a job.")
    page, following = await run_core(
        programs.jobs, bearer_of(request).user_id, before=cursor, limit=int(limit)
    )
    return answer(shapes.Jobs(jobs=[shapes.JobLine(**line) for line in page], next=following))


async def _create(request: Request) -> Response:
    """A job, once for each Idempotency-Key of a person: the same request gets the same answer for a day."""
    bearer = bearer_of(request)
    try:
        key = _key(request)
        body = await _body(request)
        wanted = _new_job(body)
        if not SUBMITS.admits(str(bearer.user_id)):
            return problem(
                429, "too_fast", "Jobs come faster than the server takes them. Nothing was done.", _AGAIN
            )
        given = await run_core(_submit, bearer.user_id, key, body, wanted)
    except REFUSALS as refusal:
        return _refused(refusal)
    headers = {"Location": f"/api/v1/jobs/{given.body['id']}"}
    if given.replayed:
        headers["Idempotent-Replayed"] = "true"
    return answer(shapes.MadeJob(**given.body), 201, headers)


def _refused(refusal: Exception) -> Response:
    """Why no job was made. Nothing was stored, so the key may come again with a better request."""
    match refusal:
        case Unreadable():
            return refusal.refusal
        case InFlight():
            said = (
                "The first request with this Idempotency-Key is still being worked on. Ask again in a moment."
            )
            return problem(409, "in_flight", said, _AGAIN)
        case KeyReused():
            said = "This Idempotency-Key came with another request before. Nothing was done; use a new key."
            return problem(422, "key_reused", said)
        case ConfirmationNeeded():
            cost = (
                f"This costs {words.credits(refusal.total)}; what is above {refusal.above:,} asks first here."
            )
            said = f"{cost} Send “confirmed”: true to run it. Nothing was done."
            return problem(422, "confirmation_needed", said)
        case InsufficientCredits():
            said = f"This needs {words.credits(refusal.needed)} and you have {refusal.available:,}. Nothing was done."
            return problem(402, "insufficient_credits", said)
        case _:
            return problem(422, "refused", str(refusal))


def _submit(session: Session, user_id: UUID, key: str, body: bytes, wanted: shapes.NewJob) -> Answer:
    def act() -> dict[str, Any]:
        submission = Submission(
            submission_key=f"api:{new_id()}",  # the key itself may serve again after a day
            prompt=wanted.prompt,
            models=tuple(ModelChoice(model=chosen.model, tier=chosen.tier) for chosen in wanted.models),
            ratio=wanted.ratio,
            samples=wanted.samples,
            seed=wanted.seed,
            negative=wanted.negative,
            confirmed=wanted.confirmed,
        )
        _arrive(session, user_id)
        return programs.made(session, user_id, service.submit(session, user_id, submission))

    return once.once(session, user_id, key, body, act)


def _key(request: Request) -> str:
    key = request.headers.get("idempotency-key", "")
    if not 1 <= len(key) <= KEY_CHARS or not key.isascii() or not key.isprintable() or key != key.strip():
        raise Unreadable(
            400,
            "idempotency_key_needed",
            f"Send an Idempotency-Key of 1 to {KEY_CHARS} plain characters, a new one for each job you want.",
        )
    return key


async def _body(request: Request) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Unreadable(415, "not_json", "Send JSON, as Content-Type: application/json.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise Unreadable(413, "too_large", f"A request has at most {MOST_BYTES:,} bytes.")
    return bytes(body)


def _new_job(body: bytes) -> shapes.NewJob:
    try:
        return shapes.NewJob.model_validate_json(body)
    except ValidationError as bad:
        first = bad.errors(include_url=False, include_input=False, include_context=False)[0]
        if first["type"] == "json_invalid":
            raise Unreadable(400, "not_json", "The request is no JSON that can be read.") from None
        place = ".".join(str(part) for part in first["loc"])[:200] or "request"
        raise Unreadable(422, "invalid", f"{place}: {first['msg']}.") from None


async def job(request: Request) -> Response:
    """GET /api/v1/jobs/{job_id}."""
    job_id = parse_id(request.path_params["job_id"])
    if job_id is None:
        return not_here()
    try:
        return answer(shapes.Job(**await run_core(programs.job, bearer_of(request).user_id, job_id)))
    except NotFound:
        return not_here()


async def cancel(request: Request) -> Response:
    """POST /api/v1/jobs/{job_id}/cancel; again and again changes nothing more."""
    job_id = parse_id(request.path_params["job_id"])
    if job_id is None:
        return not_here()
    try:
        met = await run_core(service.cancel_job, bearer_of(request).user_id, job_id)
    except NotFound:
        return not_here()
    return answer(shapes.Cancelled(unfinished=met))


async def call(request: Request) -> Response:
    """GET /api/v1/calls/{call_id}."""
    call_id = parse_id(request.path_params["call_id"])
    if call_id is None:
        return not_here()
    try:
        return answer(shapes.Call(**await run_core(programs.call, bearer_of(request).user_id, call_id)))
    except NotFound:
        return not_here()


async def image(request: Request) -> Response:
    """GET /api/v1/images/{image_id}: the bytes as received, or with ?w= a WebP of that width."""
    width = request.query_params.get("w", "0")
    if width not in ("0", *map(str, WIDTHS)):
        return problem(422, "invalid", "w: " + " or ".join(map(str, WIDTHS)) + ", or leave it out.")
    text = request.path_params["image_id"]
    found = await images.answer(request, bearer_of(request).user_id, text, int(width), attachment=False)
    if found.status_code == 404:
        return not_here()
    if found.status_code >= 500:
        return problem(found.status_code, "unavailable", bytes(found.body).decode(), _AGAIN)
    return found


async def nothing(request: Request) -> Response:
    """What is not a route of version 1."""
    return not_here()


def taking(handler: Handler, *names: str) -> Handler:
    """The handler for requests that ask for nothing else than `names`: a mistyped one is said, not passed over."""

    async def checked(request: Request) -> Response:
        unknown = [name for name in request.query_params if name not in names]
        if unknown:
            known = ", ".join(names) or "nothing"
            return problem(422, "invalid", f"{unknown[0][:60]!r} is no parameter here; known is {known}.")
        return await handler(request)

    return checked


ROUTES = [
    Route("/api/v1/openapi.json", openapi),
    Route("/api/v1/models", taking(models, "ratio")),
    Route("/api/v1/balance", taking(balance)),
    Route("/api/v1/jobs", taking(jobs, "limit", "before"), methods=["GET", "POST"]),
    Route("/api/v1/jobs/{job_id}", taking(job)),
    Route("/api/v1/jobs/{job_id}/cancel", taking(cancel), methods=["POST"]),
    Route("/api/v1/calls/{call_id}", taking(call)),
    Route("/api/v1/images/{image_id}", taking(image, "w")),
    Route("/api/v1/{rest:path}", nothing),
]
