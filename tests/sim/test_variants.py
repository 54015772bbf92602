"""The other words in which a vendor refuses, chosen by what stands in a marker."""

import httpx
import pytest

from runtz_sim.faults import Stage
from tests.sim import buying
from tests.sim.simulator import Simulator
from tests.sim.test_faults import Check, error, marked


@pytest.mark.parametrize(
    ("marker", "matches"),
    [
        ("[fail:content_blocked code=content_policy_violation]", error(code="content_policy_violation")),
        ("[fail:content_blocked stage=output]", lambda body: body["error"]["moderation_details"]),
        ("[fail:quota code=billing_hard_limit_reached]", error(code="billing_hard_limit_reached")),
        ("[fail:quota code=billing_not_active]", error(code="billing_not_active")),
        ("[fail:model_gone type=invalid_request_error]", error(type="invalid_request_error")),
    ],
)
def test_openai_variants(simulator: Simulator, http: httpx.Client, marker: str, matches: Check) -> None:
    assert matches(marked(http, "openai", marker).json())


@pytest.mark.parametrize(
    ("marker", "matches"),
    [
        (
            "[fail:content_blocked reason=SAFETY]",
            lambda body: body["promptFeedback"]["blockReason"] == "SAFETY",
        ),
        (
            "[fail:content_blocked stage=output]",
            lambda body: (
                body["candidates"][0]["finishReason"] == "IMAGE_SAFETY" and "content" not in str(body)
            ),
        ),
        ("[fail:no_image finish=NO_IMAGE]", lambda body: body["candidates"][0]["finishReason"] == "NO_IMAGE"),
        ("[fail:auth code=403]", error(status="PERMISSION_DENIED")),
        ("[fail:server_error code=504]", error(status="DEADLINE_EXCEEDED")),
        ("[fail:rate_limited retry_after=none]", lambda body: "RetryInfo" not in str(body)),
    ],
)
def test_gemini_variants(simulator: Simulator, http: httpx.Client, marker: str, matches: Check) -> None:
    assert matches(marked(http, "gemini", marker).json())


def test_a_gemini_stream_breaks_off_with_an_error(simulator: Simulator, http: httpx.Client) -> None:
    answer = buying.sent(http, buying.order("gemini", "[fail:mid_stream_error] a fox", stream=True))
    assert '"error"' in answer.text.split("data: ")[-1]


@pytest.mark.parametrize(
    ("marker", "status", "matches"),
    [
        ("[fail:content_blocked body=empty]", 422, lambda body: body == {}),
        ("[fail:invalid shape=error]", 400, lambda body: list(body) == ["error"]),
        ("[fail:quota reason=daily_limit]", 402, lambda body: body["reject_reason"] == "daily_limit"),
    ],
)
def test_ideogram_variants(
    simulator: Simulator, http: httpx.Client, marker: str, status: int, matches: Check
) -> None:
    answer = marked(http, "ideogram", marker)
    assert answer.status_code == status
    assert matches(answer.json())


@pytest.mark.parametrize(
    ("marker", "matches"),
    [
        (
            "[fail:no_image]",
            lambda body: (body["data"][0]["url"], body["data"][0]["is_image_safe"]) == (None, True),
        ),
        ("[fail:more_images]", lambda body: len(body["data"]) == 2),
        ("[fail:fewer_images]", lambda body: body["data"] == []),
        (
            "[fail:content_blocked stage=output]",
            lambda body: body["failure_reason"] == "content_policy_violation",
        ),
    ],
)
def test_ideogram_oddities_show_when_polled(
    simulator: Simulator, http: httpx.Client, marker: str, matches: Check
) -> None:
    accepted = buying.sent(http, buying.order("ideogram", f"{marker} a fox")).json()
    assert matches(buying.finished("ideogram", http, accepted))


def test_ideogram_bills_an_unsafe_picture_and_withholds_it(simulator: Simulator, http: httpx.Client) -> None:
    body = {"prompt": "[fail:content_blocked stage=output] a fox"}
    answer = http.post("/ideogram/v1/ideogram-v3/generate", headers={"api-key": "simulated"}, json=body)
    (picture,) = answer.json()["data"]
    assert (answer.status_code, picture["is_image_safe"], picture["url"]) == (200, False, None)
    assert simulator.calls()[0]["billed"] is True


@pytest.mark.parametrize(
    ("marker", "status", "says"),
    [
        ("[fail:content_blocked stage=output]", 200, "Content Moderated"),
        ("[fail:task_not_found http=200]", 200, "Task not found"),
        ("[fail:http_503_status_body status=Content_Moderated]", 503, "Content Moderated"),
    ],
)
def test_flux_variants(simulator: Simulator, http: httpx.Client, marker: str, status: int, says: str) -> None:
    answer = marked(http, "flux", marker, Stage.POLL)
    assert (answer.status_code, answer.json()["status"]) == (status, says)
