"""The judge of wire formats: it must see what is wrong, and say so plainly."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runtz_sim.conformance.allowances import Allowance
from runtz_sim.conformance.documents import Document, load
from runtz_sim.conformance.judging import Check, Judge
from runtz_sim.conformance.recording import Exchange

CONTENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/v1/paint": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Wish"}},
                        "multipart/form-data": {"schema": {"$ref": "#/components/schemas/Wish"}},
                    }
                },
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/State"}},
                            "text/event-stream": {"schema": {"$ref": "#/components/schemas/Event"}},
                        }
                    },
                    "400": {},
                },
            }
        },
        "/v1/paint/{picture}": {"get": {"responses": {"200": {}}}},
    },
    "components": {
        "schemas": {
            "Wish": {
                "type": "object",
                "required": ["prompt"],
                "properties": {
                    "prompt": {"type": "string"},
                    "n": {"$ref": "#/components/schemas/Number"},
                    "style": {"type": "string", "enum": ["ink"], "nullable": True},
                    "files": {"type": "array", "items": {"type": "string"}},
                },
            },
            "Number": {"type": "integer", "nullable": True, "minimum": 1},
            "State": {
                "type": "object",
                "required": ["status"],
                "properties": {
                    "status": {"type": "string", "enum": ["Ready"]},
                    "link": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                },
            },
            "Event": {
                "anyOf": [{"$ref": "#/components/schemas/Early"}, {"$ref": "#/components/schemas/Late"}]
            },
            "Early": {
                "type": "object",
                "required": ["index"],
                "properties": {"type": {"enum": ["early"]}, "index": {"type": "integer"}},
            },
            "Late": {"type": "object", "required": ["cost"], "properties": {"type": {"enum": ["late"]}}},
        }
    },
}


def exchange(
    *,
    request: object = None,
    answer: object = None,
    status: int = 200,
    method: str = "POST",
    path: str = "/flux/v1/paint",
    sound: bool = True,
    request_type: str = "application/json",
    answer_type: str = "application/json",
) -> Exchange:
    request = {"prompt": "a fox"} if request is None else request
    answer = {"status": "Ready"} if answer is None else answer
    return Exchange(
        case="a case",
        sound=sound,
        method=method,
        path=path,
        request_type=request_type,
        request_body=request if isinstance(request, bytes) else json.dumps(request).encode(),
        status=status,
        answer_type=answer_type,
        answer_body=answer if isinstance(answer, bytes) else json.dumps(answer).encode(),
    )


def judged(
    *exchanges: Exchange, allowances: tuple[Allowance, ...] = ()
) -> tuple[list[Check], list[Allowance]]:
    judge = Judge([Document("bfl", CONTENT)], allowances)
    checks = [check for one in exchanges for check in judge.checks(one)]
    return checks, judge.unneeded()


def complaints(*exchanges: Exchange, allowances: tuple[Allowance, ...] = ()) -> list[str]:
    return [text for check in judged(*exchanges, allowances=allowances)[0] for text in check.violations]


@pytest.mark.parametrize(
    "sound",
    [
        exchange(),
        exchange(request={"prompt": "a fox", "n": None, "style": None}),
        exchange(
            request={"prompt": "a fox", "n": 2, "style": "ink"}, answer={"status": "Ready", "link": None}
        ),
        exchange(status=400, answer=b""),
        exchange(request={}, sound=False),
        exchange(method="GET", path="/flux/v1/paint/7"),
        exchange(path="/gemini/v1/paint", request={}),
    ],
)
def test_what_is_as_documented_passes(sound: Exchange) -> None:
    assert complaints(sound) == []


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (exchange(request={}), "$: 'prompt' is a required"),
        (exchange(request={"prompt": 7}), "$.prompt: 7 is not"),
        (exchange(request={"prompt": "a fox", "n": 0}), "$.n: 0 is less"),
        (exchange(request={"prompt": "a fox", "style": "oil"}), "$.style: 'oil'"),
        (exchange(answer={}), "$: 'status' is a required"),
        (exchange(answer={"status": "Done"}), "$.status: 'Done'"),
        (exchange(answer={"status": "Ready", "link": 7}), "$.link: 7 is not"),
        (exchange(status=418), "status 418 is not documented"),
        (exchange(path="/flux/v1/draw"), "the document has no such route"),
        (exchange(method="PUT"), "the document has no such route"),
        (exchange(request_type="text/plain"), "text/plain is not documented"),
        (exchange(answer_type="text/html"), "text/html is not documented"),
    ],
)
def test_what_is_not_as_documented_is_named(wrong: Exchange, path: str) -> None:
    (complaint,) = complaints(wrong)
    assert complaint.startswith(path)


def test_each_event_of_a_stream_is_held_to_its_own_schema() -> None:
    body = b'data: {"type":"early","index":0}\n\ndata: {"type":"late"}\n\n'
    assert complaints(exchange(answer=body, answer_type="text/event-stream")) == [
        "$: 'cost' is a required property"
    ]


def test_a_form_is_read_as_the_object_it_stands_for() -> None:
    lines = []
    for head, value in (('name="prompt"', "7"), ('name="n"', "0"), ('name="files[]"; filename="a.png"', "x")):
        lines += ["--line", f"Content-Disposition: form-data; {head}", "", value]
    body = "\r\n".join([*lines, "--line--", ""]).encode()
    form = exchange(request=body, request_type="multipart/form-data; boundary=line")
    assert complaints(form) == ["$.n: 0 is less than the minimum of 1"]


NEWER = (
    Allowance(
        document="bfl", about="value", where="POST /v1/paint answer $.status", value="Done", why="newer"
    ),
    Allowance(document="bfl", about="status", where="* 418", why="not listed"),
    Allowance(document="bfl", about="route", where="* /v1/draw", why="newer"),
)


def test_known_differences_pass_and_are_accounted_for() -> None:
    wrong = [exchange(answer={"status": "Done"}), exchange(status=418), exchange(path="/flux/v1/draw")]
    checks, unneeded = judged(*wrong, allowances=NEWER)
    assert [check.violations for check in checks if check.violations] == []
    assert unneeded == []


def test_an_allowance_nobody_needs_is_reported() -> None:
    assert judged(exchange(status=418), allowances=NEWER)[1] == [NEWER[0], NEWER[2]]


def test_an_allowance_covers_its_value_and_nothing_else() -> None:
    assert complaints(exchange(answer={"status": "Over"}), allowances=NEWER) != []
    assert complaints(exchange(answer={"status": None}), allowances=NEWER) != []


def test_documents_are_known_by_their_file_names(tmp_path: Path) -> None:
    for name in ("bfl", "unheard-of"):
        (tmp_path / f"{name}.openapi.json").write_text(json.dumps(CONTENT))
    documents, others = load(tmp_path)
    assert ([document.name for document in documents], others) == (["bfl"], ["unheard-of"])


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "runtz_sim.conformance", *arguments]
    return subprocess.run(call, capture_output=True, text=True, timeout=120, check=False)


def test_a_folder_without_documents_is_one_sentence(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        ended = command(str(folder))
        assert (ended.returncode, ended.stdout) == (2, "")
        assert str(folder) in ended.stderr
        assert ended.stderr.count("\n") == 1


def test_a_document_that_says_otherwise_fails_the_command(tmp_path: Path) -> None:
    (tmp_path / "ideogram.openapi.json").write_text(json.dumps(CONTENT))
    (tmp_path / "unheard-of.openapi.json").write_text("{}")
    ended = command(str(tmp_path))
    assert ended.returncode == 1, ended.stderr
    lines = ended.stdout.splitlines()
    assert lines[0].startswith("unheard-of  not judged")
    assert any("POST /v1/ideogram-v3/generate  route" in line and "VIOLATION" in line for line in lines)
    assert any("NOT NEEDED" in line for line in lines)
    count, violations, unneeded = (int(part.split()[0]) for part in lines[-1].split(", "))
    assert count >= violations > 0 < unneeded
