"""The OpenAPI document of version 1, made from the shapes, so that it cannot say anything else than they do."""

from functools import cache
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from runtz_app.api.v1 import shapes
from runtz_core.images.formats import FORMATS
from runtz_core.images.store import WIDTHS

_REFERENCE = "#/components/schemas/{model}"
_PROBLEMS = {
    400: "The request cannot be read.",
    401: "There is no good token.",
    402: "The credits do not suffice. Nothing was done.",
    403: "The token lacks the scope.",
    404: "There is no such thing, or it is somebody else's.",
    409: "The first request with this key is still being worked on.",
    413: "The request is too large.",
    415: "The request is not JSON.",
    422: "The request is refused; the message says why. Nothing was done.",
    429: "Too fast; try again after Retry-After seconds.",
    500: "The server failed at this.",
    503: "The database or a thumbnail is not at hand; try again.",
}
_ALWAYS = (401, 403, 422, 429, 500, 503)


@cache
def document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Runtz AI",
            "version": "1",
            "description": "Jobs, pictures and credits of the person whose token is sent. Ids are UUIDs, credits "
            "whole numbers, money millionths of a dollar, times UTC.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API token, made in Profile. Scope “read” reads, “run” submits and cancels.",
                }
            },
        },
    }


def _schemas() -> dict[str, Any]:
    sent: list[type[BaseModel]] = [shapes.NewJob]
    got: list[type[BaseModel]] = [
        shapes.MadeJob, shapes.Job, shapes.Jobs, shapes.Call, shapes.Cancelled, shapes.Models, shapes.Balance,
        shapes.Problem,
    ]  # fmt: skip
    _, schemas = models_json_schema(
        [*((model, "validation") for model in sent), *((model, "serialization") for model in got)],
        ref_template=_REFERENCE,
    )
    found: dict[str, Any] = schemas["$defs"]
    return found


def _paths() -> dict[str, Any]:
    listed = [
        _query("limit", {"type": "integer", "minimum": 1, "maximum": shapes.PAGE, "default": 20}),
        _query("before", {"type": "string", "format": "uuid"}),
    ]
    ratio = _query("ratio", {"type": "string", "enum": list(get_args(shapes.Ratio)), "default": "1:1"})
    width = _query("w", {"type": "integer", "enum": [0, *WIDTHS], "default": 0})
    follow = {
        "read": {"operationId": "readJob", "parameters": {"job_id": "$response.body#/id"}},
        "cancel": {"operationId": "cancelJob", "parameters": {"job_id": "$response.body#/id"}},
        "call": {"operationId": "readCall", "parameters": {"call_id": "$response.body#/calls/0/id"}},
    }
    return {
        "/models": {"get": _does("listModels", "Models and what they cost", _gives("Models"), 422, takes=[ratio])},
        "/balance": {"get": _does("readBalance", "What is left to spend", _gives("Balance"))},
        "/jobs": {
            "get": _does("listJobs", "Jobs, the newest first", _gives("Jobs"), 422, takes=listed),
            "post": _does("createJob", "Ask models for pictures", _gives("MadeJob", 201, follow), 400, 402, 409, 413,
                          415, 422, takes=[_KEY], body="NewJob"),
        },
        "/jobs/{job_id}": {"get": _does("readJob", "A job with its calls", _gives("Job"), 404, takes=[_id("job_id")])},
        "/jobs/{job_id}/cancel": {
            "post": _does("cancelJob", "Stop what can be stopped", _gives("Cancelled"), 404, takes=[_id("job_id")])
        },
        "/calls/{call_id}": {"get": _does("readCall", "One call", _gives("Call"), 404, takes=[_id("call_id")])},
        "/images/{image_id}": {
            "get": _does("readImage", "A picture's bytes", _PICTURE, 404, 422, takes=[_id("image_id"), width])
        },
    }  # fmt: skip


_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "The same key with the same request gets the same answer for a day, and makes no second job.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
_PICTURE = {
    "200": {
        "description": "The bytes as received, or a WebP of the asked width.",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in sorted(FORMATS)},
    },
    "304": {"description": "You have it: If-None-Match names it."},
}


def _does(
    operation: str, summary: str, success: dict[str, Any], *problems: int, takes: Any = (), body: str = ""
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": operation,
        "summary": summary,
        "parameters": list(takes),
        "responses": success | {str(code): _trouble(code) for code in sorted({*problems, *_ALWAYS})},
    }
    if body:
        said["requestBody"] = {"required": True, "content": _content(body)}
    return said


def _gives(shape: str, code: int = 200, links: dict[str, Any] | None = None) -> dict[str, Any]:
    said: dict[str, Any] = {"description": "Done.", "content": _content(shape)}
    return {str(code): said | ({"links": links} if links else {})}


def _trouble(code: int) -> dict[str, Any]:
    return {"description": _PROBLEMS[code], "content": _content("Problem")}


def _content(shape: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REFERENCE.format(model=shape)}}}


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _id(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
