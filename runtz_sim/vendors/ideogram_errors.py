"""Ideogram's error answers, in their several shapes, and the keys it turns away."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from runtz_sim.faults import Fault, FaultKind
from runtz_sim.vendor import Refused, retry_after


def invalid(detail: str) -> Response:
    """The 400 of the request validator."""
    return JSONResponse({"type": "about:blank", "title": "Bad Request", "detail": detail, "status": 400}, 400)


def not_found() -> Response:
    """The 404 for a path or an id that is not there."""
    return JSONResponse({"message": "Not found."}, 404)


def blocked(fault: Fault, model: str) -> Response:
    """The 422 of the prompt filter."""
    if fault.options.get("body") == "empty":
        return JSONResponse({}, 422)
    message = "Prompt provided failed safety check due to the inclusion of prohibited content."
    return JSONResponse({"error": message}, 422)


def key_of(request: Request) -> str:
    """The key from its header. Raises Refused when it is missing, bad, or its account is empty."""
    key = request.headers.get("api-key", "")
    if not key or key.startswith("bad-"):
        raise Refused(_auth(Fault(kind=FaultKind.AUTH), ""))
    return key


def check_account(key: str, model: str) -> None:
    """Raises Refused for a key whose account may not buy."""
    if key.startswith("quota-"):
        raise Refused(_quota(Fault(kind=FaultKind.QUOTA), model))


def _auth(fault: Fault, model: str) -> Response:
    return JSONResponse({"message": "Access denied. Please verify your API Token is valid."}, 401)


def _quota(fault: Fault, model: str) -> Response:
    reason = fault.options.get("reason", "insufficient_funds")
    return JSONResponse({"error": "Not enough credits.", "reject_reason": reason}, 402)


def _rate_limited(fault: Fault, model: str) -> Response:
    body: dict[str, Any] = {"error": "Too many requests in flight.", "reject_reason": "inflight_limit"}
    return JSONResponse({**body, "max_inflight_requests": 10}, 429, headers=retry_after(fault))


def _gone(fault: Fault, model: str) -> Response:
    return not_found()


def _refused_field(fault: Fault, model: str) -> Response:
    if fault.options.get("shape") == "error":
        return JSONResponse({"error": "Invalid request."}, 400)
    return invalid("'9999x9999' is not one of ['1024x1024'] - 'size'")


def _broken(fault: Fault, model: str) -> Response:
    return JSONResponse({"error": "Internal server error."}, 500)


def _overloaded(fault: Fault, model: str) -> Response:
    return JSONResponse({"error": "Service unavailable."}, 503)


REFUSALS = {
    FaultKind.AUTH: _auth,
    FaultKind.QUOTA: _quota,
    FaultKind.RATE_LIMITED: _rate_limited,
    FaultKind.MODEL_GONE: _gone,
    FaultKind.INVALID: _refused_field,
    FaultKind.SERVER_ERROR: _broken,
    FaultKind.UNAVAILABLE: _overloaded,
}
