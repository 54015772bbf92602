"""Ideogram's v2 and v1 routes over plain HTTP: it has no SDK."""

from typing import Any

import httpx
import pytest

from tests.sim.reading import described, small_picture
from tests.sim.simulator import Simulator

V2 = "/ideogram/v2/image/generate/ideogram-4-5"
V1 = "/ideogram/v1/ideogram-v3/generate"
KEY = {"Api-Key": "simulated"}


def generated(http: httpx.Client, path: str = V2, key: str = "simulated", **body: Any) -> httpx.Response:
    return http.post(path, headers={"Api-Key": key}, json={"prompt": "a fox", **body})


@pytest.mark.parametrize(
    ("path", "body", "pixels"),
    [
        (V2, {"size": "1440x2880"}, (1440, 2880)),
        (V2, {"size": "auto"}, (1024, 1024)),
        (V2.replace("4-5", "4"), {"resolution": "1280x720", "rendering_speed": "turbo"}, (1280, 720)),
        (V2.replace("4-5", "3"), {"aspect_ratio": "16x9", "rendering_speed": "flash"}, (1312, 736)),
        (V1, {"resolution": "1344x768", "rendering_speed": "TURBO"}, (1344, 768)),
        (V1, {"aspect_ratio": "3x4"}, (864, 1152)),
    ],
)
def test_the_link_leads_to_a_png_of_the_size_asked_for(
    http: httpx.Client, path: str, body: dict[str, Any], pixels: tuple[int, int]
) -> None:
    answer = generated(http, path, seed=7, **body)
    (picture,) = answer.json()["data"]
    assert (picture["seed"], picture["is_image_safe"]) == (7, True)
    assert picture["resolution"] == f"{pixels[0]}x{pixels[1]}"
    assert described(http.get(picture["url"]).content) == ("PNG", pixels)
    assert answer.headers["x-request-id"]


def test_a_multipart_form_is_read_like_json(http: httpx.Client) -> None:
    fields = {"prompt": "1234", "num_images": "2", "seed": "9"}
    files = {"style_reference_images": ("a.png", small_picture(), "image/png")}
    answer = http.post(V1, headers=KEY, data=fields, files=files)
    assert [item["seed"] for item in answer.json()["data"]] == [9, 10]
    assert answer.json()["data"][0]["prompt"] == "1234"


def test_an_async_order_is_pending_and_then_completed(http: httpx.Client, simulator: Simulator) -> None:
    simulator.latency(600, "ideogram")
    answer = generated(http, **{"async": True})
    assert set(answer.json()) == {"generation_id"}
    poll = f"/ideogram/v2/generations/{answer.json()['generation_id']}"
    early = http.get(poll, headers=KEY).json()
    assert (early["status"], early["data"]) == ("pending", None)
    simulator.advance(600)
    done = drawn(http, poll)
    assert described(http.get(done["data"][0]["url"]).content) == ("PNG", (1024, 1024))


def drawn(http: httpx.Client, poll: str) -> dict[str, Any]:
    """Ask until the drawing, whose time has come, is finished."""
    while (body := http.get(poll, headers=KEY).json())["status"] == "pending":
        continue
    return dict(body)


def test_a_dry_run_quotes_the_price_and_sells_nothing(http: httpx.Client, simulator: Simulator) -> None:
    answer = generated(http, f"{V2}?dry_run=true", quality="low", num_images=3)
    assert answer.json() == {"object": "price_quote", "usd_micros": 90_000}
    assert simulator.calls() == []
    assert generated(http, f"{V2}?dry_run=true", key="bad-key").status_code == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (V2, {"size": "1000x1000"}),
        (V2, {"quality": "very_low"}),
        (V2, {"seed": 2**31}),
        (V2, {"num_images": 9}),
        (V2, {"negative_prompt": "rain"}),
        (V2, {"prompt": ""}),
        (V1, {"rendering_speed": "turbo"}),
        (V1, {"resolution": "1024x1024", "aspect_ratio": "1x1"}),
        (V1, {"style_type": "BAROQUE"}),
    ],
)
def test_a_wrong_field_is_refused(
    http: httpx.Client, simulator: Simulator, path: str, body: dict[str, Any]
) -> None:
    answer = generated(http, path, **body)
    assert answer.status_code == 400
    assert answer.json()["type"] == "about:blank"
    assert simulator.calls() == []


@pytest.mark.parametrize(("key", "status"), [("", 401), ("bad-key", 401), ("quota-key", 402)])
def test_keys_are_checked(http: httpx.Client, key: str, status: int) -> None:
    assert generated(http, key=key).status_code == status


def test_an_unknown_model_or_generation_is_not_found(http: httpx.Client) -> None:
    assert generated(http, "/ideogram/v2/image/generate/ideogram-9").status_code == 404
    assert http.get("/ideogram/v2/generations/nothing", headers=KEY).status_code == 404


def test_the_older_route_names_its_successor(http: httpx.Client) -> None:
    assert "successor-version" in generated(http, V1).headers["link"]
