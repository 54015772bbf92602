"""What single adapters promise beyond the shared contract, against answers written by hand."""

import dataclasses
import json

import pytest

from runtz_core.failures import FailureKind
from runtz_core.providers.base import Connection, Done, Pending, Progress, ProviderError
from runtz_core.providers.registry import open_provider
from tests.providers.ordering import PNG, REQUEST, check, failure, said, start
from tests.providers.stub import Answer, answer, stub


class TestCompatible:
    async def test_sends_only_what_every_such_server_knows_and_no_key(self) -> None:
        async with stub(said(data=[{"b64_json": PNG}])) as server:
            done = await start(server, "custom-garage", path="/v1/", key=None)
        assert isinstance(done, Done)
        (received,) = server.received
        assert received.target == "/v1/images/generations"
        assert "authorization" not in received.headers
        assert set(json.loads(received.body)) == {"model", "prompt", "n", "size", "response_format"}

    @pytest.mark.parametrize("link", ["generated-images/x.png", "/v1/generated-images/x.png", "absolute"])
    async def test_follows_a_link_to_itself(self, link: str) -> None:
        async with stub() as server:
            absolute = f"{server.url}/v1/generated-images/x.png"
            server.answers[:] = [
                said(data=[{"url": absolute if link == "absolute" else link}]),
                answer(200, b"PNG"),
            ]
            pending = await start(server, "custom-garage", path="/v1")
            assert isinstance(pending, Pending)
            done = await check(server, "custom-garage", pending.reference)
        assert isinstance(done, Done)
        assert done.data == b"PNG"
        assert server.received[1].target == "/v1/generated-images/x.png"
        assert "authorization" not in server.received[1].headers

    async def test_a_link_to_elsewhere_is_refused_and_nobody_is_called(self) -> None:
        async with stub(answer(200, b"secret")) as inside, stub(said(data=[{"url": inside.url}])) as server:
            pending = await start(server, "custom-garage")
            assert isinstance(pending, Pending)
            with pytest.raises(ProviderError) as refused:
                await check(server, "custom-garage", pending.reference)
        assert refused.value.kind is FailureKind.REFUSED_ADDRESS
        assert inside.connections == 0

    async def test_a_picture_may_come_as_a_data_url(self) -> None:
        async with stub(said(data=[{"url": f"data:image/png;base64,{PNG}"}])) as server:
            done = await start(server, "custom-garage")
        assert isinstance(done, Done)
        assert done.data.startswith(b"\x89PNG")

    @pytest.mark.parametrize(
        ("answered", "kind"),
        [
            (said(400, error="invalid size"), FailureKind.INVALID),
            (said(400, error={"message": "bad size", "code": 400}), FailureKind.INVALID),
            (said(400, error="model sdxl not found"), FailureKind.MODEL_GONE),
            (
                said(400, error={"message": "no", "code": "content_policy_violation"}),
                FailureKind.CONTENT_BLOCKED,
            ),
            (said(429, error={"code": "insufficient_quota"}), FailureKind.QUOTA),
            (said(401, error="bad key"), FailureKind.AUTH),
            (said(200, error="out of memory"), FailureKind.BAD_RESPONSE),
            (said(200, data=[]), FailureKind.NO_IMAGE),
            (said(200, data=[{}]), FailureKind.NO_IMAGE),
            (said(200, data=[{"b64_json": 5, "url": 6}]), FailureKind.NO_IMAGE),
            (said(200, data="x"), FailureKind.BAD_RESPONSE),
            (answer(200, b"[1]"), FailureKind.BAD_RESPONSE),
            (answer(504, b"<html>gateway</html>"), FailureKind.OUTCOME_UNKNOWN),
            (said(504, error="timed out"), FailureKind.TRANSIENT),
        ],
    )
    async def test_reads_errors_in_every_shape(self, answered: Answer, kind: FailureKind) -> None:
        async with stub(answered) as server:
            assert (await failure(server, "custom-garage")).kind is kind


class TestOpenAI:
    async def test_the_environment_adds_nothing_to_a_request(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_ORG_ID", "org-environment")
        monkeypatch.setenv("OPENAI_PROJECT_ID", "project-environment")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-environment")
        monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/")
        async with stub(said(data=[{"b64_json": PNG}])) as server:
            await start(server, "openai", model="dall-e-3")
        assert "environment" not in str(server.received[0].headers)
        assert server.received[0].headers["authorization"] == "Bearer key-0123456789"

    async def test_an_organisation_to_be_verified_is_not_a_bad_key(self) -> None:
        body = {
            "message": "Your organization must be verified to use the model `x`.",
            "type": "invalid_request_error",
        }
        async with stub(said(403, error=body)) as server:
            assert (await failure(server, "openai")).kind is FailureKind.ORG_UNVERIFIED

    @pytest.mark.parametrize("b64", ["", None, 5, "****"])
    async def test_an_unreadable_early_picture_costs_nothing_but_itself(self, b64: object) -> None:
        early = {"type": "image_generation.partial_image", "b64_json": b64, "partial_image_index": 0}
        whole = {"type": "image_generation.completed", "b64_json": PNG, "usage": "none"}
        stream = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in (early, whole))
        async with stub(answer(200, stream.encode(), content_type="text/event-stream")) as server:
            done = await start(server, "openai", model="gpt-image-2")
        assert isinstance(done, Done)
        assert done.data.startswith(b"\x89PNG")
        assert done.cost is None


class TestGemini:
    async def test_the_environment_adds_nothing_to_a_request(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GOOGLE_API_KEY", "environment")
        monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
        monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", "v9")
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:1/")
        inline = {"inlineData": {"mimeType": "image/png", "data": PNG}}
        async with stub(said(candidates=[{"content": {"parts": [inline]}}])) as server:
            await start(server, "gemini", model="gemini-2.5-flash-image")
        (received,) = server.received
        assert received.target == "/v1/models/gemini-2.5-flash-image:generateContent"
        assert received.headers["x-goog-api-key"] == "key-0123456789"
        assert "imageSize" not in received.body.decode()

    async def test_thoughts_are_not_the_picture(self) -> None:
        draft = {"thought": True, "inlineData": {"data": "AAAA"}}
        final = {"inlineData": {"data": PNG}, "thoughtSignature": "x"}
        async with stub(
            said(candidates=[{"content": {"parts": [draft, {"text": "here"}, final]}}])
        ) as server:
            done = await start(server, "gemini")
        assert isinstance(done, Done)
        assert done.data.startswith(b"\x89PNG")

    @pytest.mark.parametrize(
        ("answered", "kind", "words"),
        [
            (said(promptFeedback={"blockReason": "OTHER"}), FailureKind.CONTENT_BLOCKED, "OTHER"),
            (
                said(candidates=[{"finishReason": "IMAGE_SAFETY", "finishMessage": "Too scary."}]),
                FailureKind.CONTENT_BLOCKED,
                "Too scary.",
            ),
            (said(candidates=[{"finishReason": "NO_IMAGE"}]), FailureKind.NO_IMAGE, "NO_IMAGE"),
            (said(candidates=[{"finishReason": "NEW_REASON"}]), FailureKind.NO_IMAGE, "NEW_REASON"),
            (
                said(
                    candidates=[
                        {"finishReason": "STOP", "content": {"parts": [{"text": "I would rather not."}]}}
                    ]
                ),
                FailureKind.NO_IMAGE,
                "rather not",
            ),
            (said(candidates=[]), FailureKind.BAD_RESPONSE, "unknown"),
            (said(candidates=[{"content": None}]), FailureKind.BAD_RESPONSE, "unknown"),
            (said(candidates=[{"content": {"parts": "x"}}]), FailureKind.BAD_RESPONSE, "unknown"),
            (said(400, error={"status": "FAILED_PRECONDITION"}), FailureKind.ORG_UNVERIFIED, "verified"),
            (
                said(404, error={"status": "NOT_FOUND", "message": "no model"}),
                FailureKind.MODEL_GONE,
                "no model",
            ),
        ],
    )
    async def test_reads_every_way_of_saying_no(
        self, answered: Answer, kind: FailureKind, words: str
    ) -> None:
        async with stub(answered) as server:
            error = await failure(server, "gemini")
        assert error.kind is kind
        assert words in error.detail

    async def test_the_wait_is_read_from_the_error_itself(self) -> None:
        details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7s"}]
        async with stub(said(429, error={"status": "RESOURCE_EXHAUSTED", "details": details})) as server:
            error = await failure(server, "gemini")
        assert (error.kind, error.retry_after) == (FailureKind.RATE_LIMITED, 7)


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "dall-e-3"),
        ("gemini", "m"),
        ("ideogram", "ideogram-3"),
        ("flux", "flux-2-pro"),
        ("custom-x", "m"),
    ],
)
async def test_a_vendor_that_quotes_key_and_prompt_is_not_repeated(provider: str, model: str) -> None:
    quoting = f"You sent key-0123456789 and '{REQUEST.prompt}', \x1b[31mwhich\r\n is wrong"
    async with stub(said(400, error={"message": quoting, "code": 400}, detail=quoting)) as server:
        error = await failure(server, provider, model=model)
    assert error.kind is FailureKind.INVALID
    assert "key-0123456789" not in repr(error)
    assert REQUEST.prompt not in repr(error)
    assert error.detail.isprintable()
    assert error.__suppress_context__


@pytest.mark.parametrize(
    ("provider", "model"),
    [("openai", "dall-e-3"), ("openai", "gpt-image-2"), ("ideogram", "ideogram-3"), ("flux", "flux-2-pro")],
)
async def test_a_prompt_that_is_no_text_is_refused_before_it_is_sent(provider: str, model: str) -> None:
    async with stub(said()) as server:
        adapter = open_provider(Connection(provider=provider, base_url=server.url, api_key="key-0123456789"))
        with pytest.raises(ProviderError) as failed:
            await adapter.start(
                dataclasses.replace(REQUEST, model=model, prompt="half \ud83e of a fox"), Progress()
            )
        await adapter.close()
    assert failed.value.kind is FailureKind.INVALID
    assert server.connections == 0


async def test_a_broken_bookkeeper_leaves_the_outcome_unknown() -> None:
    async def broken() -> None:
        raise RuntimeError("the database went away")

    async with stub(said(data=[{"b64_json": PNG}])) as server:
        adapter = open_provider(Connection(provider="custom-x", base_url=server.url, api_key=None))
        with pytest.raises(ProviderError) as failed:
            await adapter.start(REQUEST, Progress(sent=broken))
        await adapter.close()
    assert failed.value.kind is FailureKind.OUTCOME_UNKNOWN
