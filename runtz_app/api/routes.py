"""Every route of the mounted API, in one list, behind one guard."""

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from runtz_app.access import PROGRAM_ROUTES
from runtz_app.api import (
    account,
    archives,
    batches,
    calls,
    google,
    gradings,
    guests,
    images,
    pictures,
    prompts,
    register,
    shares,
    sign_in,
    tokens,
    uploads,
    usage,
    vault,
    vault_changes,
)
from runtz_app.api.guard import DATABASE_AWAY, NOT_HERE, RequirePerson
from runtz_app.api.health import health, ready
from runtz_app.api.metrics import metrics
from runtz_app.api.v1 import routes as v1
from runtz_app.api.v1.answers import problem
from runtz_core.db import may_pass

ROUTES = [
    Route("/health", health),
    Route("/ready", ready),
    Route("/metrics", metrics),
    Route("/api/auth/first-run", sign_in.first_run, methods=["POST"]),
    Route("/api/auth/sign-in", sign_in.sign_in, methods=["POST"]),
    Route("/api/auth/sign-out", sign_in.sign_out, methods=["POST"]),
    Route("/api/auth/register", register.register, methods=["POST"]),
    Route("/api/auth/reset", sign_in.reset, methods=["POST"]),
    Route("/api/auth/google", google.start, methods=["POST"]),
    Route("/api/auth/google/back", google.back),
    Route("/api/account/profile", account.save_profile, methods=["POST"]),
    Route("/api/account/password", account.change_password, methods=["POST"]),
    Route("/api/account/sessions/end", account.end_other_sessions, methods=["POST"]),
    Route("/api/account/sessions/{session_id}/end", account.end_session, methods=["POST"]),
    Route("/api/account/google/disconnect", account.disconnect_google, methods=["POST"]),
    Route("/api/account/tokens", tokens.make, methods=["POST"]),
    Route("/api/account/tokens/{token_id}/revoke", tokens.revoke, methods=["POST"]),
    Route("/api/account/export", account.download, methods=["POST"]),
    Route("/api/account/delete", account.leave, methods=["POST"]),
    Route("/api/images/{image_id}/download", images.download),
    Route("/api/images/{name}", images.image),
    Route("/api/calls/{call_id}/partial", calls.partial),
    Route("/api/usage/lines", usage.lines),
    Route("/api/usage.csv", usage.as_csv),
    Route("/api/pictures", pictures.facts),
    Route("/api/pictures/{image_id}", pictures.one),
    Route("/api/pictures/{image_id}/keep", pictures.keep, methods=["POST"]),
    Route("/api/pictures/{image_id}/delete", pictures.delete, methods=["POST"]),
    Route("/api/pictures/{image_id}/restore", pictures.restore, methods=["POST"]),
    Route("/api/exports", archives.export, methods=["GET", "POST"]),
    Route("/api/imports", archives.take_in, methods=["POST"]),
    Route("/api/uploads", uploads.upload, methods=["POST"]),
    Route("/api/masks/{image_id}", uploads.mask, methods=["POST"]),
    Route("/api/find", pictures.search),
    Route("/api/compare", pictures.compare),
    Route("/api/verdicts", pictures.pick, methods=["POST"]),
    Route("/api/shares", shares.links),
    Route("/api/shares/new", shares.make, methods=["POST"]),
    Route("/api/shares/{share_id}/revoke", shares.revoke, methods=["POST"]),
    Route("/s/{token}", guests.page),
    Route("/s/{token}/{name}", guests.picture),
    Route("/api/vault/page", vault.page),
    Route("/api/vault/ids", vault.ids),
    Route("/api/vault/count", vault.count),
    Route("/api/vault/rail", vault.sides),
    Route("/api/vault/statistics", vault.numbers),
    Route("/api/vault/items/{image_id}", vault.details),
    Route("/api/vault/items/{image_id}/edit", vault_changes.edit, methods=["POST"]),
    Route("/api/vault/like/{image_id}", vault.like),
    Route("/api/vault/trash/{image_id}", vault.thrown_away),
    Route("/api/vault/change", vault_changes.change, methods=["POST"]),
    Route("/api/vault/shelves", vault_changes.make, methods=["POST"]),
    Route("/api/vault/shelves/{shelf_id}", vault_changes.change_shelf, methods=["POST"]),
    *v1.ROUTES,
    Route("/api/batches", batches.submit, methods=["POST"]),
    Route("/api/batches/read", batches.read, methods=["POST"]),
    Route("/api/batches/expand", batches.expand, methods=["POST"]),
    Route("/api/batches/library", batches.from_library, methods=["POST"]),
    Route("/api/batches/price", batches.price, methods=["POST"]),
    Route("/api/batches/{batch_id}", batches.one),
    Route("/api/batches/{batch_id}/rows", batches.rows),
    Route("/api/batches/{batch_id}/pictures", batches.pictures),
    Route("/api/batches/{batch_id}/pause", batches.pause, methods=["POST"]),
    Route("/api/batches/{batch_id}/resume", batches.resume, methods=["POST"]),
    Route("/api/batches/{batch_id}/cancel", batches.cancel, methods=["POST"]),
    Route("/api/batches/{batch_id}/retry", batches.retry, methods=["POST"]),
    Route("/api/batches/{batch_id}/settle", batches.settle, methods=["POST"]),
    Route("/api/batches/{batch_id}/results.csv", batches.as_csv),
    Route("/api/batches/{batch_id}/download", batches.download),
    *prompts.ROUTES,
    *gradings.ROUTES,
    # Last: what else lies below /api/ is not a page of the front end.
    Route("/api/{rest:path}", lambda request: PlainTextResponse(NOT_HERE, 404)),
]


FAILED = "The server failed at this; its log has the details."


async def database_away(request: Request, error: Exception) -> Response:
    if isinstance(error, SQLAlchemyError) and not may_pass(error):
        raise error  # the database is there; what it was asked was wrong
    if request.url.path.startswith(PROGRAM_ROUTES):
        return problem(503, "database_away", DATABASE_AWAY)
    return PlainTextResponse(DATABASE_AWAY, 503)


async def failed(request: Request, error: Exception) -> Response:
    if request.url.path.startswith(PROGRAM_ROUTES):
        return problem(500, "failed", FAILED)
    return PlainTextResponse(FAILED, 500)


api = Starlette(
    routes=ROUTES,
    middleware=[Middleware(RequirePerson)],
    exception_handlers={SQLAlchemyError: database_away, TimeoutError: database_away, Exception: failed},
)
