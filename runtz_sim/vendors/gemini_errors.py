"""Gemini's error answers (google.rpc.Status as JSON), and the keys it turns away."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from runtz_sim.faults import Fault, FaultKind
from runtz_sim.vendor import Refused

_SERVICE = "generativelanguage.googleapis.com"


def error(code: int, status: str, message: str, details: list[dict[str, Any]] | None = None) -> JSONResponse:
    """`{"error": {code, message, status, details}}`."""
    body: dict[str, Any] = {"code": code, "message": message, "status": status}
    if details:
        body["details"] = details
    return JSONResponse({"error": body}, code)


def key_of(request: Request) -> str:
    """The key from the header or the query. Raises Refused when it is missing or bad."""
    key = request.headers.get("x-goog-api-key") or request.query_params.get("key", "")
    if not key:
        message = "Method doesn't allow unregistered callers (callers without established identity)."
        raise Refused(error(403, "PERMISSION_DENIED", message))
    if key.startswith("bad-"):
        raise Refused(_auth(Fault(kind=FaultKind.AUTH), ""))
    return key


def check_account(key: str, model: str) -> None:
    """Raises Refused for a key whose account may not buy."""
    if key.startswith("quota-"):
        raise Refused(_quota(Fault(kind=FaultKind.QUOTA), model))


def no_such_model(model: str) -> Response:
    """The 404 for a model this vendor does not have."""
    message = f"models/{model} is not found for API version v1, or is not supported for generateContent."
    return error(404, "NOT_FOUND", message)


def _auth(fault: Fault, model: str) -> Response:
    if fault.options.get("code") == "403":
        return error(
            403, "PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key."
        )
    reason = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": _SERVICE},
    }
    return error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [reason])


def _quota(fault: Fault, model: str) -> Response:
    per_day = _quota_failure("GenerateRequestsPerDayPerProjectPerModel-FreeTier", model, "0")
    return error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", [per_day])


def _rate_limited(fault: Fault, model: str) -> Response:
    details = [_quota_failure("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", model, "10")]
    delay = fault.options.get("retry_after", "7")
    if delay != "none":
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{delay}s"})
    return error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please wait.", details)


def _quota_failure(quota_id: str, model: str, value: str) -> dict[str, Any]:
    violation = {
        "quotaMetric": f"{_SERVICE}/generate_content_free_tier_requests",
        "quotaId": quota_id,
        "quotaDimensions": {"location": "global", "model": model},
        "quotaValue": value,
    }
    return {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]}


def _gone(fault: Fault, model: str) -> Response:
    return no_such_model(model)


def _unverified(fault: Fault, model: str) -> Response:
    return error(400, "FAILED_PRECONDITION", "User location is not supported, or billing is not enabled.")


def _invalid(fault: Fault, model: str) -> Response:
    return error(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")


def _broken(fault: Fault, model: str) -> Response:
    if fault.options.get("code") == "504":
        return error(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.")
    return error(500, "INTERNAL", "An internal error has occurred.")


def _overloaded(fault: Fault, model: str) -> Response:
    return error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")


REFUSALS = {
    FaultKind.AUTH: _auth,
    FaultKind.ORG_UNVERIFIED: _unverified,
    FaultKind.QUOTA: _quota,
    FaultKind.RATE_LIMITED: _rate_limited,
    FaultKind.MODEL_GONE: _gone,
    FaultKind.INVALID: _invalid,
    FaultKind.SERVER_ERROR: _broken,
    FaultKind.UNAVAILABLE: _overloaded,
}
