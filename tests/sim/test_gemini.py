"""Gemini's generateContent as its own SDK sees it."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from google import genai
from google.genai import errors, types

from runtz_sim.vendors.gemini_rules import MODELS
from tests.sim.reading import described
from tests.sim.simulator import Simulator


def connected(simulator: Simulator, key: str = "simulated", version: str | None = None) -> genai.Client:
    options = types.HttpOptions(base_url=simulator.base_url("gemini"), api_version=version, timeout=20_000)
    return genai.Client(api_key=key, http_options=options)


@pytest.fixture(scope="module")
def sdk(running_simulator: Simulator) -> Iterator[genai.Client]:
    with connected(running_simulator) as client:
        yield client


@pytest.fixture
def client(simulator: Simulator, sdk: genai.Client) -> genai.Client:
    return sdk


def asked(
    ratio: str | None = None, size: str | None = None, seed: int | None = None
) -> types.GenerateContentConfig:
    image = types.ImageConfig(aspect_ratio=ratio, image_size=size)
    return types.GenerateContentConfig(response_modalities=["IMAGE"], image_config=image, seed=seed)


def pictures(answer: types.GenerateContentResponse) -> list[bytes]:
    parts = answer.parts or []
    return [part.inline_data.data or b"" for part in parts if part.inline_data and not part.thought]


@pytest.mark.parametrize(
    ("model", "ratio", "size", "pixels"),
    [
        ("gemini-nano-banana-2.1", "16:9", "1K", (1376, 768)),
        ("gemini-nano-banana-2.1", "1:1", "2K", (2048, 2048)),
        ("gemini-nano-banana-2.1", "8:1", "1K", (3072, 384)),
        ("gemini-3-pro-image", "3:2", "1K", (1264, 848)),
        ("gemini-3.1-flash-image", "1:1", "512", (512, 512)),
        ("gemini-2.5-flash-image", "16:9", None, (1344, 768)),
        ("gemini-2.5-flash-image", None, None, (1024, 1024)),
    ],
)
def test_a_picture_has_the_exact_pixels_of_the_table(
    client: genai.Client, model: str, ratio: str | None, size: str | None, pixels: tuple[int, int]
) -> None:
    answer = client.models.generate_content(model=model, contents="a fox", config=asked(ratio, size))
    assert [described(picture) for picture in pictures(answer)] == [("PNG", pixels)]
    assert answer.usage_metadata is not None
    assert answer.usage_metadata.candidates_token_count == MODELS[model].tokens[size or "1K"]
    assert answer.model_version == model


def test_a_seed_makes_the_same_picture_again(client: genai.Client) -> None:
    first, again, other = (
        pictures(
            client.models.generate_content(
                model="gemini-2.5-flash-image", contents="a fox", config=asked(seed=s)
            )
        )
        for s in (7, 7, 8)
    )
    assert first == again != other


def test_pro_thinks_aloud_and_shows_a_draft(client: genai.Client) -> None:
    answer = client.models.generate_content(
        model="gemini-3-pro-image", contents="a fox", config=asked("1:1", "1K")
    )
    thoughts = [part for part in answer.parts or [] if part.thought]
    assert [part.inline_data is not None for part in thoughts] == [False, True]
    assert len(pictures(answer)) == 1


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_both_versions_of_the_path_answer(simulator: Simulator, version: str) -> None:
    with connected(simulator, version=version) as client:
        answer = client.models.generate_content(model="gemini-2.5-flash-image", contents="a fox")
    assert len(pictures(answer)) == 1


def test_a_stream_ends_with_the_picture_and_the_usage(client: genai.Client) -> None:
    chunks = list(client.models.generate_content_stream(model="gemini-2.5-flash-image", contents="a fox"))
    assert [described(picture) for chunk in chunks for picture in pictures(chunk)] == [("PNG", (1024, 1024))]
    assert chunks[-1].candidates is not None
    assert chunks[-1].candidates[0].finish_reason == "STOP"


def test_snake_case_is_read_as_camel_case_is(http: httpx.Client) -> None:
    config = {"response_modalities": ["IMAGE"], "image_config": {"aspect_ratio": "9:16"}}
    answer = http.post(
        "/gemini/v1/models/gemini-2.5-flash-image:generateContent",
        headers={"x-goog-api-key": "simulated"},
        json={"contents": [{"parts": [{"text": "a fox"}]}], "generation_config": config},
    )
    part = answer.json()["candidates"][0]["content"]["parts"][-1]
    assert described(part["inlineData"]["data"]) == ("PNG", (768, 1344))


@pytest.mark.parametrize(
    ("model", "config", "code", "status"),
    [
        ("gemini-2.5-flash-image", asked("1:8"), 400, "INVALID_ARGUMENT"),
        ("gemini-2.5-flash-image", asked("1:1", "1K"), 400, "INVALID_ARGUMENT"),
        ("gemini-nano-banana-2.1", asked("1:1", "512"), 400, "INVALID_ARGUMENT"),
        ("gemini-3.1-flash-lite-image", asked("1:1", "2K"), 400, "INVALID_ARGUMENT"),
        ("imagen-4.0-generate-001", None, 404, "NOT_FOUND"),
    ],
)
def test_what_a_model_cannot_do_is_refused(
    client: genai.Client, simulator: Simulator, model: str, config: Any, code: int, status: str
) -> None:
    with pytest.raises(errors.ClientError) as refused:
        client.models.generate_content(model=model, contents="a fox", config=config)
    assert (refused.value.code, refused.value.status) == (code, status)
    assert simulator.calls() == []


@pytest.mark.parametrize(("key", "code"), [("bad-key", 400), ("quota-key", 429)])
def test_keys_are_checked(simulator: Simulator, key: str, code: int) -> None:
    with connected(simulator, key) as client, pytest.raises(errors.ClientError) as refused:
        client.models.generate_content(model="gemini-2.5-flash-image", contents="a fox")
    assert refused.value.code == code


def test_models_are_listed(client: genai.Client) -> None:
    assert {model.name for model in client.models.list()} == {f"models/{name}" for name in MODELS}
    assert client.models.get(model="gemini-3-pro-image").display_name == "Nano Banana Pro"
