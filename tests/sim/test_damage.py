"""Faults of the connection, the body and the picture, at every stage of every vendor."""

import base64
import itertools
import json
from typing import Any

import httpx
import pytest

from runtz_sim.damage import ESSENTIAL
from runtz_sim.faults import BODY_KINDS, FaultKind, Stage
from runtz_sim.vendors import VENDORS
from tests.sim import buying
from tests.sim.reading import described
from tests.sim.simulator import Simulator

NEVER = {"seconds": 3600}


def places(*kinds: FaultKind) -> list[Any]:
    """Every (vendor, kind, stage) that exists for these kinds."""
    return [
        pytest.param(vendor.name, kind, stage, id=f"{vendor.name}-{kind}-{stage}")
        for vendor, kind in itertools.product(VENDORS, kinds)
        for stage in vendor.stages_of(kind)
    ]


def struck(
    simulator: Simulator, http: httpx.Client, vendor: str, kind: FaultKind, stage: Stage, **options: Any
) -> httpx.Request:
    """Arm a fault and give the request it will strike."""
    simulator.arm(vendor, kind, where=stage, options=options)
    match stage:
        case Stage.ORDER:
            return buying.order(vendor)
        case Stage.POLL:
            return buying.poll(vendor, buying.sent(http, buying.order(vendor)).json())
        case Stage.PICTURE:
            return buying.picture(vendor, http)
        case Stage.FREE:
            return buying.free(vendor)


@pytest.mark.parametrize(("vendor", "kind", "stage"), places(FaultKind.SLOW, FaultKind.SILENCE))
def test_nothing_comes(
    simulator: Simulator, http: httpx.Client, vendor: str, kind: FaultKind, stage: Stage
) -> None:
    request = struck(simulator, http, vendor, kind, stage, **NEVER)
    http.timeout = httpx.Timeout(10, read=0.1)
    with pytest.raises(httpx.ReadTimeout):
        buying.sent(http, request)


@pytest.mark.parametrize(("vendor", "kind", "stage"), places(FaultKind.DRIP))
def test_the_body_drips(
    simulator: Simulator, http: httpx.Client, vendor: str, kind: FaultKind, stage: Stage
) -> None:
    answer = buying.sent(http, struck(simulator, http, vendor, kind, stage, **NEVER), stream=True)
    first = next(answer.iter_raw())
    answer.close()
    assert answer.status_code == 200
    assert len(first) == 1 < int(answer.headers["content-length"])


@pytest.mark.parametrize(("vendor", "kind", "stage"), places(FaultKind.RESET))
def test_the_connection_is_reset(
    simulator: Simulator, http: httpx.Client, vendor: str, kind: FaultKind, stage: Stage
) -> None:
    request = struck(simulator, http, vendor, kind, stage)
    with pytest.raises(httpx.ReadError) as failed:
        buying.sent(http, request)
    assert "reset" in str(failed.value).lower()


@pytest.mark.parametrize(
    ("vendor", "kind", "stage"), places(FaultKind.RESET_MID_BODY, FaultKind.SHORT_IMAGE_CONTENT_LENGTH)
)
def test_the_body_ends_halfway(
    simulator: Simulator, http: httpx.Client, vendor: str, kind: FaultKind, stage: Stage
) -> None:
    request = struck(simulator, http, vendor, kind, stage)
    answer = buying.sent(http, request, stream=True)
    expected = httpx.ReadError if kind is FaultKind.RESET_MID_BODY else httpx.RemoteProtocolError
    with pytest.raises(expected):
        answer.read()
    assert answer.status_code == 200
    assert answer.num_bytes_downloaded < int(answer.headers["content-length"])


@pytest.mark.parametrize(("vendor", "kind", "stage"), places(FaultKind.HTML_502, FaultKind.HTML_200))
def test_a_web_page_comes_instead(
    simulator: Simulator, http: httpx.Client, vendor: str, kind: FaultKind, stage: Stage
) -> None:
    answer = buying.sent(http, struck(simulator, http, vendor, kind, stage))
    assert answer.status_code == int(kind.rpartition("_")[2])
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.startswith("<html>")


@pytest.mark.parametrize(("vendor", "kind", "stage"), places(FaultKind.ENDLESS_BODY))
def test_the_body_has_no_end(
    simulator: Simulator, http: httpx.Client, vendor: str, kind: FaultKind, stage: Stage
) -> None:
    answer = buying.sent(http, struck(simulator, http, vendor, kind, stage), stream=True)
    assert "content-length" not in answer.headers
    for _ in answer.iter_raw():
        if answer.num_bytes_downloaded > 4_000_000:
            break
    answer.close()
    assert http.get("/healthz").status_code == 200


@pytest.mark.parametrize(("vendor", "kind", "stage"), places(FaultKind.ENDLESS_BODY))
def test_the_headers_have_no_end(
    simulator: Simulator, http: httpx.Client, vendor: str, kind: FaultKind, stage: Stage
) -> None:
    request = struck(simulator, http, vendor, kind, stage, part="headers")
    with pytest.raises(httpx.RemoteProtocolError, match="too long"):
        buying.sent(http, request)


@pytest.mark.parametrize(("vendor", "kind", "stage"), places(FaultKind.REDIRECT))
def test_it_points_elsewhere(
    simulator: Simulator, http: httpx.Client, vendor: str, kind: FaultKind, stage: Stage
) -> None:
    answer = buying.sent(http, struck(simulator, http, vendor, kind, stage, url="http://127.0.0.1:9/inside"))
    assert (answer.status_code, answer.headers["location"]) == (302, "http://127.0.0.1:9/inside")


@pytest.mark.parametrize(
    ("vendor", "kind", "stage"), places(FaultKind.MALFORMED_JSON, FaultKind.TRUNCATED_JSON)
)
def test_the_json_cannot_be_read(
    simulator: Simulator, http: httpx.Client, vendor: str, kind: FaultKind, stage: Stage
) -> None:
    answer = buying.sent(http, struck(simulator, http, vendor, kind, stage))
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"line 1 column"):
        answer.json()


@pytest.mark.parametrize(("vendor", "kind", "stage"), places(FaultKind.MISSING_FIELDS, FaultKind.NULL_FIELDS))
def test_the_fields_that_matter_are_gone(
    simulator: Simulator, http: httpx.Client, vendor: str, kind: FaultKind, stage: Stage
) -> None:
    body = buying.sent(http, struck(simulator, http, vendor, kind, stage)).json()
    assert not any(body.get(name) for name in ESSENTIAL)
    assert bool(ESSENTIAL & set(body)) is (kind is FaultKind.NULL_FIELDS)


@pytest.mark.parametrize("vendor", ["openai", "gemini"])
@pytest.mark.parametrize("kind", sorted(BODY_KINDS))
def test_in_a_stream_it_is_the_last_event_that_is_damaged(
    simulator: Simulator, http: httpx.Client, vendor: str, kind: FaultKind
) -> None:
    simulator.arm(vendor, kind)
    answer = buying.sent(http, buying.order(vendor, stream=True))
    assert answer.headers["content-type"].startswith("text/event-stream")
    *sound, last = [event.strip() for event in answer.text.split("data: ")[1:]]
    for event in sound if kind is not FaultKind.TRUNCATED_JSON else []:
        assert json.loads(event.partition("\n")[0])
    if kind in (FaultKind.MISSING_FIELDS, FaultKind.NULL_FIELDS):
        assert not any(json.loads(last).get(name) for name in ESSENTIAL)
    else:
        with pytest.raises(ValueError, match=r"line 1 column"):
            json.loads(last)


def inside(vendor: str, body: dict[str, Any]) -> str:
    """The base64 of the picture in an answer."""
    if vendor == "gemini":
        return str(body["candidates"][0]["content"]["parts"][-1]["inlineData"]["data"])
    return str(body["data"][0]["b64_json"])


def received(simulator: Simulator, http: httpx.Client, vendor: str, kind: FaultKind, **options: str) -> bytes:
    """The picture's bytes under a fault, from the answer or from behind its link."""
    if any(one.inline for one in VENDORS if one.name == vendor):
        simulator.arm(vendor, kind, options=options)
        return base64.b64decode(inside(vendor, buying.sent(http, buying.order(vendor)).json()))
    answer = buying.sent(http, struck(simulator, http, vendor, kind, Stage.PICTURE, **options))
    assert answer.headers["content-type"] == ("image/jpeg" if vendor == "flux" else "image/png")
    return answer.content


ALL = pytest.mark.parametrize("vendor", [vendor.name for vendor in VENDORS])


@ALL
@pytest.mark.parametrize(("sends", "start"), [("svg", b"<svg"), ("html", b"<html>")])
def test_the_declared_type_is_a_lie(
    simulator: Simulator, http: httpx.Client, vendor: str, sends: str, start: bytes
) -> None:
    assert received(simulator, http, vendor, FaultKind.WRONG_MIME, sends=sends).startswith(start)


@ALL
def test_another_picture_format_than_declared(simulator: Simulator, http: httpx.Client, vendor: str) -> None:
    format_name, _ = described(received(simulator, http, vendor, FaultKind.WRONG_MIME))
    assert format_name == ("PNG" if vendor == "flux" else "JPEG")


@ALL
def test_not_a_picture_at_all(simulator: Simulator, http: httpx.Client, vendor: str) -> None:
    assert received(simulator, http, vendor, FaultKind.NOT_AN_IMAGE).isascii()


@ALL
def test_a_picture_cut_short(simulator: Simulator, http: httpx.Client, vendor: str) -> None:
    with pytest.raises(OSError, match="truncated"):
        described(received(simulator, http, vendor, FaultKind.TRUNCATED_IMAGE))


@ALL
def test_a_few_bytes_that_unpack_to_95_megapixels(
    simulator: Simulator, http: httpx.Client, vendor: str
) -> None:
    data = received(simulator, http, vendor, FaultKind.BOMB_IMAGE)
    assert len(data) < 20_000
    assert int.from_bytes(data[16:20], "big") * int.from_bytes(data[20:24], "big") == 95_000_000


@pytest.mark.parametrize("vendor", [vendor.name for vendor in VENDORS if vendor.inline])
def test_base64_that_is_none(simulator: Simulator, http: httpx.Client, vendor: str) -> None:
    simulator.arm(vendor, FaultKind.BAD_BASE64)
    text = inside(vendor, buying.sent(http, buying.order(vendor)).json())
    with pytest.raises(ValueError, match="base64"):
        base64.b64decode(text, validate=True)


LINKED = pytest.mark.parametrize("vendor", [vendor.name for vendor in VENDORS if vendor.links])


@LINKED
@pytest.mark.parametrize(
    ("kind", "status"),
    [(FaultKind.EXPIRED_LINK, 403), (FaultKind.SERVER_ERROR, 500), (FaultKind.UNAVAILABLE, 503)],
)
def test_a_link_that_does_not_give_its_picture(
    simulator: Simulator, http: httpx.Client, vendor: str, kind: FaultKind, status: int
) -> None:
    assert buying.sent(http, struck(simulator, http, vendor, kind, Stage.PICTURE)).status_code == status


@LINKED
def test_a_picture_packed_as_a_gzip_bomb(simulator: Simulator, http: httpx.Client, vendor: str) -> None:
    request = struck(simulator, http, vendor, FaultKind.GZIP_IMAGE, Stage.PICTURE)
    answer = buying.sent(http, request, stream=True)
    assert answer.headers["content-encoding"] == "gzip"
    assert len(b"".join(answer.iter_raw())) < 100_000
