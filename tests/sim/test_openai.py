"""OpenAI's Images API as its own SDK sees it."""

from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest

from runtz_sim.vendors.openai_rules import MODELS, output_tokens
from tests.sim.reading import described, small_picture
from tests.sim.simulator import Simulator


@pytest.fixture(scope="module")
def sdk(running_simulator: Simulator) -> Iterator[openai.OpenAI]:
    with connected(running_simulator) as client:
        yield client


@pytest.fixture
def client(simulator: Simulator, sdk: openai.OpenAI) -> openai.OpenAI:
    return sdk


def connected(simulator: Simulator, key: str = "simulated") -> openai.OpenAI:
    return openai.OpenAI(base_url=simulator.base_url("openai"), api_key=key, max_retries=0, timeout=20)


@pytest.mark.parametrize(("wanted", "got"), [("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")])
def test_a_picture_has_the_size_and_format_asked_for(client: openai.OpenAI, wanted: Any, got: str) -> None:
    answer = client.images.generate(
        model="gpt-image-2.6-flare", prompt="a fox", size="1536x1024", quality="low", output_format=wanted
    )
    assert answer.data is not None
    assert described(answer.data[0].b64_json or "") == (got, (1536, 1024))
    assert (answer.size, answer.quality, answer.output_format) == ("1536x1024", "low", wanted)
    assert answer.data[0].url is None


def test_n_pictures_come_in_one_answer_and_differ(client: openai.OpenAI) -> None:
    answer = client.images.generate(model="gpt-image-2", prompt="a fox", n=3, size="1024x1024")
    assert answer.data is not None
    assert len({picture.b64_json for picture in answer.data}) == 3


def test_auto_is_answered_resolved(client: openai.OpenAI) -> None:
    answer = client.images.generate(model="gpt-image-2.5-flare", prompt="a fox")
    assert (answer.size, answer.quality, answer.background) == ("1024x1024", "medium", "opaque")


def test_a_stream_brings_partials_and_then_the_picture(client: openai.OpenAI) -> None:
    stream = client.images.generate(
        model="gpt-image-2.6-flare",
        prompt="a fox",
        size="1024x1024",
        quality="low",
        stream=True,
        partial_images=2,
    )
    events: list[Any] = list(stream)
    kinds = [event.type for event in events]
    assert kinds == ["image_generation.partial_image"] * 2 + ["image_generation.completed"]
    assert [event.partial_image_index for event in events[:2]] == [0, 1]
    assert [described(event.b64_json) for event in events] == [("PNG", (1024, 1024))] * 3
    once = output_tokens(MODELS["gpt-image-2.6-flare"], "low", 1024, 1024)
    assert events[-1].usage.output_tokens == once + 200


@pytest.mark.parametrize(
    ("model", "quality", "size", "dollars"),
    [
        ("gpt-image-2.5-flare", "low", (1024, 1024), 0.0059),
        ("gpt-image-2.5-flare", "medium", (1536, 1024), 0.0103),
        ("gpt-image-2.5-flare", "high", (1920, 1088), 0.0398),
        ("gpt-image-2.5-flare", "xhigh", (2560, 1440), 0.0983),
        ("gpt-image-2.5-flare", "max", (3840, 2160), 0.4003),
        ("gpt-image-2", "low", (1024, 1024), 0.006),
        ("gpt-image-2", "medium", (1024, 1024), 0.053),
        ("gpt-image-2", "high", (1024, 1024), 0.211),
    ],
)
def test_tokens_cost_what_the_price_list_says(
    model: str, quality: str, size: tuple[int, int], dollars: float
) -> None:
    cost = output_tokens(MODELS[model], quality, *size) * 30e-6
    assert cost == pytest.approx(dollars, abs=0.0005 if model == "gpt-image-2" else 0.00006)


def test_dall_e_3_sends_a_link_unless_asked_for_base64(client: openai.OpenAI, http: httpx.Client) -> None:
    linked = client.images.generate(model="dall-e-3", prompt="a fox", size="1792x1024", quality="standard")
    assert linked.data is not None
    assert linked.data[0].revised_prompt
    assert described(http.get(linked.data[0].url or "").content) == ("PNG", (1792, 1024))
    inline = client.images.generate(model="dall-e-3", prompt="a fox", response_format="b64_json")
    assert inline.data is not None
    assert described(inline.data[0].b64_json or "") == ("PNG", (1024, 1024))


def test_edits_are_taken_as_multipart_with_one_or_many_pictures(client: openai.OpenAI) -> None:
    picture = ("in.png", small_picture(), "image/png")
    one = client.images.edit(model="gpt-image-2", prompt="a fox", image=picture, size="1024x1536")
    many = client.images.edit(model="gpt-image-2", prompt="a fox", image=[picture, picture], size="1024x1536")
    for answer in (one, many):
        assert answer.data is not None
        assert described(answer.data[0].b64_json or "") == ("PNG", (1024, 1536))


def test_an_edit_streams_under_its_own_event_names(client: openai.OpenAI) -> None:
    picture = ("in.png", small_picture(), "image/png")
    stream = client.images.edit(
        model="gpt-image-2", prompt="a fox", image=picture, stream=True, partial_images=1, size="1024x1024"
    )
    assert [event.type for event in stream] == ["image_edit.partial_image", "image_edit.completed"]


def test_models_tell_when_they_end(client: openai.OpenAI) -> None:
    ends = {model.id: model.to_dict().get("shutdown_date") for model in client.models.list()}
    assert ends["gpt-image-1.5"] == "2026-12-01"
    assert ends["gpt-image-2.6-flare"] is None
    assert client.models.retrieve("gpt-image-2").id == "gpt-image-2"


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"model": "dall-e-2"}, "invalid_value", "model"),
        ({"model": "gpt-image-1"}, "invalid_value", "model"),
        ({"size": "1000x1000"}, "invalid_size", "size"),
        ({"size": "4096x2160"}, "invalid_size", "size"),
        ({"size": "3200x1024"}, "invalid_size", "size"),
        ({"model": "gpt-image-1.5", "size": "1920x1088"}, "invalid_value", "size"),
        ({"model": "dall-e-3", "size": "1536x1024"}, "invalid_value", "size"),
        ({"model": "dall-e-3", "n": 2}, "invalid_value", "n"),
        ({"n": 11}, "invalid_value", "n"),
        ({"n": True}, "invalid_value", "n"),
        ({"quality": "hd"}, "invalid_value", "quality"),
        ({"style": "vivid"}, "unknown_parameter", "style"),
        ({"response_format": "url"}, "unknown_parameter", "response_format"),
        ({"prompt": "a" * 32_001}, "string_above_max_length", "prompt"),
        ({"prompt": ""}, "missing_required_parameter", "prompt"),
        ({"background": "transparent", "output_format": "jpeg"}, "invalid_value", "background"),
        ({"partial_images": 4}, "invalid_value", "partial_images"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(
    client: openai.OpenAI, simulator: Simulator, body: dict[str, Any], code: str, param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.post(
            "/images/generations", body={"model": "gpt-image-2", "prompt": "a fox", **body}, cast_to=object
        )
    assert (refused.value.code, refused.value.param) == (code, param)
    assert simulator.calls() == []


@pytest.mark.parametrize(
    ("key", "error", "code"),
    [
        ("bad-key", openai.AuthenticationError, "invalid_api_key"),
        ("unverified-key", openai.PermissionDeniedError, None),
        ("quota-key", openai.RateLimitError, "insufficient_quota"),
    ],
)
def test_keys_are_checked(
    simulator: Simulator, key: str, error: type[openai.APIStatusError], code: str | None
) -> None:
    with connected(simulator, key) as client, pytest.raises(error) as refused:
        client.images.generate(model="gpt-image-2", prompt="a fox")
    assert refused.value.code == code
    assert refused.value.request_id
    assert simulator.calls() == []


def test_a_missing_key_is_refused(http: httpx.Client) -> None:
    answer = http.post("/openai/v1/images/generations", json={"model": "gpt-image-2", "prompt": "a fox"})
    assert answer.status_code == 401
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_an_error_inside_a_stream_reaches_the_sdk(client: openai.OpenAI) -> None:
    stream = client.images.generate(
        model="gpt-image-2",
        prompt="[fail:mid_stream_error] a fox",
        stream=True,
        partial_images=1,
        size="1024x1024",
    )
    with pytest.raises(openai.APIError) as failed:
        list(stream)
    assert failed.value.code == "server_error"
