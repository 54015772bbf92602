"""Reading what vendors say: waits, base64, JSON of any shape, messages for people, references."""

import base64
import pickle
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtz_core.failures import FailureKind
from runtz_core.providers import pictures, references
from runtz_core.providers.answers import dig, document, message_of, plain, text_at, whole_at
from runtz_core.providers.base import ProviderError
from runtz_core.providers.exchange import exchange
from runtz_core.providers.registry import all_specs, spec, sunset_notice
from runtz_core.providers.retry_after import retry_after

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "7s"}, 7),
        ({"retry-after": "-5"}, 0),
        ({"retry-after": "1e9"}, 120),
        ({"retry-after": "300"}, 120),
        ({"retry-after": "inf"}, 120),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "abc"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:09 GMT"}, 9),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:00 GMT"}, 120),
        ({"retry-after": "Sun, 99 Nov 2026 12:00:09 GMT"}, None),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:09"}, 9),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "60"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "60"}, 60),
    ],
)
def test_every_way_of_saying_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@given(st.text())
def test_no_wait_is_outside_its_bounds(text: str) -> None:
    seconds = retry_after({"retry-after": text, "retry-after-ms": text}, NOW)
    assert seconds is None or 0 <= seconds <= 120


@given(st.binary(min_size=1))
def test_base64_and_data_urls_bring_the_bytes_back(data: bytes) -> None:
    encoded = base64.b64encode(data).decode()
    assert pictures.decoded(encoded) == data
    assert pictures.decoded(f"data:image/svg+xml;base64,{encoded}") == data


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", FailureKind.NO_IMAGE),
        ("data:image/png;base64,", FailureKind.NO_IMAGE),
        ("AAA", FailureKind.BAD_IMAGE),
        ("A*AA", FailureKind.BAD_IMAGE),
        ("AAAA\u00e9AAA", FailureKind.BAD_IMAGE),
        ("data:image/png,plain", FailureKind.BAD_IMAGE),
        ("data:image/png;base64", FailureKind.BAD_IMAGE),
        ("A" * (pictures.PICTURE_BYTES * 4 // 3 + 8), FailureKind.BAD_IMAGE),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_not_base64_is_refused(text: str, kind: FailureKind) -> None:
    with pytest.raises(ProviderError) as refused:
        pictures.decoded(text)
    assert refused.value.kind is kind


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"null", b"1", b'"x"', b'{"a":', b"\xff\xfe\xfa", b"[" * 100_000, b'{"a":1}x'],
)  # fmt: skip
def test_what_is_no_json_object_is_a_bad_response(body: bytes) -> None:
    with pytest.raises(ProviderError) as refused:
        document(body)
    assert refused.value.kind is FailureKind.BAD_RESPONSE


def test_odd_but_valid_json_is_read() -> None:
    assert document(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
    assert document(b'{"a": 1e400, "a": 2}') == {"a": 2}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
paths = st.lists(st.text() | st.integers(-3, 3) | st.sampled_from(["data", "error", "message"]), max_size=4)


@given(value=json_values, path=paths)
def test_no_shape_of_answer_raises(value: Any, path: list[str | int]) -> None:
    found = dig(value, *path)
    assert path or found == value
    assert isinstance(text_at(value, *path), str | None)
    assert isinstance(whole_at(value, *path), int | None)
    assert isinstance(message_of(value), str)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"message": "no"}}, "no"),
        ({"error": "no"}, "no"),
        ({"message": "no"}, "no"),
        ({"detail": "no"}, "no"),
        ({"detail": [{"loc": ["body"], "msg": "no"}]}, "no"),
        ({"title": "Bad Request"}, "Bad Request"),
        ({}, ""),
        ({"error": {"message": 5}}, ""),
    ],
)
def test_finds_the_sentence_in_every_vendors_error(body: dict[str, Any], said: str) -> None:
    assert message_of(body) == said


@given(st.text())
def test_a_message_becomes_one_short_plain_line(text: str) -> None:
    line = plain(text)
    assert len(line) <= 200
    assert line.isprintable()
    assert "\n" not in line


@pytest.mark.parametrize(
    "message",
    [
        "Incorrect API key provided: sk-proj-abcdef1234567890.",
        "Bearer abcdef1234567890 refused",
        "API key AIzaSyA1234567890abcdef not valid",
    ],
)
def test_what_looks_like_a_key_is_not_shown(message: str) -> None:
    assert "1234567890" not in plain(message)


async def test_an_error_never_quotes_the_key_or_the_prompt() -> None:
    prompt = "a very private birthday surprise for somebody " * 10
    with pytest.raises(ProviderError) as failed:
        async with exchange(paid=True, deadline=5, hide=("topsecretkey", prompt)):
            raise ProviderError(FailureKind.INVALID, plain(f"Bad prompt: {prompt} (topsecretkey)"))
    assert failed.value.detail == "Bad prompt:…"
    assert "private" not in str(failed.value)


def test_a_provider_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(ProviderError(FailureKind.RATE_LIMITED, "slow down", 7.0, "req_1")))  # noqa: S301
    assert (error.kind, error.detail, error.retry_after, error.request_id) == (
        FailureKind.RATE_LIMITED,
        "slow down",
        7.0,
        "req_1",
    )


def test_a_reference_keeps_what_is_known() -> None:
    text = references.written(link="https://x/y", seed=0, usd_micros=None)
    assert references.read(text) == {"link": "https://x/y", "seed": 0}


@pytest.mark.parametrize("damaged", ["", "{", "[]", "null", "5"])
def test_a_damaged_reference_is_our_own_fault(damaged: str) -> None:
    with pytest.raises(ProviderError) as refused:
        references.read(damaged)
    assert refused.value.kind is FailureKind.INTERNAL


def test_a_model_near_its_end_says_so_and_names_its_successor() -> None:
    flash = spec("gemini-2.5-flash-image")
    ends = date(2027, 3, 15)
    assert sunset_notice(flash, ends - timedelta(days=31)) is None
    assert sunset_notice(flash, ends - timedelta(days=30)) == (
        "Gemini 2.5 Flash Image ends on 15 March 2027; Nano Banana 2.1 follows it."
    )
    said = sunset_notice(flash, ends + timedelta(days=1))
    assert said is not None
    assert "ended on" in said
    assert sunset_notice(spec("flux-2-pro"), ends) is None


def test_every_model_is_complete() -> None:
    names = [model.model for model in all_specs()]
    assert len(set(names)) == len(names)
    for model in all_specs():
        assert model.default_tier in model.tiers
        assert set(model.sizes) == set(model.tiers)
        assert model.successor is None or model.successor in names
        assert model.price_source
        assert model.usual_seconds > 0
