"""Black Forest Labs' API over plain HTTP: it has no SDK."""

from typing import Any

import httpx
import pytest

from tests.sim.reading import described
from tests.sim.simulator import Simulator

KEY = {"x-key": "simulated"}


def submitted(
    http: httpx.Client, model: str = "flux-2-pro", key: str = "simulated", **body: Any
) -> httpx.Response:
    return http.post(f"/flux/v1/{model}", headers={"x-key": key}, json={"prompt": "a fox", **body})


def finished(http: httpx.Client, polling_url: str) -> dict[str, Any]:
    """Ask until the task has ended."""
    while (body := http.get(polling_url, headers=KEY).json())["status"] in (
        "Pending",
        "Reasoning",
        "Generating",
    ):
        continue
    return dict(body)


@pytest.mark.parametrize(
    ("model", "body", "pixels", "cost", "format_name"),
    [
        ("flux-2-pro", {"width": 1024, "height": 768}, (1024, 768), 3.0, "JPEG"),
        ("flux-2-pro", {"width": 2048, "height": 2048, "output_format": "png"}, (2048, 2048), 7.5, "PNG"),
        ("flux-2-max", {}, (1024, 1024), 7.0, "JPEG"),
        ("flux-2-klein-9b", {"width": 64, "height": 64, "output_format": "webp"}, (64, 64), 1.5, "WEBP"),
        ("flux-2-flex", {"width": 1536, "height": 1024}, (1536, 1024), 10.0, "JPEG"),
        ("flux-3-image", {"aspect_ratio": "16:9"}, (1360, 768), 4.8, "JPEG"),
        ("flux-3-image", {"aspect_ratio": "1:2", "resolution": "768sq"}, (544, 1088), 4.1, "JPEG"),
        ("flux-pro-1.1-ultra", {}, (1360, 768), 6.0, "JPEG"),
    ],
)
def test_the_sample_has_the_size_and_format_asked_for(
    http: httpx.Client,
    model: str,
    body: dict[str, Any],
    pixels: tuple[int, int],
    cost: float,
    format_name: str,
) -> None:
    answer = submitted(http, model, **body).json()
    assert answer["cost"] == cost
    result = finished(http, answer["polling_url"])["result"]
    assert described(http.get(result["sample"]).content) == (format_name, pixels)


def test_a_task_passes_through_its_states(http: httpx.Client, simulator: Simulator) -> None:
    simulator.latency(1000, "flux")
    older, newer = (submitted(http, model).json()["polling_url"] for model in ("flux-2-pro", "flux-3-image"))
    seen = []
    for _ in range(4):
        seen.append([http.get(url, headers=KEY).json()["status"] for url in (older, newer)])
        simulator.advance(260)
    assert seen == [["Pending", state] for state in ("Pending", "Reasoning", "Generating", "Generating")]
    assert {finished(http, url)["status"] for url in (older, newer)} == {"Ready"}


def test_progress_grows(http: httpx.Client, simulator: Simulator) -> None:
    simulator.latency(1000, "flux")
    url = submitted(http).json()["polling_url"]
    first = http.get(url, headers=KEY).json()["progress"]
    simulator.advance(500)
    assert 0 <= first < http.get(url, headers=KEY).json()["progress"] < 1


def test_one_seed_is_one_picture_and_the_seed_is_told(http: httpx.Client) -> None:
    results = [
        finished(http, submitted(http, seed=seed).json()["polling_url"])["result"] for seed in (7, 7, 8)
    ]
    assert [result["seed"] for result in results] == [7, 7, 8]
    first, again, other = (http.get(result["sample"]).content for result in results)
    assert first == again != other


def test_a_webhook_order_has_no_polling_url(http: httpx.Client) -> None:
    answer = submitted(http, webhook_url="https://example.com/hook").json()
    assert answer["status"] == "Pending"
    assert "polling_url" not in answer


@pytest.mark.parametrize(
    ("model", "body", "field", "kind"),
    [
        ("flux-2-pro", {"prompt": None}, "prompt", "missing"),
        ("flux-2-pro", {"width": 63}, "width", "greater_than_equal"),
        ("flux-2-pro", {"width": 1000}, "width", "multiple_of"),
        ("flux-2-pro", {"width": 2064, "height": 2048}, "width", "value_error"),
        ("flux-2-pro", {"seed": "x"}, "seed", "int_parsing"),
        ("flux-2-pro", {"output_format": "gif"}, "output_format", "enum"),
        ("flux-2-pro", {"safety_tolerance": 6}, "safety_tolerance", "value_error"),
        ("flux-3-image", {"seed": 7}, "seed", "extra_forbidden"),
        ("flux-3-image", {"width": 1024}, "width", "extra_forbidden"),
        ("flux-3-image", {"resolution": "8k"}, "resolution", "enum"),
        ("flux-3-image", {"prompt": "a" * 15_001}, "prompt", "string_too_long"),
    ],
)
def test_a_wrong_field_is_unprocessable(
    http: httpx.Client, simulator: Simulator, model: str, body: dict[str, Any], field: str, kind: str
) -> None:
    answer = submitted(http, model, **body)
    assert answer.status_code == 422
    (detail,) = answer.json()["detail"]
    assert (detail["loc"], detail["type"]) == (["body", field], kind)
    assert simulator.calls() == []


@pytest.mark.parametrize(("key", "status"), [("", 403), ("bad-key", 403), ("quota-key", 402)])
def test_keys_are_checked(http: httpx.Client, key: str, status: int) -> None:
    assert submitted(http, key=key).status_code == status


def test_credits_answer_a_good_key_only(http: httpx.Client) -> None:
    assert http.get("/flux/v1/credits", headers=KEY).json() == {"credits": 1000.0}
    assert http.get("/flux/v1/credits", headers={"x-key": "bad-key"}).status_code == 403


def test_an_unknown_task_or_model_is_not_found(http: httpx.Client) -> None:
    answer = http.get("/flux/v1/get_result?id=nothing", headers=KEY)
    assert (answer.status_code, answer.json()["status"]) == (404, "Task not found")
    assert submitted(http, "flux-9").status_code == 404


def test_tasks_at_once_are_limited_when_control_says_so(http: httpx.Client, simulator: Simulator) -> None:
    simulator.latency(600, "flux")
    simulator.advance(7 * 24 * 3600)  # past every task of the tests before this one
    simulator.task_limit("flux", 2)
    assert [submitted(http).status_code for _ in range(3)] == [200, 200, 429]
    simulator.advance(600)
    assert submitted(http).status_code == 200
