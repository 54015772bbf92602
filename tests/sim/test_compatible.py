"""A local OpenAI-compatible server, in its several habits."""

from typing import Any

import httpx
import openai
import pytest

from tests.sim.reading import described
from tests.sim.simulator import Simulator


def made(http: httpx.Client, **body: Any) -> httpx.Response:
    return http.post("/compatible/v1/images/generations", json={"prompt": "a fox", "size": "640x512", **body})


def test_no_key_is_needed_and_any_model_name_is_served(http: httpx.Client) -> None:
    answer = made(http, model="my-own-checkpoint", response_format="b64_json")
    assert described(answer.json()["data"][0]["b64_json"]) == ("PNG", (640, 512))


def test_the_openai_sdk_reads_it(simulator: Simulator) -> None:
    with openai.OpenAI(base_url=simulator.base_url("compatible"), api_key="none", max_retries=0) as client:
        answer = client.images.generate(model="sd-cpp-local", prompt="a fox", size="512x512")
        assert "sd-cpp-local" in {model.id for model in client.models.list()}
    assert answer.data is not None
    assert described(answer.data[0].b64_json or "") == ("PNG", (512, 512))


@pytest.mark.parametrize(("model", "absolute"), [("localai", True), ("localai-relative", False)])
def test_links_are_absolute_or_relative(http: httpx.Client, model: str, absolute: bool) -> None:
    link = made(http, model=model).json()["data"][0]["url"]
    assert link.startswith("http://") is absolute
    assert described(http.get(link).content) == ("PNG", (640, 512))


def test_a_size_nobody_can_read_becomes_512_or_an_error(http: httpx.Client) -> None:
    relaxed = made(http, model="localai", size="large", response_format="b64_json")
    assert described(relaxed.json()["data"][0]["b64_json"]) == ("PNG", (512, 512))
    assert made(http, model="sd-cpp-local", size="large").json() == {"error": "invalid size"}


@pytest.mark.parametrize("body", [{"prompt": ""}, {"n": 0}, {"size": "510x510"}])
def test_errors_are_plain_strings(http: httpx.Client, body: dict[str, Any]) -> None:
    answer = made(http, **body)
    assert answer.status_code == 400
    assert isinstance(answer.json()["error"], str)
