"""Each vendor's own refusals and oddities, word for word where a client must read them."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from runtz_sim.faults import FaultKind, Stage
from runtz_sim.vendors import VENDORS
from tests.sim import buying
from tests.sim.simulator import Simulator

Check = Callable[[dict[str, Any]], object]


def error(**expected: object) -> Check:
    """OpenAI's and Gemini's error object holds these."""
    return lambda body: {name: body["error"][name] for name in expected} == expected


def reason(name: str) -> Check:
    return lambda body: name in str(body["error"]["details"])


EXPECTED: dict[tuple[str, FaultKind], tuple[int, Check]] = {
    ("openai", FaultKind.AUTH): (
        401,
        error(type="invalid_request_error", code="invalid_api_key", param=None),
    ),
    ("openai", FaultKind.ORG_UNVERIFIED): (403, lambda body: "must be verified" in body["error"]["message"]),
    ("openai", FaultKind.QUOTA): (429, error(type="insufficient_quota", code="insufficient_quota")),
    ("openai", FaultKind.RATE_LIMITED): (429, error(type="requests", code="rate_limit_exceeded")),
    ("openai", FaultKind.MODEL_GONE): (400, error(code="invalid_value", param="model")),
    ("openai", FaultKind.CONTENT_BLOCKED): (
        400,
        error(type="image_generation_user_error", code="moderation_blocked"),
    ),
    ("openai", FaultKind.INVALID): (400, error(code="invalid_value", param="size")),
    ("openai", FaultKind.SERVER_ERROR): (500, error(type="server_error", code=None)),
    ("openai", FaultKind.UNAVAILABLE): (503, error(type="server_error", code=None)),
    ("openai", FaultKind.NO_IMAGE): (200, lambda body: body["data"] == []),
    ("openai", FaultKind.MORE_IMAGES): (200, lambda body: len(body["data"]) == 2),
    ("openai", FaultKind.FEWER_IMAGES): (200, lambda body: body["data"] == []),
    ("openai", FaultKind.PRICE_HIGHER): (200, lambda body: body["usage"]["output_tokens"] > 1000),
    ("openai", FaultKind.MID_STREAM_ERROR): (
        200,
        lambda body: "data" in body,
    ),  # a stream only: test_openai.py
    ("gemini", FaultKind.AUTH): (400, reason("API_KEY_INVALID")),
    ("gemini", FaultKind.ORG_UNVERIFIED): (400, error(status="FAILED_PRECONDITION")),
    ("gemini", FaultKind.QUOTA): (429, reason("PerDay")),
    ("gemini", FaultKind.RATE_LIMITED): (429, reason("'retryDelay': '7s'")),
    ("gemini", FaultKind.MODEL_GONE): (404, error(status="NOT_FOUND")),
    ("gemini", FaultKind.INVALID): (400, error(status="INVALID_ARGUMENT")),
    ("gemini", FaultKind.SERVER_ERROR): (500, error(status="INTERNAL")),
    ("gemini", FaultKind.UNAVAILABLE): (503, error(status="UNAVAILABLE")),
    ("gemini", FaultKind.CONTENT_BLOCKED): (
        200,
        lambda body: (
            body["promptFeedback"]["blockReason"] == "PROHIBITED_CONTENT" and "candidates" not in body
        ),
    ),
    ("gemini", FaultKind.NO_IMAGE): (
        200,
        lambda body: list(body["candidates"][0]["content"]["parts"][0]) == ["text"],
    ),
    ("gemini", FaultKind.MORE_IMAGES): (200, lambda body: str(body).count("inlineData") == 2),
    ("gemini", FaultKind.UNKNOWN_STATUS): (200, lambda body: "content" not in body["candidates"][0]),
    ("gemini", FaultKind.MID_STREAM_ERROR): (200, lambda body: "candidates" in body),  # a stream only: below
    ("ideogram", FaultKind.AUTH): (401, lambda body: "API Token" in body["message"]),
    ("ideogram", FaultKind.QUOTA): (402, lambda body: body["reject_reason"] == "insufficient_funds"),
    ("ideogram", FaultKind.RATE_LIMITED): (429, lambda body: body["reject_reason"] == "inflight_limit"),
    ("ideogram", FaultKind.MODEL_GONE): (404, lambda body: body["message"]),
    ("ideogram", FaultKind.INVALID): (400, lambda body: body["type"] == "about:blank"),
    ("ideogram", FaultKind.SERVER_ERROR): (500, lambda body: body["error"]),
    ("ideogram", FaultKind.UNAVAILABLE): (503, lambda body: body["error"]),
    ("ideogram", FaultKind.CONTENT_BLOCKED): (422, lambda body: "failed safety check" in body["error"]),
    ("ideogram", FaultKind.NO_IMAGE): (200, lambda body: body["generation_id"]),  # seen when polled: below
    ("ideogram", FaultKind.MORE_IMAGES): (200, lambda body: body["generation_id"]),  # likewise
    ("ideogram", FaultKind.FEWER_IMAGES): (200, lambda body: body["generation_id"]),  # likewise
    ("ideogram", FaultKind.PRICE_HIGHER): (200, lambda body: body["usd_micros"] == 1_000_000),
    ("ideogram", FaultKind.TASK_NOT_FOUND): (404, lambda body: body["message"]),
    ("ideogram", FaultKind.UNKNOWN_STATUS): (200, lambda body: body["status"] == "waiting_for_a_friend"),
    ("ideogram", FaultKind.STATUS_ERROR): (
        200,
        lambda body: body["status"] == "failed" and body["failure_reason"],
    ),
    ("flux", FaultKind.AUTH): (403, lambda body: body["detail"].startswith("Not authenticated")),
    ("flux", FaultKind.QUOTA): (402, lambda body: "credits" in body["detail"]),
    ("flux", FaultKind.RATE_LIMITED): (429, lambda body: body["detail"]),
    ("flux", FaultKind.MODEL_GONE): (404, lambda body: body["detail"] == "Not Found"),
    ("flux", FaultKind.INVALID): (422, lambda body: body["detail"][0]["loc"] == ["body", "prompt"]),
    ("flux", FaultKind.SERVER_ERROR): (500, lambda body: body["detail"]),
    ("flux", FaultKind.UNAVAILABLE): (503, lambda body: body["detail"]),
    ("flux", FaultKind.PRICE_HIGHER): (200, lambda body: body["cost"] == 30),
    ("flux", FaultKind.CONTENT_BLOCKED): (200, lambda body: body["status"] == "Request Moderated"),
    ("flux", FaultKind.TASK_NOT_FOUND): (404, lambda body: body["status"] == "Task not found"),
    ("flux", FaultKind.STATUS_ERROR): (
        200,
        lambda body: body["status"] == "Error" and body["result"] is None,
    ),
    ("flux", FaultKind.HTTP_503_STATUS_BODY): (503, lambda body: body["status"] == "Error"),
    ("flux", FaultKind.UNKNOWN_STATUS): (200, lambda body: body["status"] == "Resting"),
    ("flux", FaultKind.NO_IMAGE): (200, lambda body: (body["status"], body["result"]) == ("Ready", None)),
    ("compatible", FaultKind.AUTH): (401, lambda body: isinstance(body["error"], str)),
    ("compatible", FaultKind.RATE_LIMITED): (429, lambda body: isinstance(body["error"], str)),
    ("compatible", FaultKind.MODEL_GONE): (404, lambda body: isinstance(body["error"], str)),
    ("compatible", FaultKind.INVALID): (400, lambda body: isinstance(body["error"], str)),
    ("compatible", FaultKind.SERVER_ERROR): (500, lambda body: isinstance(body["error"], dict)),
    ("compatible", FaultKind.UNAVAILABLE): (503, lambda body: isinstance(body["error"], str)),
    ("compatible", FaultKind.NO_IMAGE): (200, lambda body: body["data"] == []),
    ("compatible", FaultKind.MORE_IMAGES): (200, lambda body: len(body["data"]) == 2),
    ("compatible", FaultKind.FEWER_IMAGES): (200, lambda body: body["data"] == []),
}


def marked(http: httpx.Client, vendor: str, marker: str, stage: Stage = Stage.ORDER) -> httpx.Response:
    """The answer at a stage to an order whose prompt carries the marker."""
    answer = buying.sent(http, buying.order(vendor, f"{marker} a fox"))
    return answer if stage is Stage.ORDER else buying.sent(http, buying.poll(vendor, answer.json()))


@pytest.mark.parametrize(("vendor", "kind"), EXPECTED, ids=lambda part: str(part))
def test_it_looks_as_documented(
    simulator: Simulator, http: httpx.Client, vendor: str, kind: FaultKind
) -> None:
    status, matches = EXPECTED[vendor, kind]
    stage = next(one for one in VENDORS if one.name == vendor).stages_of(kind)[0]
    if stage is Stage.FREE:
        simulator.arm(vendor, kind)
        answer = buying.sent(http, buying.free(vendor))
    else:
        answer = marked(http, vendor, f"[fail:{kind}@{vendor}]", stage)
    assert answer.status_code == status
    assert matches(answer.json()), answer.text


def test_every_refusal_and_oddity_is_in_the_table() -> None:
    assert set(EXPECTED) == {(one.name, kind) for one in VENDORS for kind in {*one.refusals, *one.oddities}}


@pytest.mark.parametrize("vendor", [vendor.name for vendor in VENDORS])
@pytest.mark.parametrize("kind", [FaultKind.AUTH, FaultKind.UNAVAILABLE])
def test_free_checks_can_be_refused_too(
    simulator: Simulator, http: httpx.Client, vendor: str, kind: FaultKind
) -> None:
    simulator.arm(vendor, kind, where="free")
    assert buying.sent(http, buying.free(vendor)).status_code == EXPECTED[vendor, kind][0]
    assert buying.sent(http, buying.order(vendor)).status_code == 200


@pytest.mark.parametrize("vendor", ["flux", "ideogram"])
def test_an_unknown_status_passes(simulator: Simulator, http: httpx.Client, vendor: str) -> None:
    accepted = buying.sent(http, buying.order(vendor, "[fail:unknown_status] a fox")).json()
    done = buying.until(
        http, buying.poll(vendor, accepted), lambda body: body["status"] in ("Ready", "completed")
    )
    assert buying.link(vendor, done)


@pytest.mark.parametrize("value", ["7", "0", "-1", "1e9", "abc", "none", "date"])
@pytest.mark.parametrize("vendor", ["openai", "ideogram", "flux", "compatible"])
def test_retry_after_says_whatever_it_is_told_to(
    simulator: Simulator, http: httpx.Client, vendor: str, value: str
) -> None:
    told = marked(http, vendor, f"[fail:rate_limited retry_after={value}]").headers.get("retry-after")
    if value == "date":
        assert parsedate_to_datetime(told) > datetime.now(UTC)
    else:
        assert told == (None if value == "none" else value)


def test_a_marker_for_another_vendor_is_plain_text(simulator: Simulator, http: httpx.Client) -> None:
    assert marked(http, "openai", "[fail:auth@flux]").status_code == 200


@pytest.mark.parametrize(
    "marker", ["[fail:]", "[fail:nonsense]", "[fail:auth", "[fail:auth where=moon]", "[fail:task_not_found]"]
)
def test_a_marker_nobody_understands_is_plain_text(
    simulator: Simulator, http: httpx.Client, marker: str
) -> None:
    assert marked(http, "openai", marker).status_code == 200


def test_a_marker_does_not_change_the_picture(simulator: Simulator, http: httpx.Client) -> None:
    body = {"width": 64, "height": 64, "seed": 7}
    pictures = []
    for prompt in ("a fox", "a fox [fail:server_error@openai]"):
        accepted = http.post(
            "/flux/v1/flux-2-pro", headers={"x-key": "s"}, json={"prompt": prompt, **body}
        ).json()
        pictures.append(http.get(buying.link("flux", buying.finished("flux", http, accepted))).content)
    assert pictures[0] == pictures[1]


def test_markers_count_how_often_they_struck(simulator: Simulator, http: httpx.Client) -> None:
    seen = [marked(http, "openai", "[fail:server_error after=1 times=2]").status_code for _ in range(4)]
    assert seen == [200, 500, 500, 200]


def test_a_broken_download_may_pass_the_second_time(simulator: Simulator, http: httpx.Client) -> None:
    request = buying.picture("flux", http, "[fail:expired_link times=1] a fox")
    assert [buying.sent(http, request).status_code for _ in range(2)] == [403, 200]
