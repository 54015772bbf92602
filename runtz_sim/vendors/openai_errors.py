"""OpenAI's error answers, and the keys it turns away."""

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from runtz_sim.faults import Fault, FaultKind
from runtz_sim.vendor import Refused, retry_after


def error(
    status: int, message: str, kind: str | None, code: str | None, param: str | None = None, **more: Any
) -> JSONResponse:
    """The vendor's error body: all four keys always present."""
    body = {"error": {"message": message, "type": kind, "param": param, "code": code, **more}}
    return JSONResponse(body, status, headers=headers())


def headers() -> dict[str, str]:
    """What comes with every answer; each has a request id of its own."""
    return {"x-request-id": f"req_{secrets.token_hex(16)}", "openai-version": "2020-10-01"}


def key_of(request: Request) -> str:
    """The bearer key. Raises Refused when it is missing or bad."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise Refused(error(401, "You didn't provide an API key.", "invalid_request_error", None))
    if key.startswith("bad-"):
        raise Refused(_auth(Fault(kind=FaultKind.AUTH), ""))
    return key


def check_account(key: str, model: str) -> None:
    """Let keys made for it fail: "unverified-…", "quota-…". Raises Refused."""
    if key.startswith("unverified-"):
        raise Refused(_unverified(Fault(kind=FaultKind.ORG_UNVERIFIED), model))
    if key.startswith("quota-"):
        raise Refused(_quota(Fault(kind=FaultKind.QUOTA), model))


def _auth(fault: Fault, model: str) -> Response:
    return error(401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key")


def _unverified(fault: Fault, model: str) -> Response:
    message = f"Your organization must be verified to use the model `{model}`."
    return error(403, message, "invalid_request_error", None)


def _quota(fault: Fault, model: str) -> Response:
    code = fault.options.get("code", "insufficient_quota")
    if code == "billing_hard_limit_reached":
        return error(400, "Billing hard limit has been reached.", "billing_limit_user_error", code)
    return error(429, "You exceeded your current quota, please check your plan.", "insufficient_quota", code)


def _rate_limited(fault: Fault, model: str) -> Response:
    response = error(429, f"Rate limit reached for {model}.", "requests", "rate_limit_exceeded")
    response.headers.update(retry_after(fault))
    if "retry_after_ms" in fault.options:
        response.headers["retry-after-ms"] = fault.options["retry_after_ms"]
    return response


def _blocked(fault: Fault, model: str) -> Response:
    message = "Your request was rejected by the safety system."
    if fault.options.get("code") == "content_policy_violation":
        return error(400, message, "invalid_request_error", "content_policy_violation")
    details = {"moderation_stage": fault.options.get("stage", "input"), "categories": ["violence"]}
    return error(
        400, message, "image_generation_user_error", "moderation_blocked", moderation_details=details
    )


def _gone(fault: Fault, model: str) -> Response:
    kind = fault.options.get("type", "image_generation_user_error")
    return error(400, f"The model '{model}' does not exist.", kind, "invalid_value", "model")


def _invalid(fault: Fault, model: str) -> Response:
    return error(400, "Invalid value for 'size'.", "invalid_request_error", "invalid_value", "size")


def _broken(fault: Fault, model: str) -> Response:
    return error(500, "The server had an error while processing your request.", "server_error", None)


def _overloaded(fault: Fault, model: str) -> Response:
    return error(503, "The server is overloaded or not ready yet.", "server_error", None)


REFUSALS = {
    FaultKind.AUTH: _auth,
    FaultKind.ORG_UNVERIFIED: _unverified,
    FaultKind.QUOTA: _quota,
    FaultKind.RATE_LIMITED: _rate_limited,
    FaultKind.MODEL_GONE: _gone,
    FaultKind.CONTENT_BLOCKED: _blocked,
    FaultKind.INVALID: _invalid,
    FaultKind.SERVER_ERROR: _broken,
    FaultKind.UNAVAILABLE: _overloaded,
}
